// SourceSnippet.swift: one source line as a terminal shows it, and where labels fall on it.
//
// Tabs are four spaces, wide characters two cells, combining ones none; a very long line is cut around the
// first label. Neighbours: CellWidth.swift (how wide a character is), TextRenderer.swift (draws).

/// A line with its marks.
struct SourceSnippet {
    /// A label's place in cells from the left of `text`.
    struct Mark {
        let column: Int
        /// At least 1.
        let width: Int
        let text: String
        let isPrimary: Bool
    }

    let file: SourceFileID
    /// 1-based.
    let lineNumber: Int
    /// `path:line:column`
    let place: String
    let text: String
    private(set) var marks: [Mark] = []
    private let cells: LineCells

    init(_ label: Label, isPrimary: Bool, line: Int, in file: SourceFile) {
        self.file = label.range.file
        lineNumber = line + 1
        let position = file.position(at: label.range.start)
        place = "\(file.path):\(position.line):\(position.column)"
        cells = LineCells(file: file, line: line, around: Int(label.range.start))
        text = cells.text
        add(label, isPrimary: isPrimary, in: file)
    }

    /// Adds a label that begins on this line. What goes on below it is marked to the line's end.
    mutating func add(_ label: Label, isPrimary: Bool, in file: SourceFile) {
        let start = cells.column(at: Int(label.range.start))
        let end = cells.column(at: max(Int(label.range.start), Int(label.range.end)))
        marks.append(Mark(column: start, width: max(1, end - start), text: label.text, isPrimary: isPrimary))
    }

    /// What stands for a character that a terminal would obey.
    static func picture(of scalar: UnicodeScalar) -> String {
        if scalar.value < 0x20, let picture = UnicodeScalar(0x2400 + scalar.value) { return String(picture) }
        return scalar.value == 0x7F ? "\u{2421}" : "\u{FFFD}"
    }
}

/// A line's characters, each with its bytes and its cells.
struct LineCells {
    private struct Cell {
        let offset: Int
        let column: Int
    }

    let text: String
    private var cells: [Cell] = []
    private let end: Cell

    /// Lines wider than this are cut, in cells.
    private static let widthMax = 160
    /// What is kept before the label of a line that is cut, and of it in all, in cells.
    private static let leadKept = 60
    private static let widthKept = 140

    init(file: SourceFile, line: Int, around label: Int) {
        let lineStart = Int(file.lineStarts[line])
        var lineEnd = line + 1 < file.lineStarts.count ? Int(file.lineStarts[line + 1]) - 1 : file.bytes.count
        if lineEnd > lineStart, file.bytes[lineEnd - 1] == UInt8(ascii: "\r") { lineEnd -= 1 }
        // A line of a megabyte is not worth measuring: the bytes around the label are enough.
        var start = lineStart
        var stop = lineEnd
        if lineEnd - lineStart > 4096 {
            start = LineCells.boundary(file.bytes, max(lineStart, min(label, lineEnd) - 512))
            stop = LineCells.boundary(file.bytes, min(lineEnd, start + 2048))
        }
        var characters: [(offset: Int, text: String, width: Int)] = []
        var total = 0
        for (offset, character) in LineCells.characters(file.bytes, start, stop) {
            let shown = LineCells.shown(character)
            characters.append((offset, shown.text, shown.width))
            total += shown.width
        }
        var first = 0
        var last = characters.count
        if total > LineCells.widthMax || start > lineStart || stop < lineEnd {
            let place = characters.firstIndex { $0.offset >= label } ?? characters.count
            first = LineCells.index(characters.map(\.width), back: LineCells.leadKept, from: place)
            last = LineCells.index(characters.map(\.width), forward: LineCells.widthKept, from: first)
        }
        let isCutBefore = first > 0 || start > lineStart
        let isCutAfter = last < characters.count || stop < lineEnd
        var text = isCutBefore ? "…" : ""
        var column = isCutBefore ? 1 : 0
        for character in characters[first..<last] {
            cells.append(Cell(offset: character.offset, column: column))
            text += character.text
            column += character.width
        }
        end = Cell(offset: last < characters.count ? characters[last].offset : stop, column: column)
        self.text = text + (isCutAfter ? "…" : "")
    }

    /// The cell where the byte at `offset` of the file is shown; the line's end for what is beyond.
    func column(at offset: Int) -> Int {
        guard offset < end.offset else { return end.column }
        var low = 0
        var high = cells.count
        while low < high {
            let middle = (low + high) / 2
            if cells[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : cells[low - 1].column
    }

    private static func boundary(_ bytes: [UInt8], _ offset: Int) -> Int {
        var offset = offset
        while offset > 0, offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return offset
    }

    /// Characters with their offsets. Where the bytes are not UTF-8 each bad one stands for itself.
    private static func characters(_ bytes: [UInt8], _ start: Int, _ stop: Int) -> [(Int, Character)] {
        var result: [(Int, Character)] = []
        result.reserveCapacity(stop - start)
        if let text = String(validating: bytes[start..<stop], as: UTF8.self) {
            var offset = start
            for character in text {
                result.append((offset, character))
                offset += character.utf8.count
            }
        } else {
            for offset in start..<stop {
                result.append((offset, bytes[offset] < 0x80 ? Character(UnicodeScalar(bytes[offset])) : "\u{FFFD}"))
            }
        }
        return result
    }

    private static func shown(_ character: Character) -> (text: String, width: Int) {
        if character == "\t" { return ("    ", 4) }
        if let scalar = character.unicodeScalars.first(where: \.mustNotReachTerminal) {
            return (SourceSnippet.picture(of: scalar), 1)
        }
        return (String(character), character.cells)
    }

    private static func index(_ widths: [Int], back cells: Int, from place: Int) -> Int {
        var index = place
        var left = cells
        while index > 0, left > 0 {
            index -= 1
            left -= widths[index]
        }
        return index
    }

    private static func index(_ widths: [Int], forward cells: Int, from place: Int) -> Int {
        var index = place
        var left = cells
        while index < widths.count, left > 0 {
            left -= widths[index]
            index += 1
        }
        return index
    }
}
