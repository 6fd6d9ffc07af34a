// HTTPBinding.swift: `bindings.http`: a request to one HTTP address, without TLS.
//
// The operation is the method (`create` is POST); metadata `path` goes behind the component's URL, every other one is a
// header. What is not 2xx is an error unless the component says `errorIfNot2XX: false`. Neighbours: API/BindingsAPI.swift.

internal import DaprContract
internal import Transport
internal import Wire

struct HTTPBinding: Sendable {
    private let origin: HTTPOrigin
    private let path: String
    private let failsUnless2XX: Bool

    /// - Parameter url: `http://host:port/path`; nil when it is none.
    init?(url: String, failsUnless2XX: Bool) {
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, !authority.contains("@"), !rest.contains("?"),
            let port = parts.count == 2 ? Int(parts[1]) : 80, (1...65_535).contains(port)
        else { return nil }
        origin = HTTPOrigin(host: String(parts[0]), port: port)
        path = String(rest.dropFirst(authority.count))
        self.failsUnless2XX = failsUnless2XX
    }

    func perform(
        _ request: BindingRequest, on client: HTTPClient, deadlineNanoseconds: UInt64,
        _ completion: @escaping @Sendable (Result<BindingReply, BindingFailure>) -> Void
    ) {
        let word = request.operation == "create" ? "POST" : request.operation.uppercased()
        guard let method = HTTPMethod(rawValue: word) else {
            return completion(.failure(BindingFailure(reason: "invalid operation: \(request.operation)")))
        }
        let target = path + (request["path"] ?? "")
        var headers: [(name: String, value: String)] = []
        for (name, value) in request.metadata.sorted(by: { $0.key < $1.key }) where name.lowercased() != "path" {
            headers.append((name.lowercased(), value))
        }
        if !request.data.isEmpty, !headers.contains(where: { $0.name == HeaderName.contentType }) {
            headers.append((HeaderName.contentType, MediaType.json))
        }
        let call = HTTPClientRequest(
            origin: origin, method: method, target: target.hasPrefix("/") ? target : "/" + target, headers: headers,
            body: request.payload)
        client.send(call, deadlineNanoseconds: deadlineNanoseconds) { [failsUnless2XX] reply in
            switch reply {
            case .failure(let error): completion(.failure(BindingFailure(reason: error.description)))
            case .success(let response):
                let isGood = (200..<300).contains(response.status)
                guard isGood || !failsUnless2XX else {
                    return completion(.failure(BindingFailure(reason: "received status code \(response.status)")))
                }
                completion(
                    .success(
                        BindingReply(body: response.body.bytes, metadata: ["statusCode": "\(response.status)"])))
            }
        }
    }
}
