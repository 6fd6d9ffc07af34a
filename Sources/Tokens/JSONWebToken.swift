// JSONWebToken.swift: a token taken apart, before anything in it is believed.
//
// Shape: `BASE64URL(header).BASE64URL(payload).BASE64URL(signature)`, the compact form of RFC 7515 section 3.1; the
// encrypted form, with five parts, is none. Of the header only what chooses among the receiver's own keys is read: a key
// that a token brings along or points to (`jwk jku x5c x5u`) is nobody's. Neighbours: KeySet+Verifying.swift (believes).

internal import Machine

package struct JSONWebToken: Sendable {
    /// Larger ones are refused before they are read.
    package static let bytesMax = 8 << 10

    let algorithm: SignatureAlgorithm
    /// `kid`
    let keyID: String?
    /// What the signature is of: header and payload as they came.
    let signedBytes: [UInt8]
    let signature: [UInt8]
    let payload: [UInt8]

    init(_ text: [UInt8]) throws(TokenProblem) {
        guard text.count <= Self.bytesMax else { throw .tooLong }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.decodeURL(parts[0]), let payload = Base64.decodeURL(parts[1]),
            let signature = Base64.decodeURL(parts[2])
        else { throw .malformed }
        (algorithm, keyID) = try Self.read(header: header)
        signedBytes = Array(text[..<parts[1].endIndex])
        self.signature = signature
        self.payload = payload
    }

    private static func read(header: [UInt8]) throws(TokenProblem) -> (SignatureAlgorithm, keyID: String?) {
        guard let header = try? JSON.parse(header), header.members != nil, let name = header["alg"]?.string else {
            throw .malformed
        }
        // No extension is understood here, so none may be critical (RFC 7515 section 4.1.11).
        guard header["crit"] == nil else { throw .extensionNotUnderstood }
        guard isTypeOfToken(header["typ"]) else { throw .wrongType }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else { throw .algorithmNotAllowed }
        guard let keyID = header["kid"] else { return (algorithm, nil) }
        guard let text = keyID.string else { throw .malformed }
        return (algorithm, text)
    }

    /// None, `JWT`, or an access token's (RFC 9068 section 2.1); any other explicit type is a token for something else
    /// (RFC 8725 section 3.11).
    private static func isTypeOfToken(_ type: JSON?) -> Bool {
        guard let type else { return true }
        guard let text = type.string?.lowercased() else { return false }
        return ["jwt", "at+jwt", "application/jwt", "application/at+jwt"].contains(text)
    }
}
