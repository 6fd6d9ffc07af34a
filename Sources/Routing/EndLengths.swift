// EndLengths.swift: by how many bytes the ends of a slot's strings are looked up.
//
// Each length is one look-up an event, so there is a bound; a longer prefix or suffix is then filed by the next shorter
// length that is in use, and the clause tests the rest. Neighbours: AccessChoice.swift.

struct EndLengths {
    /// Of one slot and end.
    static let lengthsMax = 20
    /// Longer ends are looked up by so many bytes.
    static let bytesMax = 256

    /// How many texts of a slot have an end of a length: `slot << 32 | 1 << 31 for a prefix | length`.
    private var counts: [UInt64: Int] = [:]
    /// By `slot << 32 | 1 << 31 for a prefix`.
    private var chosen: [UInt64: [Int]] = [:]

    mutating func note(_ test: CompiledTest) {
        guard !test.isNegated else { return }
        switch test.operation {
        case .prefix: note(test.operand.textCount, test.slot, .prefix)
        case .suffix: note(test.operand.textCount, test.slot, .suffix)
        case .like:
            let (head, tail) = test.operand.outerCounts
            note(head, test.slot, .prefix)
            note(tail, test.slot, .suffix)
        default: break
        }
    }

    private mutating func note(_ count: Int, _ slot: UInt32, _ kind: ProbeKind) {
        if count > 0 { counts[Self.end(slot, kind) | UInt64(min(count, Self.bytesMax)), default: 0] += 1 }
    }

    private static func end(_ slot: UInt32, _ kind: ProbeKind) -> UInt64 {
        UInt64(slot) << 32 | (kind == .prefix ? 1 << 31 : 0)
    }

    /// Keeps the lengths that most texts have, and the shortest, so that each text has one.
    mutating func choose() {
        var lengths: [UInt64: [(length: Int, count: Int)]] = [:]
        for (key, count) in counts { lengths[key & ~0x7fff_ffff, default: []].append((Int(key & 0x7fff_ffff), count)) }
        for (end, all) in lengths {
            let common = all.sorted { ($1.count, $0.length) < ($0.count, $1.length) }.prefix(Self.lengthsMax - 1)
            chosen[end] = Set(common.map(\.length) + [all.map(\.length).min() ?? 1]).sorted()
        }
    }

    /// The longest length in use that a text of `count` bytes has; nil for an empty text.
    func length(for count: Int, slot: UInt32, _ kind: ProbeKind) -> Int? {
        chosen[Self.end(slot, kind)]?.last { $0 <= count }
    }
}
