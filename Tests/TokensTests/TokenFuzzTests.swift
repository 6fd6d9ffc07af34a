// TokenFuzzTests.swift: whatever comes as a token or as keys, the answer is yes or no.
//
// Bytes are changed, left out, doubled and put in from elsewhere, by a generator with a fixed seed. A changed token
// is never taken; changed keys are read or refused, and nothing falls over.

import Machine
import Testing

@testable import Tokens

struct TokenFuzzTests {
    /// SplitMix64: a sequence that its seed decides.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static func changed(_ bytes: [UInt8], by random: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let other = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[other], at: place)
            case 3: bytes.swapAt(place, other)
            default: bytes.removeSubrange(min(place, other)..<max(place, other))
            }
        }
        return bytes
    }

    @Test(arguments: ["HS256", "ES256", "EdDSA", "RS256"])
    func `a changed token is never taken`(algorithm: String) throws {
        var random = Generator(state: 7)
        let token = Array(PeerTokens.text("tokens", algorithm).utf8)
        let keys =
            algorithm == "HS256" ? try KeySet(secret: PeerTokens.text("secret")) : try PeerTokens.keys()
        for _ in 0..<2000 {
            let other = Self.changed(token, by: &random)
            guard other != token else { continue }
            #expect(
                (try? keys.verify(other, by: PeerTokens.rules, atUnixSeconds: PeerTokens.now)) == nil,
                "\(String(decoding: other, as: UTF8.self))")
        }
    }

    @Test func `changed keys are read or refused`() {
        var random = Generator(state: 11)
        let document = (PeerTokens.data["jwks"] ?? .null).serialized()
        let pem = Array(PeerTokens.text("pem", "ES256").utf8)
        var read = 0
        for _ in 0..<1000 {
            if (try? KeySet(publicDocument: Self.changed(document, by: &random))) != nil { read += 1 }
            if (try? KeySet(secret: String(decoding: Self.changed(pem, by: &random), as: UTF8.self))) != nil {
                read += 1
            }
        }
        #expect(read > 100 && read < 1900)
    }
}
