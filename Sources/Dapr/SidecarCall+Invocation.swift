// SidecarCall+Invocation.swift: requests to other apps through the sidecars, and secrets.
//
// Source: contract, sections 3.4 and 3.5.

internal import DaprContract
package import Machine
package import Wire

extension SidecarCall {
    /// `{ status, headers, body }`; what is not 2xx is a failure of its class.
    ///
    /// - Parameters:
    ///   - app: `id` or `id.namespace`
    ///   - path: percent-encoded, from `path(template:operands:)`
    ///   - query: an object of scalars and lists of them, or null
    ///   - headers: an object of scalars, or null
    ///   - body: JSON, unless `headers` name another content type or it is bytes; null sends none
    package static func invoke(
        app: String, method: HTTPMethod, path: String, query: Value = .null, headers: Value = .null,
        body: Value = .null, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        var fields: [(name: String, value: String)] = []
        for (name, value) in try scalars(of: headers, named: "headers", takesSecrets: true, in: arena) {
            let name = name.lowercased()
            try check(header: name, value)
            fields.append((name, value))
        }
        var bytes: [UInt8] = []
        if !body.isNull {
            let given = fields.first { $0.name == HeaderName.contentType }?.value
            bytes = try payload(body, mediaType: given)
            if given == nil {
                fields.append(
                    (HeaderName.contentType, body.kind == .bytes ? MediaType.octets : MediaType.json))
            }
        }
        let pairs = try self.query(scalars(of: query, named: "query", in: arena))
        let separated = pairs.isEmpty || !path.contains("?") ? pairs : "&" + pairs.dropFirst()
        let slashed = path.hasPrefix("/") ? path : "/" + path
        return SidecarCall(
            method: method,
            target: SidecarPath.invoke + segment(app) + "/" + SidecarPath.invokeMethod + slashed + separated,
            headers: fields, body: bytes, isRepeatable: method.isIdempotent,
            kind: .invoke(app: app, method: method.rawValue, path: path))
    }

    /// Literal pieces with an operand between each two, percent-encoded as one segment each.
    package static func path(template: [String], operands: [Value]) throws(EffectFailure) -> String {
        var path = template.first ?? ""
        for (operand, piece) in zip(operands, template.dropFirst()) {
            guard let text = text(of: operand) else {
                throw EffectFailure(
                    .invalid,
                    "a part of the path `\(template.joined(separator: "${…}"))` is \(operand.kind.name)")
            }
            path += segment(text) + piece
        }
        return path
    }

    private static func payload(_ body: Value, mediaType: String?) throws(EffectFailure) -> [UInt8] {
        let isJSON = mediaType.map { PayloadReading.form(ofMediaType: $0) == .json } ?? (body.kind != .bytes)
        if isJSON { return try json(of: body) }
        switch body.kind {
        case .string: return body.asString.map { Array($0.utf8) } ?? []
        case .bytes: return body.asBytes ?? []
        default:
            throw EffectFailure(
                .invalid, "a body of type `\(mediaType ?? "")` is a string or bytes, not \(body.kind.name)")
        }
    }

    /// Headers that belong to the connection or to the sidecar cannot be given.
    private static func check(header name: String, _ value: String) throws(EffectFailure) {
        let isToken =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        let isOurs =
            name == "host" || name == "content-length" || name == HeaderName.apiToken
            || name == HeaderName.appID
            || HeaderName.hopByHop.contains(name)
        guard isToken, !isOurs else { throw EffectFailure(.invalid, "`\(name)` cannot be given as a header") }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            throw EffectFailure(.invalid, "the header `\(name)` holds a control character")
        }
    }

    /// The secret's value, as a secret: the one under `key`, else its only one.
    package static func secret(store: String, name: String, key: String? = nil) -> SidecarCall {
        SidecarCall(
            method: .get, target: SidecarPath.secrets + segment(store) + "/" + segment(name),
            isRepeatable: true,
            kind: .secret(store: store, name: name, key: key))
    }

    /// A document that is fetched: of an app, of an `HTTPEndpoint`, or of a server outside, whose `https://host:port` the
    /// sidecar takes in the place of a name (contract, section 3.4).
    ///
    /// - Parameter path: from its `/` on, percent-encoded, with a query where it has one.
    static func document(origin: String, path: String) -> SidecarCall {
        SidecarCall(
            method: .get, target: SidecarPath.invoke + segment(origin) + "/" + SidecarPath.invokeMethod + path,
            headers: [("accept", MediaType.json)], isRepeatable: true,
            kind: .invoke(app: origin, method: HTTPMethod.get.rawValue, path: path))
    }

    static let health = SidecarCall(
        method: .get, target: SidecarPath.healthzOutbound, isRepeatable: true, kind: .health)
    static let metadata = SidecarCall(
        method: .get, target: SidecarPath.metadata, isRepeatable: true, kind: .metadata)
}
