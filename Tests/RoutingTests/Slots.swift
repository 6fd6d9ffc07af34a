// Slots.swift: events made of slots, for tests that have no program.

import Diagnostics
import Machine
import Routing

/// A small reproducible source of numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func rule(
    _ number: Int, _ patterns: [String], predicate: Int? = nil, condition: Predicate = .opaque,
    isOtherwise: Bool = false
) -> Rule {
    Rule(
        id: RuleID(UInt32(number)), name: "r\(number)", typePatterns: patterns,
        predicate: predicate.map { FunctionIndex(UInt32($0)) }, condition: condition, action: FunctionIndex(0),
        isOtherwise: isOtherwise, range: SourceRange(file: SourceFileID(0), start: 0, end: 0))
}

/// The names of the rules that are found when slot 0, the type, and the slots after it hold these values.
func names(
    _ index: RuleIndex, type: String, _ values: [Constant?] = [], all: Bool,
    holds: (FunctionIndex) throws(Fault) -> Bool = { _ in true }
) throws -> [String] {
    let memory = OwnedArena()
    let arena = memory.arena
    let slots = [arena.string(type)] + values.map { $0.map { arena.value(of: $0) } ?? .missing }
    return try index.matching(arena.slots(slots), all: all, evaluate: holds).map(\.name)
}
