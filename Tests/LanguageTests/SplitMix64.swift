// SplitMix64.swift: numbers that a seed gives again, for every test of this room that rolls dice.

/// Steele, Lea and Flood: Fast splittable pseudorandom number generators, 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(state: UInt64) { self.state = state }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(max(1, sides))) }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
}
