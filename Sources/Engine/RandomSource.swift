// RandomSource.swift: a loop's own random numbers: for jitter, span ids, `random()` and `uuid()`.
//
// xoshiro256++ (Blackman, Vigna 2019), seeded by the system; not for secrets. 2 ns instead of a system call each.

internal import Transport

struct RandomSource: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seed: (UInt64, UInt64, UInt64, UInt64)) {
        state = seed
        // All zeros is the one state that it never leaves.
        if state.0 | state.1 | state.2 | state.3 == 0 { state.0 = 0x9e37_79b9_7f4a_7c15 }
    }

    mutating func next() -> UInt64 {
        let result = Self.rotate(state.0 &+ state.3, by: 23) &+ state.0
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, by: 45)
        return result
    }

    /// In 0..<1, 53 bits.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// RFC 9562 version 4.
    mutating func uuid() -> String {
        let high = (next() & ~0xf000) | 0x4000
        let low = (next() & ~(3 << 62)) | (2 << 62)
        func hex(_ number: UInt64, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: digits - text.utf8.count) + text
        }
        return [
            hex(high >> 32, 8), hex((high >> 16) & 0xffff, 4), hex(high & 0xffff, 4), hex(low >> 48, 4),
            hex(low & 0xffff_ffff_ffff, 12),
        ].joined(separator: "-")
    }

    private static func rotate(_ number: UInt64, by bits: UInt64) -> UInt64 {
        (number &<< bits) | (number &>> (64 - bits))
    }
}

enum SystemRandom {
    static func seed() -> (UInt64, UInt64, UInt64, UInt64) {
        var system = SystemRandomNumberGenerator()
        return (system.next(), system.next(), system.next(), system.next())
    }
}
