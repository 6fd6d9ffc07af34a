// StatementPlaces.swift: from a place in a statement's text back to the `.bay` file.
//
// A database speaks of the text that it was sent; people look at a literal with escapes, a removed indent and `${…}`.
// Made only when there is something to say about a statement. Neighbours: CompiledStatement.swift, SQLToken.swift,
// Syntax/TextBlock.swift and StringEscape.swift (what the text was made with).

package import Diagnostics

/// The places of one statement's bytes.
package struct StatementPlaces: Sendable {
    private let file: SourceFileID
    private let source: [UInt8]
    private let text: [UInt8]
    /// By byte of the text: where what it stands for begins and ends in the file.
    private var starts: [UInt32] = []
    private var ends: [UInt32] = []
    private let closing: SourceRange
    private let tokens: [SQLToken]

    /// A word of the statement.
    package struct Word: Sendable, Equatable {
        /// With what qualifies it: `w.price`.
        package let range: SourceRange
        package let text: String
        /// Its last part, `price`.
        package let lastRange: SourceRange
        package let lastText: String
        /// Whether it is qualified.
        package let isQualified: Bool
        /// Whether that part stands in the file letter for letter and without quotes, so that another can take its place.
        package let isReplaceable: Bool
    }

    package init(_ statement: CompiledStatement, in sources: SourceMap) {
        file = statement.literal.file
        source = sources[file].bytes
        text = Array(statement.text.utf8)
        tokens = SQLToken.all(in: text)
        let literal = Literal(bytes: source, range: Int(statement.literal.start)..<Int(statement.literal.end))
        closing = SourceRange(
            file: file, start: statement.literal.end - UInt32(literal.closingCount), end: statement.literal.end)
        starts.reserveCapacity(text.count)
        ends.reserveCapacity(text.count)
        var number = 0
        for part in statement.parts {
            if part.isParameter {
                number += 1
                for _ in 0...String(number).utf8.count { note(part.start, part.end) }
            } else {
                literal.forEachByte(of: Int(part.start)..<Int(part.end)) { note($0, $1) }
            }
        }
        // They are equally many by construction, and a test holds that for every form. Were they not, an engine that
        // serves must not fall over a message: then it is the literal as a whole.
        while starts.count < text.count { note(statement.literal.start, statement.literal.end) }
    }

    private mutating func note(_ start: UInt32, _ end: UInt32) {
        starts.append(start)
        ends.append(end)
    }

    /// Of some bytes of the text; none of them: the literal's closing quotes.
    package func range(ofBytes bytes: Range<Int>) -> SourceRange {
        guard bytes.lowerBound < starts.count, !bytes.isEmpty else { return closing }
        let last = min(bytes.upperBound, ends.count) - 1
        return SourceRange(
            file: file, start: starts[bytes.lowerBound], end: max(ends[last], starts[bytes.lowerBound] + 1))
    }

    /// The word at a character (code point), counted from 1 as PostgreSQL does. Beyond the last one: nil.
    package func word(atCharacter position: Int) -> Word? {
        var byte = 0
        var left = position - 1
        while byte < text.count, left > 0 {
            byte += 1
            while byte < text.count, text[byte] & 0xC0 == 0x80 { byte += 1 }
            left -= 1
        }
        guard let index = tokens.firstIndex(where: { $0.bytes.contains(byte) }) else { return nil }
        return word(from: index)
    }

    /// Where the statement begins.
    package var firstWord: Word? { tokens.isEmpty ? nil : word(from: 0) }

    /// The first name that reads so; upper and lower case are one to SQL, but not inside of quotes.
    package func word(named name: String) -> Word? {
        let index = tokens.firstIndex { $0.isName && $0.name(in: text) == name }
        return index.map { word($0...$0) }
    }

    /// The end of the statement, where something is missing.
    package var end: SourceRange { closing }

    /// A name goes on behind a dot.
    private func word(from first: Int) -> Word {
        var last = first
        while tokens[last].isName, last + 2 < tokens.count, tokens[last + 1].kind == .dot, tokens[last + 2].isName {
            last += 2
        }
        return word(first...last)
    }

    private func word(_ range: ClosedRange<Int>) -> Word {
        let whole = tokens[range.lowerBound].bytes.lowerBound..<tokens[range.upperBound].bytes.upperBound
        let last = tokens[range.upperBound]
        let place = self.range(ofBytes: last.bytes)
        let isWritten = source[Int(place.start)..<Int(place.end)].elementsEqual(text[last.bytes])
        return Word(
            range: self.range(ofBytes: whole), text: string(whole), lastRange: place, lastText: string(last.bytes),
            isQualified: range.lowerBound != range.upperBound,
            isReplaceable: last.kind == .name && isWritten)
    }

    private func string(_ bytes: Range<Int>) -> String { String(decoding: text[bytes], as: UTF8.self) }
}

/// A string as it is written: `"…"`, `r"…"` or `"""…"""`.
private struct Literal {
    let bytes: [UInt8]
    let range: Range<Int>
    private let isRaw: Bool
    private let isBlock: Bool

    init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
        isRaw = bytes[range.lowerBound] == UInt8(ascii: "r")
        isBlock = range.count >= 6 && bytes[range].starts(with: Array("\"\"\"".utf8))
    }

    private var openingCount: Int { isRaw ? 2 : isBlock ? 3 : 1 }
    var closingCount: Int { isBlock ? 3 : 1 }

    /// Tells for each byte of a piece's value where what it stands for begins and ends.
    func forEachByte(of part: Range<Int>, _ body: (_ start: UInt32, _ end: UInt32) -> Void) {
        let inside = range.lowerBound + openingCount..<range.upperBound - closingCount
        let piece = part == range ? inside : part
        guard isBlock else { return forEachByte(ofLine: piece, body) }
        let closing = Token(
            start: UInt32(piece.lowerBound), end: UInt32(range.upperBound), payload: 0, kind: .textTail,
            flags: .isBlockText)
        var block = TextBlock(bytes: bytes, closing: closing)
        let lines = block.lines(
            piece, isFirst: piece.lowerBound == inside.lowerBound, isLast: piece.upperBound == inside.upperBound)
        for line in lines { forEachByte(ofLine: line, body) }
    }

    private func forEachByte(ofLine line: Range<Int>, _ body: (_ start: UInt32, _ end: UInt32) -> Void) {
        var index = line.lowerBound
        var value: [UInt8] = []
        while index < line.upperBound {
            var end = index + 1
            if bytes[index] == UInt8(ascii: "\\"), !isRaw {
                value.removeAll(keepingCapacity: true)
                end = StringEscape.read(bytes, at: index, limit: line.upperBound, into: &value).end
                for _ in value { body(UInt32(index), UInt32(end)) }
            } else if isRaw || bytes[index] != UInt8(ascii: "\r") || end >= bytes.count
                || bytes[end] != UInt8(ascii: "\n")
            {
                body(UInt32(index), UInt32(end))
            }
            index = end
        }
    }
}
