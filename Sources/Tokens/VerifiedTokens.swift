// VerifiedTokens.swift: the tokens that were verified and still hold, so that a signature is verified once.
//
// Keyed by the whole SHA-256 of a token: the tokens themselves are not kept. Bounded: beyond, the oldest is forgotten,
// which costs a verification. Whoever keeps one forgets all when the keys change. Pure: the clock is a parameter.
// Neighbours: KeySet+Verifying.swift.

internal import Machine

package struct VerifiedTokens {
    /// SHA-256 of a token.
    package struct Digest: Hashable, Sendable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        package init(of token: [UInt8]) {
            let bytes = Machine.Digest.sha256(token)
            func word(_ start: Int) -> UInt64 { bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
            words = (word(0), word(8), word(16), word(24))
        }

        package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

        package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    private let max: Int
    private var known: [Digest: VerifiedClaims] = [:]
    /// In the order of their coming, from `head` on: exactly what is known.
    private var order: [Digest] = []
    private var head = 0

    package init(max: Int) { self.max = max }

    package var count: Int { known.count }

    /// What a token says that was verified before; nil when it was not, or has ended since.
    package func claims(of token: Digest, atUnixSeconds now: Double) -> VerifiedClaims? {
        known[token].flatMap { now < $0.expiresUnixSeconds ? $0 : nil }
    }

    package mutating func remember(_ claims: VerifiedClaims, of token: Digest, atUnixSeconds now: Double) {
        if known.updateValue(claims, forKey: token) == nil { order.append(token) }
        while head < order.count, known.count > max || (known[order[head]]?.expiresUnixSeconds ?? 0) <= now {
            known[order[head]] = nil
            head += 1
        }
        // Amortised: each entry is moved at most once.
        if head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }

    package mutating func forgetAll() {
        known = [:]
        order = []
        head = 0
    }
}
