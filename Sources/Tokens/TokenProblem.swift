// TokenProblem.swift: why a token is not taken.

/// What is wrong with a token. Nothing of it tells what the right one would look like.
package enum TokenProblem: Error, Equatable, CaseIterable {
    case malformed
    case tooLong
    case algorithmNotAllowed
    case extensionNotUnderstood
    case wrongType
    case unknownKey
    /// Of a key that the token names.
    case wrongSignature
    /// Of every key that might have been meant, where the token or the key has no name.
    case wrongSignatureOfUnnamedKey
    case claimsMalformed
    case expiryMissing
    case expired
    case notYetValid
    case issuedInTheFuture
    case wrongIssuer
    case wrongAudience

    /// Whether newer keys might say otherwise.
    package var mayBeOfNewKey: Bool { self == .unknownKey || self == .wrongSignatureOfUnnamedKey }

    /// For an `error_description` (RFC 6750 section 3): no quote and no backslash stands in it.
    package var description: String {
        switch self {
        case .malformed: "the token is not a signed JSON Web Token"
        case .tooLong: "the token is longer than \(JSONWebToken.bytesMax) bytes"
        case .algorithmNotAllowed: "the token is signed with an algorithm that is not allowed"
        case .extensionNotUnderstood: "the token has a critical header that is not understood"
        case .wrongType: "the token is of a type for something else"
        case .unknownKey: "the token is signed with an unknown key"
        case .wrongSignature, .wrongSignatureOfUnnamedKey: "the signature of the token is wrong"
        case .claimsMalformed: "the claims of the token are malformed"
        case .expiryMissing: "the token has no expiry"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .issuedInTheFuture: "the token was issued in the future"
        case .wrongIssuer: "the token is of another issuer"
        case .wrongAudience: "the token is for another audience"
        }
    }
}
