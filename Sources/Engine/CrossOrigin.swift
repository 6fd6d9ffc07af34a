// CrossOrigin.swift: which other origins' pages may call an endpoint, told to their browsers.
//
// Source: Fetch, section 3.3 "CORS protocol". The page's origin is named only when the endpoint names it; without the
// fields a browser keeps the answer from the page. No credentials: an endpoint knows no cookies.
// Neighbours: EndpointCall.swift.

internal import Language
internal import Transport
internal import Wire

enum CrossOrigin {
    private static let originField = "access-control-allow-origin"
    private static let preflightSeconds = "600"

    /// What an answer of this endpoint to this request carries; nothing for an endpoint without `cors`.
    static func fields(for request: HTTPRequest, _ endpoint: CompiledEndpoint) -> [(name: String, value: String)] {
        guard !endpoint.origins.isEmpty else { return [] }
        if endpoint.origins == ["*"] { return [(originField, "*")] }
        // The answer differs by origin, and caches are told so.
        guard let origin = request.headers["origin"], endpoint.origins.contains(origin) else {
            return [("vary", "origin")]
        }
        return [(originField, origin), ("vary", "origin")]
    }

    /// Answers a browser's question whether the page may send this request; false when it is none, or nobody may.
    static func answerPreflight(_ request: HTTPRequest, _ response: HTTPResponder, _ deployment: Deployment) -> Bool {
        guard request.method == .options, request.headers.contains("origin"),
            let method = request.headers["access-control-request-method"],
            let match = deployment.endpoints.match(method: method, path: request.path)
        else { return false }
        let fields = fields(for: request, deployment.compiled.endpoints[match.endpoint])
        guard fields.contains(where: { $0.name == originField }) else { return false }
        var headers = fields + [("access-control-allow-methods", method), ("access-control-max-age", preflightSeconds)]
        if let asked = request.headers["access-control-request-headers"] {
            headers.append(("access-control-allow-headers", asked))
        }
        response.respond(status: 204, headers: headers, body: [])
        return true
    }
}
