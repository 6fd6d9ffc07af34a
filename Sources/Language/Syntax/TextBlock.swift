// TextBlock.swift: the lines of a `"""` text without their indent.
//
// The closing line's indent is removed from every line; the first and the last line end are no part of the text.

struct TextBlock {
    enum Problem {
        case none
        case textOnOpeningLine(Range<Int>)
        case closingQuotesNotAlone
        /// Offset of a line that does not begin with the closing line's indent.
        case shallowLine(Int)
    }

    private let bytes: [UInt8]
    /// The token that ends with the closing `"""`.
    let closing: Token
    /// The closing line's spaces and tabs.
    private let indent: Range<Int>
    private(set) var problem = Problem.none

    init(bytes: [UInt8], closing: Token) {
        self.bytes = bytes
        self.closing = closing
        let end = max(Int(closing.start), Int(closing.end) - 3)
        var start = end
        while start > 0, bytes[start - 1] == UInt8(ascii: " ") || bytes[start - 1] == UInt8(ascii: "\t") { start -= 1 }
        let isAlone = start > 0 && bytes[start - 1] == UInt8(ascii: "\n")
        indent = isAlone ? start..<end : end..<end
        if closing.flags.contains(.isBlockText), !closing.flags.contains(.isBroken), !isAlone {
            problem = .closingQuotesNotAlone
        }
    }

    /// A piece of the text, cut into what is left of its lines, line ends included.
    mutating func lines(_ piece: Range<Int>, isFirst: Bool, isLast: Bool) -> [Range<Int>] {
        var kept: [Range<Int>] = []
        var start = piece.lowerBound
        let limit = piece.upperBound
        if isFirst {
            var end = start
            while end < limit, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            if !bytes[start..<end].allSatisfy(\.isBlank) || end == limit {
                if case .none = problem { problem = .textOnOpeningLine(start..<max(end, start + 1)) }
                return [piece]
            }
            start = afterIndent(end + 1, limit: limit)
        }
        while start <= limit {
            var end = start
            while end < limit, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            guard end < limit else {
                kept.append(start..<limit)
                break
            }
            kept.append(start..<end + 1)
            start = afterIndent(end + 1, limit: limit)
        }
        return isLast ? withoutLastLineEnd(kept) : kept
    }

    /// The closing line and the line end before it go.
    private func withoutLastLineEnd(_ lines: [Range<Int>]) -> [Range<Int>] {
        var kept = lines
        if let last = kept.last, last.isEmpty { kept.removeLast() }
        guard let last = kept.popLast() else { return [] }
        guard !last.isEmpty, bytes[last.upperBound - 1] == UInt8(ascii: "\n") else { return kept + [last] }
        var end = last.upperBound - 1
        if end > last.lowerBound, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return kept + [last.lowerBound..<end]
    }

    /// Where a line's text begins behind the indent.
    private mutating func afterIndent(_ lineStart: Int, limit: Int) -> Int {
        var index = lineStart
        for expected in indent {
            guard index < limit, bytes[index] == bytes[expected] else {
                // A blank line may be shorter than the indent.
                let isBlank = index >= limit || bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r")
                if !isBlank, case .none = problem { problem = .shallowLine(index) }
                return index
            }
            index += 1
        }
        return index
    }
}

extension UInt8 {
    /// A space, a tab or the first half of a CRLF.
    var isBlank: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
    }
}
