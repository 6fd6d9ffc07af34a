// DER.swift: the few forms of ASN.1 that a public key and an ECDSA signature are written in for OpenSSL.
//
// ITU-T X.690. Written only; OpenSSL reads. Neighbours: VerificationKey.swift.

enum DER {
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap { $0 }) }

    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { tagged(0x06, content) }

    static let null: [UInt8] = [0x05, 0x00]

    /// Whole bytes: no bit is left over.
    static func bitString(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }

    /// A number that is not negative.
    ///
    /// - Parameter magnitude: big-endian; leading zeros do not count.
    static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
        var content = Array(magnitude.drop { $0 == 0 })
        if content.first.map({ $0 >= 0x80 }) ?? true { content.insert(0, at: 0) }
        return tagged(0x02, content)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
