// SignatureAlgorithm.swift: how a JSON Web Token may be signed, by the names that its header uses.
//
// RFC 7518 section 3.1 and RFC 8037 section 3.1. `none` is not among them, so nothing can choose it.
// Neighbours: VerificationKey.swift (which key fits which).

package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    enum Hash {
        case sha256, sha384, sha512

        var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    enum Family: Equatable {
        /// HMAC with a shared secret.
        case hmac(Hash)
        /// RSASSA-PKCS1-v1_5
        case pkcs1(Hash)
        /// RSASSA-PSS, with MGF1 of the same hash and a salt of its length.
        case pss(Hash)
        /// ECDSA on one curve.
        case ecdsa(Hash, EllipticCurve)
        /// Ed25519, which hashes by itself.
        case edwards
    }

    var family: Family {
        switch self {
        case .hs256: .hmac(.sha256)
        case .hs384: .hmac(.sha384)
        case .hs512: .hmac(.sha512)
        case .rs256: .pkcs1(.sha256)
        case .rs384: .pkcs1(.sha384)
        case .rs512: .pkcs1(.sha512)
        case .ps256: .pss(.sha256)
        case .ps384: .pss(.sha384)
        case .ps512: .pss(.sha512)
        case .es256: .ecdsa(.sha256, .p256)
        case .es384: .ecdsa(.sha384, .p384)
        case .es512: .ecdsa(.sha512, .p521)
        case .edDSA: .edwards
        }
    }

    /// Whoever can verify can sign, too.
    package var isSymmetric: Bool { if case .hmac = family { true } else { false } }
}

/// The curves of ECDSA, by the names that keys use. Source: RFC 7518 section 6.2.1.1.
package enum EllipticCurve: String, Sendable, CaseIterable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"

    /// Of one coordinate, and of each half of a signature.
    package var coordinateBytes: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// As OpenSSL calls its group.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }

    /// The content of its object identifier. Source: RFC 5480 section 2.1.1.1.
    var objectIdentifier: [UInt8] {
        switch self {
        case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
        case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
        }
    }
}
