// VerifyingTests.swift: which tokens are taken, and what is wrong with all the others.

import Machine
import Testing

@testable import Tokens

struct VerifyingTests {
    @Test(arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
    func `a token of every public algorithm is taken, by a JWK Set and by PEM`(algorithm: String) throws {
        let token = Array(PeerTokens.text("tokens", algorithm).utf8)
        for keys in [try PeerTokens.keys(), try KeySet(secret: PeerTokens.text("pem", algorithm))] {
            let claims = try keys.verify(token, by: PeerTokens.rules, atUnixSeconds: PeerTokens.now)
            #expect(try JSON.parse(claims.json) == PeerTokens.data["claims"])
            #expect(claims.scopes == ["orders:read", "orders:write"])
            #expect(claims.expiresUnixSeconds == 4_102_444_830)
        }
    }

    @Test(arguments: ["HS256", "HS384", "HS512"])
    func `a token of a shared secret is taken by the secret, as text and as JWK`(algorithm: String) throws {
        let secret = PeerTokens.text("secret")
        let encoded = "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSwgYW5kIHNpeHR5LWZvdXIgYnl0ZXMgb2YgaXQgYXQgdGhlIGxlYXN0"
        for keys in [
            try KeySet(secret: secret), try KeySet(secret: #"{"kty":"oct","k":"\#(encoded)"}"#),
            try KeySet(secret: #" {"keys":[{"kty":"oct","k":"\#(encoded)","alg":"\#(algorithm)"}]}"#),
        ] {
            #expect(PeerTokens.problem(PeerTokens.text("tokens", algorithm), keys) == nil)
        }
        #expect(PeerTokens.problem(PeerTokens.text("tokens", algorithm), try PeerTokens.keys()) == .unknownKey)
        #expect(
            PeerTokens.problem(PeerTokens.text("tokens", algorithm), try KeySet(secret: secret + "."))
                == .wrongSignatureOfUnnamedKey)
    }

    @Test(arguments: PeerTokens.members("taken").map { ($0.key, $0.value.string ?? "") })
    func `what a good issuer may write is taken`(what: String, token: String) throws {
        #expect(PeerTokens.problem(token, try PeerTokens.keys()) == nil, "\(what)")
    }

    @Test(arguments: PeerTokens.members("refused").map { ($0.key, ($0.value.array ?? []).compactMap(\.string)) })
    func `what is wrong is refused for that reason`(reason: String, tokens: [String]) throws {
        let wanted = try #require(TokenProblem.allCases.first { "\($0)" == reason })
        let keys = try PeerTokens.keys()
        #expect(!tokens.isEmpty)
        for (place, token) in tokens.enumerated() {
            #expect(PeerTokens.problem(token, keys) == wanted, "\(reason) \(place): \(token)")
        }
    }

    @Test func `every reason has a token that shows it, or is shown elsewhere`() {
        let shown = Set(PeerTokens.members("refused").map(\.key)).union(["tooLong"])
        #expect(Set(TokenProblem.allCases.map { "\($0)" }) == shown)
        for problem in TokenProblem.allCases {
            #expect(problem.description.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        }
    }

    @Test(arguments: ["RS256", "PS256", "ES256", "ES512", "EdDSA"])
    func `with any byte of it changed in any bit, a token is refused`(algorithm: String) throws {
        let token = Array(PeerTokens.text("tokens", algorithm).utf8)
        let keys = try PeerTokens.keys()
        // One bit of each byte, another for its neighbour: with the 344 to 700 bytes of a token, each bit often enough.
        for position in token.indices {
            var changed = token
            changed[position] ^= 1 << UInt8(position % 7)
            #expect(PeerTokens.problem(String(decoding: changed, as: UTF8.self), keys) != nil, "byte \(position)")
        }
        for end in [0, 1, token.count / 2, token.count - 1] {
            #expect(PeerTokens.problem(String(decoding: token[..<end], as: UTF8.self), keys) != nil)
        }
    }

    @Test func `every other spelling of a shared secret's signature is refused`() throws {
        let token = Array(PeerTokens.text("tokens", "HS256").utf8)
        let keys = try KeySet(secret: PeerTokens.text("secret"))
        for position in token.indices {
            for bit in 0..<8 {
                var changed = token
                changed[position] ^= 1 << UInt8(bit)
                #expect(
                    (try? keys.verify(changed, by: PeerTokens.rules, atUnixSeconds: PeerTokens.now)) == nil,
                    "byte \(position), bit \(bit)")
            }
        }
    }

    @Test(
        arguments: [
            (1_699_999_969.0, TokenProblem.notYetValid), (1_699_999_970.0, nil), (1_700_000_000.0, nil),
            (4_102_444_829.0, nil), (4_102_444_830.0, .expired), (0, .notYetValid), (1e300, .expired),
        ] as [(Double, TokenProblem?)])
    func `the leeway is thirty seconds on both ends, to the second`(now: Double, problem: TokenProblem?) throws {
        #expect(PeerTokens.problem(PeerTokens.text("tokens", "ES256"), try PeerTokens.keys(), at: now) == problem)
    }

    @Test func `rules choose among what the keys can do`() throws {
        let keys = try PeerTokens.keys()
        let (rs256, es256) = (PeerTokens.text("tokens", "RS256"), PeerTokens.text("tokens", "ES256"))
        let onlyES256 = PeerTokens.rules.with(algorithms: [.es256, .edDSA])
        #expect(PeerTokens.problem(es256, keys, onlyES256) == nil)
        #expect(PeerTokens.problem(rs256, keys, onlyES256) == .algorithmNotAllowed)
        #expect(PeerTokens.problem(rs256, keys, PeerTokens.rules.with(audiences: ["a", "shop"])) == nil)
        #expect(PeerTokens.problem(rs256, keys, PeerTokens.rules.with(audiences: ["a", "b"])) == .wrongAudience)
        #expect(PeerTokens.problem(rs256, keys, PeerTokens.rules.with(issuer: "https://other.example")) == .wrongIssuer)
        #expect(
            PeerTokens.problem(es256, keys, PeerTokens.rules.with(leewaySeconds: 0), at: 4_102_444_800) == .expired)
    }

    @Test func `a new key is unknown to the old set, and an old key to the new one`() throws {
        let (old, new) = (try PeerTokens.keys(), try PeerTokens.keys("other_jwks"))
        #expect(PeerTokens.problem(PeerTokens.text("other_token"), old) == .unknownKey)
        #expect(PeerTokens.problem(PeerTokens.text("other_token"), new) == nil)
        #expect(PeerTokens.problem(PeerTokens.text("tokens", "RS256"), new) == .unknownKey)
        #expect(TokenProblem.unknownKey.mayBeOfNewKey && !TokenProblem.wrongSignature.mayBeOfNewKey)
    }

    @Test(arguments: [
        ("none", []), ("read", ["orders:read"]), ("scp list", ["orders:read", "orders:write"]),
        ("scp text", ["orders:read"]), ("number", []),
    ])
    func `scopes come from scope, or from scp`(name: String, scopes: [String]) throws {
        let token = Array(PeerTokens.text("scopes", name).utf8)
        let claims = try PeerTokens.keys().verify(token, by: PeerTokens.rules, atUnixSeconds: PeerTokens.now)
        #expect(claims.scopes == scopes)
        #expect(claims.hold([]) && claims.hold(Array(scopes.prefix(1))) && !claims.hold(["orders:delete"]))
        #expect(claims.hold(["orders:read", "orders:write"]) == (scopes.count == 2))
    }

    @Test func `texts that only look the same are others`() {
        // Swift takes the Kelvin sign for a K.
        let claims = VerifiedClaims(json: [], expiresUnixSeconds: 0, scopes: ["\u{212A}eys"])
        #expect("\u{212A}eys" == "Keys" && !claims.hold(["Keys"]) && claims.hold(["\u{212A}eys"]))
    }

    @Test func `a token has eight kilobytes at most`() throws {
        let keys = try PeerTokens.keys()
        let padding = String(repeating: "A", count: JSONWebToken.bytesMax - 2)
        #expect(PeerTokens.problem("\(padding)..", keys) == .malformed)
        #expect(PeerTokens.problem("\(padding)A..", keys) == .tooLong)
    }

    @Test func `a token that names no key is tried with four keys and no more`() throws {
        let own = try #require(PeerTokens.data["jwks"]?["keys"]?[0])
        let other = try #require(PeerTokens.data["other_jwks"]?["keys"]?[0])
        func keys(_ others: Int) throws -> KeySet {
            let all = Array(repeating: other, count: others) + [own]
            return try KeySet(publicDocument: JSON.object([.init("keys", .array(all))]).serialized())
        }
        let token = PeerTokens.text("scopes", "read")
        let unnamed = try #require(PeerTokens.data["refused"]?["wrongSignatureOfUnnamedKey"]?[0]?.string)
        #expect(PeerTokens.problem(token, try keys(50)) == nil)
        // Signed by `other`, which is not among the first four when the others come first.
        let last = JSON.object([.init("keys", .array(Array(repeating: own, count: 4) + [other]))])
        let near = JSON.object([.init("keys", .array(Array(repeating: own, count: 3) + [other]))])
        #expect(PeerTokens.problem(unnamed, try KeySet(publicDocument: near.serialized())) == nil)
        #expect(
            PeerTokens.problem(unnamed, try KeySet(publicDocument: last.serialized())) == .wrongSignatureOfUnnamedKey)
    }
}
