// APIRoute.swift: which API a request is for, from its method and path alone.
//
// Pure. What is no route of the table is service invocation without an app id, which answers 404 (contract 3.0).

internal import DaprContract
internal import Wire

/// A request's place in the table of routes. Segments are percent-decoded.
enum APIRoute: Equatable {
    case stateGet(store: String, key: String)
    case stateDelete(store: String, key: String)
    case stateSave(store: String)
    case stateBulkGet(store: String)
    case stateTransaction(store: String)
    case stateQuery(store: String)
    case publishBulk(pubsub: String, topic: String)
    case binding(name: String)
    case configuration(store: String)
    case publish(pubsub: String, topic: String)
    /// `path` is what follows `/method/`.
    case invoke(app: String, path: String)
    case secret(store: String, name: String)
    case secretsBulk(store: String)
    case lock(store: String)
    case unlock(store: String)
    case job(JobVerb, name: String)
    case metadata
    case setMetadata(key: String)
    case health
    case healthOutbound
    case shutdown
    case none
    /// The path is not validly percent-encoded.
    case invalid

    init(method: HTTPMethod, path: String) {
        guard let segments = PercentCoding.segments(ofPath: path) else {
            self = .invalid
            return
        }
        let rest = Array(segments.dropFirst())
        if let job = Self.job(method, segments) {
            self = job
            return
        }
        guard let version = segments.first, "/\(version)" == SidecarPath.version else {
            let isAlpha = segments.first.map { "/\($0)" == SidecarPath.alphaVersion } ?? false
            self = isAlpha ? Self.alpha(method, rest) : .none
            return
        }
        switch rest.first {
        case "bindings" where rest.count == 2 && !rest[1].isEmpty && (method == .post || method == .put):
            self = .binding(name: rest[1])
        case "configuration": self = Self.configuration(method, rest)
        case "state": self = Self.state(method, Array(rest.dropFirst()))
        case "publish": self = Self.publish(method, rest)
        case "invoke": self = Self.invoke(rest)
        case "secrets": self = Self.secrets(method, rest)
        case "metadata":
            switch (method, rest.count) {
            case (.get, 1): self = .metadata
            case (.put, 2) where !rest[1].isEmpty: self = .setMetadata(key: rest[1])
            default: self = .none
            }
        case "healthz" where method == .get && rest.count == 1: self = .health
        case "healthz" where method == .get && rest.count == 2 && rest[1] == "outbound":
            self = .healthOutbound
        case "shutdown" where method == .post && rest.count == 1: self = .shutdown
        default: self = .none
        }
    }

    enum JobVerb { case schedule, get, delete }

    /// In both versions of the path.
    private static func job(_ method: HTTPMethod, _ segments: [String]) -> APIRoute? {
        guard segments.count == 3, segments[1] == "jobs",
            ["/\(segments[0])"].contains(where: { $0 == SidecarPath.version || $0 == SidecarPath.alphaVersion })
        else { return nil }
        switch method {
        case .post, .put: return .job(.schedule, name: segments[2])
        case .get: return .job(.get, name: segments[2])
        case .delete: return .job(.delete, name: segments[2])
        default: return nil
        }
    }

    private static func state(_ method: HTTPMethod, _ parts: [String]) -> APIRoute {
        let writes = method == .post || method == .put
        switch parts.count {
        case 1 where writes && !parts[0].isEmpty: return .stateSave(store: parts[0])
        case 2 where writes && parts[1] == SidecarPath.stateBulk: return .stateBulkGet(store: parts[0])
        case 2 where writes && parts[1] == SidecarPath.stateTransaction:
            return .stateTransaction(store: parts[0])
        case 2 where method == .get && !parts[1].isEmpty: return .stateGet(store: parts[0], key: parts[1])
        case 2 where method == .delete && !parts[1].isEmpty:
            return .stateDelete(store: parts[0], key: parts[1])
        default: return .none
        }
    }

    /// What stands under `v1.0-alpha1`, for what has no other place and for those who still ask there.
    private static func alpha(_ method: HTTPMethod, _ rest: [String]) -> APIRoute {
        let writes = method == .post || method == .put
        switch rest.first {
        case "state" where writes && rest.count == 3 && rest[2] == SidecarPath.stateQuery && !rest[1].isEmpty:
            return .stateQuery(store: rest[1])
        case "publish" where rest.dropFirst().first == SidecarPath.publishBulkSegment: return publish(method, rest)
        case "configuration": return configuration(method, rest)
        case "lock" where method == .post && rest.count == 2 && !rest[1].isEmpty: return .lock(store: rest[1])
        case "unlock" where method == .post && rest.count == 2 && !rest[1].isEmpty: return .unlock(store: rest[1])
        default: return .none
        }
    }

    private static func configuration(_ method: HTTPMethod, _ rest: [String]) -> APIRoute {
        method == .get && rest.count == 2 && !rest[1].isEmpty ? .configuration(store: rest[1]) : .none
    }

    /// A topic may hold slashes.
    private static func publish(_ method: HTTPMethod, _ rest: [String]) -> APIRoute {
        guard method == .post || method == .put, rest.count >= 3 else { return .none }
        if rest[1] == SidecarPath.publishBulkSegment, rest.count >= 4 {
            return .publishBulk(pubsub: rest[2], topic: rest.dropFirst(3).joined(separator: "/"))
        }
        return .publish(pubsub: rest[1], topic: rest.dropFirst(2).joined(separator: "/"))
    }

    private static func invoke(_ rest: [String]) -> APIRoute {
        guard rest.count >= 4, rest[2] == SidecarPath.invokeMethod, !rest[1].isEmpty else { return .none }
        return .invoke(app: rest[1], path: rest.dropFirst(3).joined(separator: "/"))
    }

    private static func secrets(_ method: HTTPMethod, _ rest: [String]) -> APIRoute {
        guard method == .get, rest.count == 3, !rest[2].isEmpty else { return .none }
        return rest[2] == SidecarPath.secretsBulk
            ? .secretsBulk(store: rest[1]) : .secret(store: rest[1], name: rest[2])
    }
}
