// JSONWebKey.swift: one key of a JWK Set.
//
// RFC 7517 section 4 (what it is for), RFC 7518 section 6 (RSA, curves, shared secrets), RFC 8037 section 2 (Ed25519).
// Neighbours: KeySet.swift (asks), Machine/Cryptography/VerificationKey.swift.

internal import Machine

enum JSONWebKey {
    /// - Returns: nil for one that is for something else than verifying signatures.
    /// - Throws: why it is not a key.
    static func read(_ key: JSON, takesSharedSecrets: Bool) throws(VerificationKeyProblem) -> KeySet.Entry? {
        guard let type = key["kty"]?.string else { throw problem("it has no `kty`") }
        if let use = key["use"], use.string != "sig" { return nil }
        if let operations = key["key_ops"], operations.array?.contains("verify") != true { return nil }
        let made = try self.key(type, key, takesSharedSecrets)
        var pinned: SignatureAlgorithm?
        if let name = key["alg"] {
            pinned = name.string.flatMap(SignatureAlgorithm.init(rawValue:))
            guard let pinned, made.fits(pinned) else { throw problem("its `alg` is none that such a key is for") }
        }
        if let id = key["kid"], id.string == nil { throw problem("its `kid` is no text") }
        return KeySet.Entry(id: key["kid"]?.string, algorithm: pinned, key: made)
    }

    private static func key(
        _ type: String, _ key: JSON, _ takesSharedSecrets: Bool
    ) throws(VerificationKeyProblem) -> VerificationKey {
        switch (type, key["crv"]?.string) {
        case ("RSA", _): return try VerificationKey(rsaModulus: bytes("n", of: key), exponent: bytes("e", of: key))
        case ("EC", let name?):
            guard let curve = EllipticCurve(rawValue: name) else { break }
            return try VerificationKey(curve: curve, x: bytes("x", of: key), y: bytes("y", of: key))
        case ("OKP", "Ed25519"?): return try VerificationKey(ed25519: bytes("x", of: key))
        case ("oct", _):
            guard takesSharedSecrets else { throw problem("a shared secret that everyone may read is none") }
            return try VerificationKey(sharedSecret: bytes("k", of: key))
        default: break
        }
        throw problem("its kind is not known here")
    }

    private static func bytes(_ name: String, of key: JSON) throws(VerificationKeyProblem) -> [UInt8] {
        guard let text = key[name]?.string, let bytes = Base64.decodeURL(Array(text.utf8)[...]), !bytes.isEmpty else {
            throw problem("its `\(name)` is not base64url")
        }
        return bytes
    }

    private static func problem(_ message: String) -> VerificationKeyProblem {
        VerificationKeyProblem(message: message)
    }
}
