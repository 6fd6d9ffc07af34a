// VerificationKey.swift: a key that signatures are verified with, and the algorithms that it may be used for.
//
// The key decides, never the message: an RSA key takes RSA's algorithms, a curve its own, a shared secret HMAC, so that a
// public key cannot be passed off as a shared secret (RFC 8725 section 2.1). Pure: bytes in, yes or no out.
// Neighbours: SignatureAlgorithm.swift, DER.swift, Tokens (reads keys from JWK and PEM).

internal import COpenSSL

/// Why bytes are no key to verify with.
package struct VerificationKeyProblem: Error, Equatable {
    package let message: String
    package init(message: String) { self.message = message }
}

package struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case secret([UInt8])
        case rsa(PublicKey)
        case curve(EllipticCurve, PublicKey)
        case ed25519(PublicKey)
    }

    /// RFC 7518 sections 3.3 and 3.5 ask for 2048; beyond 8192 one signature would cost a millisecond.
    private static let rsaBits = 2048...8192
    private static let publicExponentBytesMax = 8
    private static let ed25519Bytes = 32
    private static let ed25519SignatureBytes = 64

    private let material: Material

    private init(_ material: Material) { self.material = material }

    // MARK: Making

    /// A secret that both sides know. Which HMAC it serves depends on its length (`fits`).
    package init(sharedSecret bytes: [UInt8]) throws(VerificationKeyProblem) {
        guard bytes.count >= SignatureAlgorithm.Hash.sha256.byteCount else {
            throw VerificationKeyProblem(
                message: "a shared secret has at least 32 bytes, and this one has \(bytes.count)")
        }
        self.init(.secret(bytes))
    }

    /// A public key in DER, as `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7): what a PEM `PUBLIC KEY` holds.
    package init(subjectPublicKeyInfo der: [UInt8]) throws(VerificationKeyProblem) {
        guard let key = PublicKey(der) else { throw VerificationKeyProblem(message: "it is not a public key") }
        switch key.type {
        case .rsa:
            guard Self.rsaBits.contains(key.bitCount) else {
                throw VerificationKeyProblem(
                    message: "an RSA key has 2048 to 8192 bits, and this one has \(key.bitCount)")
            }
            self.init(.rsa(key))
        case .curve(let curve): self.init(.curve(curve, key))
        case .ed25519: self.init(.ed25519(key))
        case .other:
            throw VerificationKeyProblem(
                message: "a public key is of RSA, of the curve P-256, P-384 or P-521, or Ed25519")
        }
    }

    /// - Parameters:
    ///   - modulus: big-endian.
    ///   - exponent: big-endian.
    package init(rsaModulus modulus: [UInt8], exponent: [UInt8]) throws(VerificationKeyProblem) {
        let significant = Array(exponent.drop { $0 == 0 })
        let isOdd = significant.last.map { $0 & 1 == 1 } ?? false
        guard isOdd, significant != [1], significant.count <= Self.publicExponentBytesMax else {
            throw VerificationKeyProblem(message: "its public exponent is none")
        }
        let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
        try self.init(
            subjectPublicKeyInfo: DER.sequence(
                DER.sequence(DER.objectIdentifier(rsaEncryption), DER.null),
                DER.bitString(DER.sequence(DER.integer(modulus), DER.integer(significant)))))
    }

    /// A point of a curve. Coordinates have the curve's full length.
    package init(curve: EllipticCurve, x: [UInt8], y: [UInt8]) throws(VerificationKeyProblem) {
        guard x.count == curve.coordinateBytes, y.count == curve.coordinateBytes else {
            throw VerificationKeyProblem(
                message: "a coordinate of \(curve.rawValue) has \(curve.coordinateBytes) bytes")
        }
        let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
        try self.init(
            subjectPublicKeyInfo: DER.sequence(
                DER.sequence(DER.objectIdentifier(ecPublicKey), DER.objectIdentifier(curve.objectIdentifier)),
                DER.bitString([0x04] + x + y)))
    }

    /// 32 bytes. Source: RFC 8410 section 4.
    package init(ed25519 bytes: [UInt8]) throws(VerificationKeyProblem) {
        guard bytes.count == Self.ed25519Bytes else {
            throw VerificationKeyProblem(message: "a key of Ed25519 has 32 bytes")
        }
        try self.init(
            subjectPublicKeyInfo: DER.sequence(
                DER.sequence(DER.objectIdentifier([0x2B, 0x65, 0x70])), DER.bitString(bytes)))
    }

    // MARK: Using

    /// Whether this key may verify signatures of the algorithm. A shared secret is at least as long as the hash
    /// (RFC 7518 section 3.2).
    package func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (material, algorithm.family) {
        case (.secret(let bytes), .hmac(let hash)): bytes.count >= hash.byteCount
        case (.rsa, .pkcs1), (.rsa, .pss), (.ed25519, .edwards): true
        case (.curve(let own, _), .ecdsa(_, let wanted)): own == wanted
        default: false
        }
    }

    /// Whether `signature` is one of `message` by this key. False for an algorithm that does not fit.
    ///
    /// - Parameter signature: as in a JSON Web Signature: of ECDSA the two numbers, one behind the other (RFC 7518
    ///   section 3.4).
    package func verify(_ signature: [UInt8], of message: [UInt8], by algorithm: SignatureAlgorithm) -> Bool {
        guard fits(algorithm) else { return false }
        switch (material, algorithm.family) {
        case (.secret(let key), .hmac(let hash)):
            return isEqualInConstantTime(Digest.hmac(hash, key: key, message), signature)
        case (.rsa(let key), .pkcs1(let hash)):
            return signature.count == key.byteCount && key.verify(signature, of: message, hash)
        case (.rsa(let key), .pss(let hash)):
            return signature.count == key.byteCount && key.verify(signature, of: message, hash, isPSS: true)
        case (.curve(let curve, let key), .ecdsa(let hash, _)):
            let half = curve.coordinateBytes
            guard signature.count == 2 * half else { return false }
            let der = DER.sequence(DER.integer(signature[..<half]), DER.integer(signature[half...]))
            return key.verify(der, of: message, hash)
        case (.ed25519(let key), .edwards):
            return signature.count == Self.ed25519SignatureBytes && key.verify(signature, of: message, nil)
        default: return false
        }
    }
}

