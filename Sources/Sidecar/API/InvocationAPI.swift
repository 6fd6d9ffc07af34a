// InvocationAPI.swift: service invocation: from this app to another of the session, headers and bodies as they are.
//
// Source: contract 1.9 and 3.4. There is no second sidecar in between, so Dapr's built-in retries between sidecars
// have nothing to do: an app that cannot be reached is answered at once, as daprd's callee side would.

internal import DaprContract
internal import Transport
internal import Wire

/// SAFETY: immutable; the client asserts that it is used on its loop.
final class InvocationAPI: @unchecked Sendable {
    private let appID: String
    private let namespace: String
    private let apps: AppRegistry
    private let client: HTTPClient
    private let timeout: Duration

    init(appID: String, namespace: String, apps: AppRegistry, client: HTTPClient, timeout: Duration) {
        self.appID = appID
        self.namespace = namespace
        self.apps = apps
        self.client = client
        self.timeout = timeout
    }

    /// No app was named: also the answer to every unknown route.
    static let noAppID = APIError(
        .directInvoke, "failed getting app id either from the URL path or the header \(HeaderName.appID)",
        status: 404)

    /// The app that a request names outside its path: the header `dapr-app-id`, or Basic auth with that user.
    static func namedApp(_ headers: HeaderFields) -> String? {
        if let name = headers[HeaderName.appID], !name.isEmpty { return name }
        guard let given = headers["authorization"], given.lowercased().hasPrefix("basic "),
            let decoded = Base64.decode(Array(given.utf8.dropFirst("basic ".utf8.count)))
        else { return nil }
        let parts = String(decoding: decoded, as: UTF8.self).split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[0] == HeaderName.appID ? String(parts[1]) : nil
    }

    /// - Parameter path: the method's path, percent-decoded; a leading `/` is not needed
    func invoke(
        app name: String, path: String, _ request: HTTPRequest, trace: TraceContext,
        _ completion: @escaping (Result<APIReply, APIError>) -> Void
    ) {
        guard !name.hasPrefix("https://") else {
            return completion(
                .failure(unreachable(name, "the embedded sidecar has no TLS; daprd calls `https://` addresses")))
        }
        guard let target = Self.outside(name) ?? resolve(name) else {
            return completion(
                .failure(
                    unreachable(
                        name,
                        "couldn't find service: \(name); known are: "
                            + apps.appIDs.joined(separator: ", "))))
        }
        let query = request.query.map { "?\($0)" } ?? ""
        let call = HTTPClientRequest(
            origin: HTTPOrigin(host: target.entry.host, port: target.entry.port), method: request.method,
            target: AppChannel.target(path: path) + query,
            headers: headers(of: request, to: target.appID, token: target.entry.appToken, trace: trace),
            body: request.body.bytes)
        let deadline = client.loop.nowNanoseconds &+ timeout.wholeNanoseconds
        client.send(call, deadlineNanoseconds: deadline) { [self] reply in
            switch reply {
            case .success(let response):
                completion(
                    .success(
                        APIReply(
                            status: response.status, headers: Self.endToEnd(response.headers),
                            body: response.body.bytes)))
            case .failure(let error):
                completion(.failure(unreachable(name, error.description)))
            }
        }
    }

    /// `http://host:port` of a server that is no app of the session.
    private static func outside(_ name: String) -> (appID: String, entry: AppRegistry.Entry)? {
        guard name.hasPrefix("http://") else { return nil }
        let authority = name.dropFirst("http://".count)
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, !authority.contains(where: { "/?#@".contains($0) }),
            let port = parts.count == 2 ? Int(parts[1]) : 80, (1...65_535).contains(port)
        else { return nil }
        return (String(authority), AppRegistry.Entry(host: String(parts[0]), port: port))
    }

    /// `id` or `id.namespace`.
    private func resolve(_ name: String) -> (appID: String, entry: AppRegistry.Entry)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let entry = apps.entry(for: String(first)) else {
            return nil
        }
        guard parts.count == 1 || parts[1] == entry.namespace else { return nil }
        return (String(first), entry)
    }

    private func unreachable(_ name: String, _ reason: String) -> APIError {
        APIError(.directInvoke, "failed to invoke, id: \(name), err: \(reason)")
    }

    private func headers(
        of request: HTTPRequest, to callee: String, token: String?, trace: TraceContext
    ) -> [(name: String, value: String)] {
        let restamped = [
            HeaderName.appID, HeaderName.apiToken, HeaderName.callerAppID, HeaderName.callerNamespace,
            HeaderName.calleeAppID, HeaderName.traceparent, HeaderName.tracestate, HeaderName.forwarded,
            HeaderName.forwardedFor, HeaderName.forwardedHost, "host",
        ]
        var headers = Self.endToEnd(request.headers).filter { !restamped.contains($0.name) }
        headers += [
            (HeaderName.callerAppID, appID), (HeaderName.callerNamespace, namespace),
            (HeaderName.calleeAppID, callee), (HeaderName.traceparent, trace.traceparent),
            (HeaderName.forwardedFor, "127.0.0.1"), (HeaderName.forwardedHost, "localhost"),
            (HeaderName.forwarded, "for=127.0.0.1;by=127.0.0.1;host=localhost"),
        ]
        if let state = trace.tracestate { headers.append((HeaderName.tracestate, state)) }
        if let token, !token.isEmpty { headers.append((HeaderName.apiToken, token)) }
        return headers
    }

    /// Without what concerns one connection only, and without what the connection writes itself.
    private static func endToEnd(_ fields: HeaderFields) -> [(name: String, value: String)] {
        let named = fields.values(of: "connection").flatMap { $0.split(separator: ",") }
            .map { $0.filter { !$0.isWhitespace }.lowercased() }
        let left = Set(HeaderName.hopByHop + named + ["content-length", "date", "expect"])
        return fields.all.filter { !left.contains($0.name) }
    }
}
