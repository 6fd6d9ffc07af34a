// AppChannel.swift: what the sidecar calls on the app, told apart by its request line and checked by its token.
//
// Law: a delivery has a path of its own, so that the topic is known before the body is read; a request that another
// app sent through the sidecars is an invocation wherever it goes (docs/decisions/0003). Pure: makes no reply.
// Neighbours: AppReplies.swift (the fixed replies), EventEnvelope.swift (checks what is delivered).

internal import DaprContract
internal import Machine
package import Transport
internal import Wire

/// One request on the app channel, by kind.
package enum AppCall: Sendable, Equatable {
    /// `GET /dapr/config`
    case configuration
    /// `GET /dapr/subscribe`
    case subscribe
    /// `GET /healthz`; needs no token
    case health
    /// One event of this topic, whether or not it is still subscribed.
    case delivery(pubsub: String, topic: String)
    /// Several events of this topic.
    case bulk(pubsub: String, topic: String)
    /// A job of this name is due.
    case job(name: String)
    /// Another app's request to an endpoint of this one.
    case invocation
    /// The token is missing or wrong.
    case unauthorized
}

/// The app's side of the sidecar's calls, over HTTP.
package struct AppChannel: Sendable {
    /// Deliveries are asked for at this path and two segments in `TopicSegment`'s code.
    package static let deliveryPrefix = "/dapr/events/"
    /// Bulk deliveries have a path of their own: which of the two a body is, is never guessed, and a sidecar that asked
    /// for subscriptions before a reload changed them is understood all the same.
    package static let bulkPrefix = "/dapr/bulk/"

    private let appToken: [UInt8]?

    /// - Parameter appToken: what every call but a health probe must carry as `dapr-api-token`; nil demands nothing.
    package init(appToken: String?) {
        self.appToken = appToken.map { Array($0.utf8) }
    }

    /// Where events of a topic are to be delivered.
    package static func deliveryPath(pubsub: String, topic: String) -> String {
        "\(deliveryPrefix)\(TopicSegment.encode(pubsub))/\(TopicSegment.encode(topic))"
    }

    /// Where a subscription's events are to be delivered.
    package static func path(of subscription: AppSubscription) -> String {
        let prefix = subscription.bulk == nil ? deliveryPrefix : bulkPrefix
        return "\(prefix)\(TopicSegment.encode(subscription.pubsub))/\(TopicSegment.encode(subscription.topic))"
    }

    package func classify(_ request: HTTPRequest) -> AppCall {
        let path = request.path
        if request.method == .get, path == AppPath.healthz { return .health }
        guard isTrusted(request) else { return .unauthorized }
        if request.method == .post, path.utf8.starts(with: AppPath.job.utf8), let name = Self.jobName(request) {
            return .job(name: name)
        }
        guard path.utf8.starts(with: "/dapr/".utf8), !request.headers.contains(HeaderName.callerAppID) else {
            return .invocation
        }
        switch (request.method, path) {
        case (.get, AppPath.configuration): return .configuration
        case (.get, AppPath.subscribe): return .subscribe
        case (.post, _):
            if let (pubsub, topic) = Self.topic(at: path, behind: Self.deliveryPrefix) {
                return .delivery(pubsub: pubsub, topic: topic)
            }
            guard let (pubsub, topic) = Self.topic(at: path, behind: Self.bulkPrefix) else { return .invocation }
            return .bulk(pubsub: pubsub, topic: topic)
        default: return .invocation
        }
    }

    private static func jobName(_ request: HTTPRequest) -> String? {
        guard !request.headers.contains(HeaderName.callerAppID), let segments = request.head.pathSegments,
            segments.count == 2, !segments[1].isEmpty
        else { return nil }
        return segments[1]
    }

    /// The name that an input binding would have that calls this, or asks whether it may; nil for what is none.
    package func bindingName(_ request: HTTPRequest) -> String? {
        guard request.method == .post || request.method == .options,
            !request.headers.contains(HeaderName.callerAppID), let segments = request.head.pathSegments,
            segments.count == 1
        else { return nil }
        return segments[0]
    }

    private static func topic(at path: String, behind prefix: String) -> (pubsub: String, topic: String)? {
        // Over bytes: this runs for every event, and Characters cost twenty times as much.
        let bytes = path.utf8
        guard bytes.starts(with: prefix.utf8) else { return nil }
        let rest = bytes.dropFirst(prefix.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let (first, second) = (rest[..<slash], rest[rest.index(after: slash)...])
        guard !first.isEmpty, !second.isEmpty, !second.contains(UInt8(ascii: "/")),
            let pubsub = TopicSegment.decode(Substring(first)), let topic = TopicSegment.decode(Substring(second))
        else { return nil }
        return (pubsub, topic)
    }

    private func isTrusted(_ request: HTTPRequest) -> Bool {
        guard let appToken else { return true }
        return isEqualInConstantTime(Array((request.headers[HeaderName.apiToken] ?? "").utf8), appToken)
    }
}
