// SidecarClient.swift: the sidecar's HTTP API, over the pooled connections of one loop.
//
// Adds the token and the trace to a call, sends it, hands back the reply unread. One per loop; never shared.
// Neighbours: SidecarCall.swift (what can be asked), SidecarReply.swift (what came).

internal import DaprContract
package import Machine
internal import Synchronization
package import Transport
internal import Wire

/// SAFETY: the port is atomic, all else is constant; the HTTP client asserts that calls come from its loop.
package final class SidecarClient: @unchecked Sendable {
    package let endpoint: SidecarEndpoint
    let http: HTTPClient
    private let port: Atomic<Int>

    package init(client: HTTPClient, endpoint: SidecarEndpoint) {
        http = client
        self.endpoint = endpoint
        port = Atomic(Int(endpoint.port))
    }

    /// Another port from now on: a sidecar on any free port tells its own only when it has started.
    package func use(port: Int) { self.port.store(port, ordering: .releasing) }

    /// Sends a call; `completion` gets the reply once, on the loop, later than this returns.
    ///
    /// - Parameters:
    ///   - traceparent: W3C trace context to go on with; nil starts none.
    ///   - deadlineNanoseconds: on the loop's monotonic clock.
    package func perform(
        _ call: SidecarCall, traceparent: String?, deadlineNanoseconds: UInt64,
        completion: @escaping (SidecarReply) -> Void
    ) {
        http.send(request(call, traceparent), deadlineNanoseconds: deadlineNanoseconds) { result in
            completion(SidecarReply(kind: call.kind, result: result))
        }
    }

    func request(_ call: SidecarCall, _ traceparent: String?) -> HTTPClientRequest {
        var headers = call.headers
        if let token = endpoint.apiToken { headers.append((HeaderName.apiToken, token)) }
        if let traceparent, !headers.contains(where: { $0.name == HeaderName.traceparent }) {
            headers.append((HeaderName.traceparent, traceparent))
        }
        return HTTPClientRequest(
            origin: HTTPOrigin(host: endpoint.host, port: port.load(ordering: .acquiring)),
            method: call.method, target: call.target, headers: headers,
            body: call.body,
            isIdempotent: call.isRepeatable)
    }

    // MARK: - for cold code, from any task

    /// A secret's keys and values, in their order; a store that holds one value a secret gives it under its name.
    package func secret(
        store: String, name: String, within limit: Duration
    ) async throws(EffectFailure) -> [(key: String, value: String)] {
        let call = SidecarCall.secret(store: store, name: name)
        return try Self.entries(try await send(call, within: limit), of: call)
    }

    /// The same from the event path: `completion` is called once, on the loop.
    package func secret(
        store: String, name: String, deadlineNanoseconds: UInt64,
        completion: @escaping (Result<[String: String], EffectFailure>) -> Void
    ) {
        let call = SidecarCall.secret(store: store, name: name)
        perform(call, traceparent: nil, deadlineNanoseconds: deadlineNanoseconds) { reply in
            completion(
                Result { () throws(EffectFailure) in
                    let entries = try Self.entries(try reply.response(), of: call)
                    return Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
                })
        }
    }

    /// A document's bytes, from wherever the sidecar gets them; `completion` is called once, on the loop.
    package func document(
        origin: String, path: String, deadlineNanoseconds: UInt64,
        completion: @escaping (Result<[UInt8], EffectFailure>) -> Void
    ) {
        let call = SidecarCall.document(origin: origin, path: path)
        perform(call, traceparent: nil, deadlineNanoseconds: deadlineNanoseconds) { reply in
            completion(Result { () throws(EffectFailure) in try reply.response().body.bytes })
        }
    }

    private static func entries(
        _ response: HTTPClientResponse, of call: SidecarCall
    ) throws(EffectFailure) -> [(key: String, value: String)] {
        guard let members = try json(response, of: call).members, !members.isEmpty else {
            throw EffectFailure(.internal, "cannot \(call.kind.purpose): the reply holds no secret")
        }
        var found: [(key: String, value: String)] = []
        for member in members {
            guard let text = member.value.string else {
                throw EffectFailure(
                    .internal, "cannot \(call.kind.purpose): its key `\(member.key)` is no string")
            }
            found.append((member.key, text))
        }
        return found
    }

    /// What the sidecar says of itself: components, and the subscriptions that it really took.
    package func metadata(within limit: Duration) async throws(EffectFailure) -> JSON {
        try Self.json(try await send(.metadata, within: limit), of: .metadata)
    }

    /// One question whether the sidecar's APIs work yet. Needs no token.
    package func isReady(within limit: Duration) async throws(EffectFailure) {
        _ = try await send(.health, within: limit)
    }

    private static func json(_ response: HTTPClientResponse, of call: SidecarCall) throws(EffectFailure)
        -> JSON
    {
        do throws(JSONError) {
            return try JSON.parse(response.body.bytes)
        } catch {
            throw EffectFailure(.internal, "cannot \(call.kind.purpose): the reply is not JSON: \(error)")
        }
    }

    func send(_ call: SidecarCall, within limit: Duration) async throws(EffectFailure)
        -> HTTPClientResponse
    {
        let result: HTTPClient.Reply
        do throws(HTTPClientError) {
            result = .success(try await http.send(request(call, nil), within: limit))
        } catch {
            result = .failure(error)
        }
        return try SidecarReply(kind: call.kind, result: result).response()
    }
}
