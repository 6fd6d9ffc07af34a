// RequestValue.swift: an HTTP request as the handler sees it.
//
// Shape (language.md section 9): `{ method, path, params, query, headers, body, raw, claims, caller, peer }`. Params and
// query are strings; headers have lower-case names; the body is JSON, string or bytes by its content type.

internal import Dapr
internal import Machine
internal import Transport
internal import Wire

/// A request that is answered 400.
struct RequestProblem: Error {
    let message: String
}

enum RequestValue {
    private static let tokenField = "authorization"

    /// - Parameters:
    ///   - identity: what the endpoint's `auth` found out.
    ///   - arena: of the run; refers to the body's bytes, which the caller keeps.
    static func make(
        _ request: HTTPRequest, parameters: [(name: String, value: String)], door: EndpointCall.Door,
        identity: CallerIdentity, in arena: Arena
    ) throws(RequestProblem) -> Value {
        let body = try self.body(of: request, in: arena)
        guard let path = PercentCoding.decode(request.path),
            let query = PercentCoding.items(ofQuery: request.query ?? "")
        else { throw RequestProblem(message: "the path or the query is not percent-encoded UTF-8") }
        var caller = Value.null
        if case .appChannel(let id?) = door { caller = arena.string(id) }
        var claims = Value.null
        var hidden: String?
        switch identity {
        case .notAsked: break
        // The token is a secret of ours, which a handler must not come by as a text.
        case .sharedToken: hidden = tokenField
        case .claims(let json): claims = try self.claims(json, in: arena)
        }
        return arena.object([
            ("method", arena.string(request.method.rawValue)),
            ("path", arena.string(path)),
            ("params", arena.object(parameters.map { ($0.name, arena.string($0.value)) })),
            ("query", arena.object(query.map { ($0.name, arena.string($0.value)) })),
            ("headers", PayloadReading.headers(request.headers, without: hidden, in: arena)),
            ("body", body),
            ("raw", arena.bytes(request.body.bytes)),
            ("claims", claims),
            ("caller", caller),
        ])
    }

    /// They were read before, but not by the limits of this run: claims that it cannot have are never none.
    private static func claims(_ json: [UInt8], in arena: Arena) throws(RequestProblem) -> Value {
        do throws(JSONError) {
            return try arena.json(json)
        } catch {
            throw RequestProblem(message: "the claims of the token cannot be read: \(error)")
        }
    }

    /// JSON, string or bytes, by the content type; without one, bytes.
    private static func body(of request: HTTPRequest, in arena: Arena) throws(RequestProblem) -> Value {
        do throws(JSONError) {
            let type = request.headers["content-type"] ?? "application/octet-stream"
            return try PayloadReading.value(of: request.body, mediaType: type, in: arena)
        } catch {
            throw RequestProblem(message: "the body is not valid JSON: \(error)")
        }
    }
}
