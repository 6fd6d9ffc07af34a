// BearerToken.swift: the token that a request carries.
//
// Shape: `Authorization: Bearer TOKEN`, once (RFC 6750 section 2.1). In the body or the query it is not looked for
// (sections 2.2 and 2.3 advise against both). Neighbours: Authentication.swift.

internal import Wire

enum BearerToken {
    case absent
    /// More than one, or none that a header may carry.
    case malformed
    case token([UInt8])

    private static let scheme = "bearer"

    init(in headers: HeaderFields) {
        let values = headers.values(of: "authorization")
        guard let value = values.first else {
            self = .absent
            return
        }
        let bytes = Array(value.utf8)
        let word = bytes.prefix { $0 != UInt8(ascii: " ") }
        guard values.count == 1 else {
            self = .malformed
            return
        }
        guard word.count == Self.scheme.utf8.count, word.elementsEqual(Self.scheme.utf8, by: { $0 | 0x20 == $1 }) else {
            self = .absent
            return
        }
        let token = bytes[word.endIndex...].drop { $0 == UInt8(ascii: " ") }
        self = !token.isEmpty && token.allSatisfy(Self.isOfToken) ? .token(Array(token)) : .malformed
    }

    /// Visible, in ASCII: what section 2.1 calls a b64token, and what secrets are made of besides.
    static func isOfToken(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
