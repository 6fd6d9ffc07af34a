// KeySet+Verifying.swift: whether a token is one of this issuer, for this audience, and now.
//
// The signature first, so that nothing of what a stranger wrote is looked at; then the claims of RFC 7519 section 4.1
// by the rules of RFC 8725. Pure: the clock is a parameter.
// Neighbours: JSONWebToken.swift (takes it apart), TokenRules.swift.

internal import Machine

extension KeySet {
    /// Keys that are tried for one token: where several fit and none is named, more would cost a stranger nothing.
    static let candidatesMax = 4

    /// What a token says, when it is to be believed.
    ///
    /// - Parameters:
    ///   - text: the token as it came.
    ///   - rules: whose tokens, and for whom.
    ///   - now: seconds since 1970.
    /// - Returns: its claims; scopes are not looked at.
    /// - Throws: the first thing that is wrong with it.
    package func verify(
        _ text: [UInt8], by rules: TokenRules, atUnixSeconds now: Double
    ) throws(TokenProblem) -> VerifiedClaims {
        let token = try JSONWebToken(text)
        guard rules.algorithms.isEmpty || rules.algorithms.contains(token.algorithm) else { throw .algorithmNotAllowed }
        try verifySignature(of: token)
        guard let claims = try? JSON.parse(token.payload), claims.members != nil else { throw .claimsMalformed }
        let end = try Self.checkTimes(claims, rules.leewaySeconds, now)
        try Self.checkParties(claims, rules)
        return VerifiedClaims(json: token.payload, expiresUnixSeconds: end, scopes: Self.scopes(of: claims))
    }

    private func verifySignature(of token: JSONWebToken) throws(TokenProblem) {
        let candidates = entries.lazy.filter { entry in
            if let id = entry.id, let wanted = token.keyID, ByteText(id) != ByteText(wanted) { return false }
            return (entry.algorithm ?? token.algorithm) == token.algorithm && entry.key.fits(token.algorithm)
        }.prefix(Self.candidatesMax)
        guard !candidates.isEmpty else { throw .unknownKey }
        for entry in candidates
        where entry.key.verify(token.signature, of: token.signedBytes, by: token.algorithm) { return }
        let isNamed = token.keyID != nil && candidates.allSatisfy { $0.id != nil }
        throw isNamed ? .wrongSignature : .wrongSignatureOfUnnamedKey
    }

    /// - Returns: when the token ends for us.
    private static func checkTimes(_ claims: JSON, _ leeway: Double, _ now: Double) throws(TokenProblem) -> Double {
        /// Seconds since 1970, perhaps with a fraction (RFC 7519 section 2, NumericDate).
        func seconds(_ name: String) throws(TokenProblem) -> Double? {
            guard let claim = claims[name] else { return nil }
            guard let number = claim.double else { throw .claimsMalformed }
            return number
        }
        guard let expiry = try seconds("exp") else { throw .expiryMissing }
        guard now < expiry + leeway else { throw .expired }
        if let start = try seconds("nbf"), now < start - leeway { throw .notYetValid }
        if let issued = try seconds("iat"), now < issued - leeway { throw .issuedInTheFuture }
        return expiry + leeway
    }

    private static func checkParties(_ claims: JSON, _ rules: TokenRules) throws(TokenProblem) {
        guard let issuer = claims["iss"]?.string, ByteText(issuer) == ByteText(rules.issuer) else { throw .wrongIssuer }
        let named = claims["aud"].map { $0.array ?? [$0] } ?? []
        let isForUs = named.contains { name in
            name.string.map { text in rules.audiences.contains { ByteText($0) == ByteText(text) } } ?? false
        }
        guard isForUs else { throw .wrongAudience }
    }

    /// `scope` with blanks between (RFC 8693 section 4.2), or the list or text `scp` that some issuers write instead.
    private static func scopes(of claims: JSON) -> [String] {
        guard let claim = claims["scope"] ?? claims["scp"] else { return [] }
        if let list = claim.array { return list.compactMap(\.string) }
        return claim.string.map { $0.split(separator: " ").map(String.init) } ?? []
    }
}
