// Glob.swift: `order.*`: a text in which `*` stands for any run of characters, none included.
//
// Compiled once into its literal pieces; matching is greedy from the left and linear in the common case.
// Neighbours: RuleIndex.swift (event types), Language/Check (which rule shadows which).

package struct Glob: Sendable, Hashable {
    package let pattern: String
    private let pieces: [[UInt8]]

    package init(_ pattern: String) {
        self.pattern = pattern
        pieces = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Without a `*` it is a plain text.
    package var isExact: Bool { pieces.count == 1 }

    package func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return matches(bytes.span)
    }

    /// Whether the whole of `text`, UTF-8, fits.
    package func matches(_ text: Span<UInt8>) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return text.count == 0 }
        if pieces.count == 1 { return text.count == first.count && Self.stands(first, at: 0, in: text) }
        guard text.count >= first.count + last.count, Self.stands(first, at: 0, in: text),
            Self.stands(last, at: text.count - last.count, in: text)
        else { return false }
        var position = first.count
        let end = text.count - last.count
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            while position + piece.count <= end, !Self.stands(piece, at: position, in: text) { position += 1 }
            guard position + piece.count <= end else { return false }
            position += piece.count
        }
        return true
    }

    /// Whether every text that fits `other` fits this one too.
    package func covers(_ other: Glob) -> Bool {
        // A `*` of the other one must fall on a `*` of this one: matching its pattern as a text, with `*` as a
        // byte that no literal piece of ours holds, says exactly that.
        return matches(other.pattern)
    }

    private static func stands(_ piece: [UInt8], at position: Int, in text: Span<UInt8>) -> Bool {
        for offset in 0..<piece.count where piece[offset] != text[position + offset] { return false }
        return true
    }
}
