// Glob.swift: `*` is any run of characters, all else itself, over the whole text.
//
// Piece by piece from the left, each at its first place: a piece found early leaves the most room for the rest. So no
// text is read twice but for a piece's own length.
// Neighbours: ShapeCheck.swift, Builtins/Like.swift, Routing (event types, the rule index).

enum Glob {
    /// Both are strings.
    static func matches(_ text: Value, pattern: Value) -> Bool {
        matches(text.text, text.length, pattern: pattern.text, pattern.length)
    }

    static func matches(_ text: BytePointer, _ textCount: Int, pattern: BytePointer, _ patternCount: Int) -> Bool {
        let star = UInt8(ascii: "*")
        var head = 0
        while head < patternCount, pattern[head] != star { head += 1 }
        if head == patternCount { return textCount == patternCount && bytesEqual(text, pattern, textCount) }
        var tail = patternCount
        while pattern[tail - 1] != star { tail -= 1 }
        let tailCount = patternCount - tail
        guard textCount >= head + tailCount, bytesEqual(text, pattern, head),
            bytesEqual(text + (textCount - tailCount), pattern + tail, tailCount)
        else { return false }
        var at = head
        let end = textCount - tailCount
        var first = head + 1
        while first < tail {
            var last = first
            while pattern[last] != star { last += 1 }
            if last > first {
                guard let found = place(of: pattern + first, last - first, in: text, from: at, to: end) else {
                    return false
                }
                at = found + (last - first)
            }
            first = last + 1
        }
        return true
    }

    /// Where a piece stands first.
    private static func place(of piece: BytePointer, _ count: Int, in text: BytePointer, from start: Int, to end: Int)
        -> Int?
    {
        let byte = piece.byte
        var at = start
        while at + count <= end {
            if text[at] == byte, bytesEqual(text + at, piece, count) { return at }
            at += 1
        }
        return nil
    }
}

/// Whether a text fits a pattern; both are strings.
package func isLike(_ text: Value, _ pattern: Value) -> Bool { Glob.matches(text, pattern: pattern) }
