// EndLengths.swift: by how many bytes the ends of a slot's strings are looked up.
//
// Each length is one look-up an event, so there is a bound; a longer prefix or suffix is then filed by the next shorter
// length that is in use, and the clause tests the rest. Neighbours: AccessChoice.swift.

internal import Machine

struct EndLengths {
    /// Of one slot and end.
    static let lengthsMax = 20
    /// Longer ends are looked up by so many bytes.
    static let bytesMax = 256

    private struct End: Hashable {
        let slot: Int
        let isPrefix: Bool
    }
    private var counts: [End: [Int: Int]] = [:]
    private var chosen: [End: [Int]] = [:]

    mutating func note(_ atom: Atom) {
        guard !atom.isNegated, atom.subject == .slot else { return }
        switch atom.test {
        case .startsWith(let text): note(text.string.utf8.count, End(slot: atom.slot, isPrefix: true))
        case .endsWith(let text): note(text.string.utf8.count, End(slot: atom.slot, isPrefix: false))
        case .isLike(let pattern):
            let star = UInt8(ascii: "*")
            note(pattern.string.utf8.prefix { $0 != star }.count, End(slot: atom.slot, isPrefix: true))
            note(pattern.string.utf8.reversed().prefix { $0 != star }.count, End(slot: atom.slot, isPrefix: false))
        default: break
        }
    }

    private mutating func note(_ count: Int, _ end: End) {
        if count > 0 { counts[end, default: [:]][min(count, Self.bytesMax), default: 0] += 1 }
    }

    /// Keeps the lengths that most texts have, and the shortest, so that each text has one.
    mutating func choose() {
        for (end, lengths) in counts {
            let common = lengths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.lengthsMax - 1).map(\.key)
            chosen[end] = Set(common + [lengths.keys.min() ?? 1]).sorted()
        }
    }

    /// The longest length in use that a text of `count` bytes has; nil for an empty text.
    func length(for count: Int, slot: Int, _ kind: ProbeKind) -> Int? {
        chosen[End(slot: slot, isPrefix: kind == .prefix)]?.last { $0 <= count }
    }
}
