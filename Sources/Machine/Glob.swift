// Glob.swift: `*` is any run of characters, all else itself, over the whole text.
//
// Linear but for the product of text and pattern at worst; no backtracking beyond the last star.
// Neighbours: ShapeCheck.swift, Builtins/Like.swift, Routing (event types).

package enum Glob {
    /// Both are strings.
    static func matches(_ text: Value, pattern: Value) -> Bool {
        matches(text.text, text.length, pattern: pattern.text, pattern.length)
    }

    package static func matches(_ text: Span<UInt8>, pattern: Span<UInt8>) -> Bool {
        matches(textCount: text.count, patternCount: pattern.count, { text[$0] }, { pattern[$0] })
    }

    static func matches(_ text: BytePointer, _ textCount: Int, pattern: BytePointer, _ patternCount: Int) -> Bool {
        matches(textCount: textCount, patternCount: patternCount, { text[$0] }, { pattern[$0] })
    }

    @inline(__always) private static func matches(
        textCount: Int, patternCount: Int, _ text: (Int) -> UInt8, _ pattern: (Int) -> UInt8
    ) -> Bool {
        var at = 0, inPattern = 0
        var star = -1, afterStar = 0
        while at < textCount {
            if inPattern < patternCount, pattern(inPattern) == UInt8(ascii: "*") {
                star = inPattern
                afterStar = at
                inPattern += 1
            } else if inPattern < patternCount, pattern(inPattern) == text(at) {
                at += 1
                inPattern += 1
            } else if star >= 0 {
                inPattern = star + 1
                afterStar += 1
                at = afterStar
            } else {
                return false
            }
        }
        while inPattern < patternCount, pattern(inPattern) == UInt8(ascii: "*") { inPattern += 1 }
        return inPattern == patternCount
    }
}
