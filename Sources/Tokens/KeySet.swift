// KeySet.swift: the keys of an issuer, read from what it publishes or from what a secret store holds.
//
// RFC 7517 section 5: keys of a set that are not understood are left out, so that an issuer may add new kinds.
// Immutable, and the same for every loop. Neighbours: JSONWebKey.swift (one key), KeySet+Verifying.swift (uses them).

internal import Machine

/// Why a text holds no keys.
package struct KeySetProblem: Error, Equatable {
    package let message: String
    package init(message: String) { self.message = message }
}

package struct KeySet: Sendable {
    struct Entry: Sendable {
        /// `kid`; nil: it goes by no name.
        let id: String?
        /// `alg`: the only one that it is for; nil: whatever fits.
        let algorithm: SignatureAlgorithm?
        let key: VerificationKey
    }

    /// Bytes of a document.
    package static let documentBytesMax = 256 << 10
    package static let keysMax = 100

    let entries: [Entry]
    /// Why keys of the document were left out, for the log; those for encryption and the like are not worth a word.
    package let leftOut: [String]

    package var count: Int { entries.count }

    private init(_ entries: [Entry], leftOut: [String]) {
        self.entries = entries
        self.leftOut = leftOut
    }

    // MARK: Reading

    /// A JWK Set that everyone may read: a shared secret in it is none, so it is left out.
    package init(publicDocument bytes: [UInt8]) throws(KeySetProblem) {
        self = try Self.read(document: bytes, takesSharedSecrets: false)
    }

    /// What a secret store holds: a JWK Set or one JWK, a public key in PEM, or a shared secret as its text.
    ///
    /// What looks like one of the first two, and is none, is never taken for a secret: its text may be known to all.
    package init(secret text: String) throws(KeySetProblem) {
        let bytes = Array(text.utf8)
        switch bytes.first(where: { !" \t\r\n".utf8.contains($0) }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            self = try Self.read(document: bytes, takesSharedSecrets: true)
        case nil: throw KeySetProblem(message: "it is empty")
        default:
            do throws(VerificationKeyProblem) {
                let publicKey = try PublicKeyText.key(in: text)
                let key = if let publicKey { publicKey } else { try VerificationKey(sharedSecret: bytes) }
                self.init([Entry(id: nil, algorithm: nil, key: key)], leftOut: [])
            } catch {
                throw KeySetProblem(message: error.message)
            }
        }
    }

    private static func read(document bytes: [UInt8], takesSharedSecrets: Bool) throws(KeySetProblem) -> KeySet {
        guard bytes.count <= documentBytesMax else {
            throw KeySetProblem(message: "it is larger than \(documentBytesMax >> 10) KB")
        }
        guard let document = try? JSON.parse(bytes), document.members != nil else {
            throw KeySetProblem(message: "it is not a JSON object")
        }
        guard let keys = document["kty"] == nil ? document["keys"]?.array : [document] else {
            throw KeySetProblem(message: "it has no list `keys`")
        }
        guard keys.count <= keysMax else {
            throw KeySetProblem(message: "it has \(keys.count) keys, and \(keysMax) are the most")
        }
        var entries: [Entry] = []
        var leftOut: [String] = []
        for (position, key) in keys.enumerated() {
            do throws(VerificationKeyProblem) {
                if let entry = try JSONWebKey.read(key, takesSharedSecrets: takesSharedSecrets) {
                    entries.append(entry)
                }
            } catch {
                let name = key["kid"]?.string.map { "key `\($0)`" } ?? "key \(position + 1)"
                leftOut.append("\(name): \(error.message)")
            }
        }
        guard !entries.isEmpty else {
            let why = leftOut.isEmpty ? "" : ": \(leftOut.prefix(3).joined(separator: "; "))"
            throw KeySetProblem(message: "it has no key to verify with\(why)")
        }
        return KeySet(entries, leftOut: leftOut)
    }
}