/// OpenSSL's form of a public key.
///
/// SAFETY: `handle` is set once and only read; OpenSSL counts the references to an `EVP_PKEY` atomically and lets any
/// number of threads verify with one.
@safe private final class PublicKey: @unchecked Sendable {
    enum KeyType { case rsa, curve(EllipticCurve), ed25519, other }

    private let handle: OpaquePointer

    /// Nil when the bytes are not exactly one key.
    init?(_ der: [UInt8]) {
        let parsed: OpaquePointer? = unsafe der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            // SAFETY: OpenSSL reads at most `count` bytes from `position`, and moves it behind what it read.
            guard let key = unsafe d2i_PUBKEY(nil, &position, bytes.count) else { return nil }
            guard unsafe position == bytes.baseAddress.map({ unsafe $0 + bytes.count }) else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let parsed = unsafe parsed else {
            ERR_clear_error()
            return nil
        }
        unsafe handle = parsed
    }

    deinit { unsafe EVP_PKEY_free(handle) }

    var bitCount: Int { Int(unsafe EVP_PKEY_get_bits(handle)) }
    /// Of a signature of RSA.
    var byteCount: Int { (bitCount + 7) / 8 }

    var type: KeyType {
        switch unsafe EVP_PKEY_get_base_id(handle) {
        case EVP_PKEY_RSA: return .rsa
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_EC:
            var name = [UInt8](repeating: 0, count: 64)
            var length = 0
            let isNamed = unsafe name.withUnsafeMutableBytes { buffer in
                // SAFETY: OpenSSL writes at most `count` bytes, and says how many.
                unsafe EVP_PKEY_get_group_name(
                    handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, &length) == 1
            }
            let text = String(decoding: name.prefix(length), as: UTF8.self)
            let curve = EllipticCurve.allCases.first { isNamed && $0.groupName == text }
            return curve.map { .curve($0) } ?? .other
        default: return .other
        }
    }

    /// - Parameter hash: nil for what hashes by itself.
    func verify(
        _ signature: [UInt8], of message: [UInt8], _ hash: SignatureAlgorithm.Hash?, isPSS: Bool = false
    ) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        // SAFETY: `parameters` belongs to `context`; signature and message are read for their counts.
        let isReady =
            unsafe EVP_DigestVerifyInit(context, &parameters, hash?.function, nil, handle) == 1
            && (!isPSS
                || EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0
                    && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) > 0)
        let isRight =
            unsafe isReady && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !isRight { ERR_clear_error() }
        return isRight
    }
}

extension SignatureAlgorithm.Hash {
    /// OpenSSL's.
    var function: OpaquePointer? {
        switch self {
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        }
    }
}
