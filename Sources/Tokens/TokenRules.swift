// TokenRules.swift: what a JSON Web Token must say to be taken.
//
// Pure data; a deployment's endpoints carry it. Neighbours: KeySet+Verifying.swift (keeps to it), Language (reads it
// from `auth`).

package import Machine

package struct TokenRules: Sendable, Hashable {
    /// The `iss` claim, byte for byte.
    package let issuer: String
    /// The `aud` claim names at least one of these, byte for byte.
    package let audiences: [String]
    /// What the signature may be made with; empty: whatever the keys are for.
    package let algorithms: [SignatureAlgorithm]
    /// How far this clock and the issuer's may differ.
    package let leewaySeconds: Double

    package init(issuer: String, audiences: [String], algorithms: [SignatureAlgorithm], leewaySeconds: Double) {
        self.issuer = issuer
        self.audiences = audiences
        self.algorithms = algorithms
        self.leewaySeconds = leewaySeconds
    }
}

/// What a token that was taken says.
package struct VerifiedClaims: Sendable, Equatable {
    /// A JSON object, as the issuer wrote it.
    package let json: [UInt8]
    /// From this second since 1970 on the token is not taken any more; the leeway is in it.
    package let expiresUnixSeconds: Double
    /// What its bearer may do, of the claim `scope` or `scp`.
    package let scopes: [String]

    /// Whether it has all of these, byte for byte.
    package func hold(_ wanted: [String]) -> Bool {
        wanted.allSatisfy { one in scopes.contains { ByteText($0) == ByteText(one) } }
    }
}
