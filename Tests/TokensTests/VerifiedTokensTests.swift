// VerifiedTokensTests.swift: a token that was verified is known until it ends, and no longer.

import Testing

@testable import Tokens

struct VerifiedTokensTests {
    private static func claims(until end: Double) -> VerifiedClaims {
        VerifiedClaims(json: [], expiresUnixSeconds: end, scopes: [])
    }

    private static func digest(_ number: Int) -> VerifiedTokens.Digest {
        VerifiedTokens.Digest(of: Array("token \(number)".utf8))
    }

    @Test func `a token is known until it ends`() {
        var tokens = VerifiedTokens(max: 10)
        tokens.remember(Self.claims(until: 100), of: Self.digest(1), atUnixSeconds: 50)
        #expect(tokens.claims(of: Self.digest(1), atUnixSeconds: 99.9) != nil)
        #expect(tokens.claims(of: Self.digest(1), atUnixSeconds: 100) == nil)
        #expect(tokens.claims(of: Self.digest(2), atUnixSeconds: 50) == nil)
        tokens.forgetAll()
        #expect(tokens.claims(of: Self.digest(1), atUnixSeconds: 50) == nil && tokens.count == 0)
    }

    @Test func `beyond its room the oldest is forgotten, and what has ended makes room`() {
        var tokens = VerifiedTokens(max: 100)
        for number in 0..<1000 {
            tokens.remember(Self.claims(until: 5000), of: Self.digest(number), atUnixSeconds: Double(number))
            #expect(tokens.count == min(number + 1, 100))
        }
        #expect(tokens.claims(of: Self.digest(899), atUnixSeconds: 1000) == nil)
        #expect((900..<1000).allSatisfy { tokens.claims(of: Self.digest($0), atUnixSeconds: 1000) != nil })
        tokens.remember(Self.claims(until: 9000), of: Self.digest(1000), atUnixSeconds: 6000)
        #expect(tokens.count == 1)
        tokens.remember(Self.claims(until: 9000), of: Self.digest(1000), atUnixSeconds: 6001)
        #expect(tokens.count == 1)
    }
}
