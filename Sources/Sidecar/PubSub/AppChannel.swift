// AppChannel.swift: the sidecar's calls of its app: configuration, subscriptions, events.
//
// On the sidecar's loop. Source: contract 1.1 (headers of every call), 1.4 (delivery).

internal import DaprContract
internal import Transport
internal import Wire

/// SAFETY: immutable; the client asserts that it is used on its loop.
final class AppChannel: @unchecked Sendable {
    let appID: String
    let origin: HTTPOrigin
    let client: HTTPClient
    private let appToken: String?

    init(appID: String, origin: HTTPOrigin, appToken: String?, client: HTTPClient) {
        self.appID = appID
        self.origin = origin
        self.client = client
        self.appToken = appToken.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `GET /dapr/config` and `GET /dapr/subscribe`.
    func ask(_ path: String, within limit: Duration) async -> HTTPClient.Reply {
        let headers = withToken([
            (HeaderName.contentType, MediaType.json), (HeaderName.appID, appID),
        ])
        let request = HTTPClientRequest(origin: origin, method: .get, target: path, headers: headers)
        do {
            return .success(try await client.send(request, within: limit))
        } catch {
            return .failure(error)
        }
    }

    /// Asks by OPTIONS whether the app wants a binding; nil when it does not answer.
    func ask(_ target: String, within limit: Duration, _ completion: @escaping (Int?) -> Void) {
        let request = HTTPClientRequest(origin: origin, method: .options, target: target, headers: withToken([]))
        send(request, within: limit) { status, _ in completion(status) }
    }

    /// Posts JSON, or nothing; `completion` is called on the loop with the status, or nil and why there is none.
    func post(
        _ path: String, _ body: [UInt8], within limit: Duration, _ completion: @escaping (Int?, String) -> Void
    ) {
        let request = HTTPClientRequest(
            origin: origin, method: .post, target: AppChannel.target(path),
            headers: withToken([
                (HeaderName.contentType, MediaType.json),
                (HeaderName.traceparent, TraceContext(continuing: HeaderFields()).traceparent),
            ]),
            body: body, isIdempotent: true)
        send(request, within: limit, completion)
    }

    private func send(
        _ request: HTTPClientRequest, within limit: Duration, _ completion: @escaping (Int?, String) -> Void
    ) {
        client.send(request, deadlineNanoseconds: client.loop.nowNanoseconds &+ limit.wholeNanoseconds) { reply in
            switch reply {
            case .success(let response): completion(response.status, "the app answered \(response.status)")
            case .failure(let error): completion(nil, error.description)
            }
        }
    }

    /// Posts one event; `completion` is called on the loop.
    func deliver(
        _ body: [UInt8], of message: BrokerMessage, for subscription: Subscription, within limit: Duration,
        _ completion: @escaping (DeliveryVerdict) -> Void
    ) {
        var headers: [(name: String, value: String)] = [
            (HeaderName.contentType, MediaType.cloudEvent), (HeaderName.pubsubName, subscription.pubsubName),
            (HeaderName.traceparent, message.event.traceparent),
        ]
        if let state = message.event.tracestate, !state.isEmpty {
            headers.append((HeaderName.tracestate, state))
        }
        for (name, value) in message.metadata where Self.isForwardable(name, value) {
            headers.append((name.lowercased(), value))
        }
        // An event may come twice anyway, so a kept connection that the app closed meanwhile may be replaced.
        let request = HTTPClientRequest(
            origin: origin, method: .post, target: AppChannel.target(subscription.path),
            headers: withToken(headers),
            body: body, isIdempotent: true)
        let deadline = client.loop.nowNanoseconds &+ limit.wholeNanoseconds
        client.send(request, deadlineNanoseconds: deadline) { reply in
            switch reply {
            case .success(let response):
                completion(DeliveryVerdict(status: response.status, body: response.body.bytes))
            case .failure(let error):
                completion(.retry(status: nil, reason: error.description))
            }
        }
    }

    /// Posts several events; `completion` is called on the loop, with a verdict for each in their order.
    func deliver(
        _ call: BulkCall, for subscription: Subscription, within limit: Duration,
        _ completion: @escaping ([DeliveryVerdict]) -> Void
    ) {
        let request = HTTPClientRequest(
            origin: origin, method: .post, target: AppChannel.target(subscription.path),
            headers: withToken([
                (HeaderName.contentType, MediaType.json), (HeaderName.pubsubName, subscription.pubsubName),
            ]),
            body: call.body, isIdempotent: true)
        let deadline = client.loop.nowNanoseconds &+ limit.wholeNanoseconds
        client.send(request, deadlineNanoseconds: deadline) { reply in
            switch reply {
            case .success(let response):
                completion(call.verdicts(status: response.status, body: response.body.bytes))
            case .failure(let error): completion(call.verdicts(failure: error.description))
            }
        }
    }

    /// A route as a request target; its query stays as it is.
    static func target(_ route: String) -> String {
        let parts = route.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = target(path: parts.first ?? "")
        return parts.count > 1 ? "\(path)?\(parts[1])" : path
    }

    /// A decoded path as a request target: a leading `/`, `.` and `..` resolved, percent-encoded.
    static func target(path: some StringProtocol) -> String {
        var segments: [String] = []
        for segment in path.split(separator: "/") {
            switch segment {
            case ".": break
            case "..": _ = segments.popLast()
            default: segments.append(PercentCoding.segment(String(segment)))
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    private func withToken(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        appToken.map { headers + [(HeaderName.apiToken, $0)] } ?? headers
    }

    /// What would spoil the request line by line, or stands in it already, is left out.
    private static func isForwardable(_ name: String, _ value: String) -> Bool {
        let taken = [
            HeaderName.contentType, HeaderName.pubsubName, HeaderName.traceparent, HeaderName.tracestate,
            HeaderName.apiToken, "content-length", "host", "transfer-encoding", "connection",
        ]
        let isToken =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                48...57 ~= byte || 65...90 ~= byte || 97...122 ~= byte
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        return isToken && !taken.contains(name.lowercased())
            && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
