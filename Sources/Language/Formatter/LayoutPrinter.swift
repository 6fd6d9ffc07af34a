// LayoutPrinter.swift: steps into lines of at most 100 columns, where that can be had.
//
// One pass; at each group a look ahead of at most one line's width. Neighbours: Layout.swift, Alignment.swift.

/// A line of the result, before its columns are aligned.
struct OutputLine {
    struct Cell {
        let channel: AlignmentChannel
        /// Byte offset in `bytes`.
        let offset: Int
        let column: Int
        let wholeItemOnLine: Bool
    }

    enum Kind {
        case blank, code, comment
    }

    var bytes: [UInt8]
    var indent: Int
    /// Columns taken.
    var width: Int
    var kind = Kind.blank
    var cells: [Cell] = []
    /// Behind the code, of the source.
    var comment: Range<Int>?

    var beginsWithCloser: Bool {
        switch bytes.first(where: { $0 != UInt8(ascii: " ") }) {
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): true
        default: false
        }
    }
}

struct LayoutPrinter {
    static let widthMax = 100
    /// For a line that goes on with the one before.
    static let continuationIndent = 4

    private enum Mode {
        /// On one line with everything in it.
        case flat
        /// Its own lines are not ended; what is in it decides for itself.
        case hug
        case broken
    }

    private struct Item {
        var line: Int
        let beginsLine: Bool
    }

    private let layout: Layout
    private let source: [UInt8]
    private var lines: [OutputLine] = []
    private var current = OutputLine(bytes: [], indent: 0, width: 0)
    /// Comments for the end of the current line.
    private var comments: [Range<Int>] = []
    /// Where the current line begins in `lines`: before it when a string goes over several.
    private var lineBegin = 0
    private var modes: [Mode] = [.broken]
    private var indents: [Int] = [0]
    private var items: [Item] = []

    private init(_ layout: Layout, source: [UInt8]) {
        self.layout = layout
        self.source = source
    }

    static func lines(of layout: Layout, source: [UInt8]) -> [OutputLine] {
        var printer = LayoutPrinter(layout, source: source)
        for index in layout.steps.indices { printer.perform(index) }
        printer.endLine(hasBlank: false)
        while let last = printer.lines.last, last.kind == .blank { printer.lines.removeLast() }
        return printer.lines
    }

    private var mode: Mode { modes[modes.count - 1] }
    private var indent: Int { indents[indents.count - 1] }

    private mutating func perform(_ index: Int) {
        switch layout.steps[index] {
        case .text(let bytes): write(source[bytes])
        case .blockText(let position): write(layout.blockTexts[position])
        case .space: write([UInt8(ascii: " ")])
        case .comma: write([UInt8(ascii: ",")])
        case .commaIfBroken: if mode == .broken { write([UInt8(ascii: ",")]) }
        case .commaIfFlat: if mode != .broken { write([UInt8(ascii: ",")]) }
        case .line(let hasBlank): if mode == .broken { endLine(hasBlank: hasBlank) } else { write([UInt8(ascii: " ")]) }
        case .softLine: if mode == .broken { endLine(hasBlank: false) }
        case .hardLine(let hasBlank): endLine(hasBlank: hasBlank)
        case .ownComment(let bytes, let hasBlank):
            writeComment(bytes)
            let place = current.indent
            endLine(hasBlank: hasBlank)
            current = OutputLine(bytes: Self.spaces(place), indent: place, width: place)
        case .closingComment(let bytes): writeComment(bytes)
        case .trailingComment(let bytes): comments.append(bytes)
        case .groupBegin(let group): modes.append(modeOf(group))
        case .groupEnd: modes.removeLast()
        case .indent(let count): indents.append(mode == .broken ? indent + count : indent)
        case .outdent: indents.removeLast()
        case .itemBegin: items.append(Item(line: lines.count, beginsLine: current.kind == .blank))
        case .itemEnd: endItem()
        case .cell(let channel, let wholeItem): addCell(channel, wholeItemOnLine: wholeItem)
        }
    }

    // Lines.

    static func spaces(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: " "), count: count) }

    private mutating func write(_ bytes: some Collection<UInt8>) {
        current.bytes += bytes
        current.width += Self.width(bytes)
        if current.kind == .blank, bytes.contains(where: { $0 != UInt8(ascii: " ") }) { current.kind = .code }
    }

    /// Ends the line; a blank one follows on request. Never two of them, and none at the top.
    private mutating func endLine(hasBlank: Bool) {
        while current.bytes.last == UInt8(ascii: " ") {
            current.bytes.removeLast()
            current.width -= 1
        }
        hoistComments()
        current.comment = comments.first
        comments = []
        lines.append(current)
        if hasBlank { lines.append(OutputLine(bytes: [], indent: 0, width: 0)) }
        startLine()
    }

    /// A line has room for one comment, and an empty one for none: the others go above it.
    private mutating func hoistComments() {
        let count = current.kind == .blank ? comments.count : comments.count - 1
        guard count > 0 else { return }
        // Above a closing bracket they are inside of it.
        let first = lineBegin < lines.count ? lines[lineBegin] : current
        let place = first.beginsWithCloser ? current.indent + 2 : current.indent
        for comment in comments[..<count] {
            var line = OutputLine(bytes: Self.spaces(place), indent: place, width: place)
            line.bytes += source[comment]
            line.kind = .comment
            lines.insert(line, at: lineBegin)
            lineBegin += 1
        }
        comments.removeFirst(count)
        for index in items.indices where items[index].line >= lineBegin - count { items[index].line += count }
    }

    private mutating func startLine() {
        lineBegin = lines.count
        current = OutputLine(bytes: Self.spaces(indent), indent: indent, width: indent)
    }

    private mutating func writeComment(_ bytes: Range<Int>) {
        if current.kind != .blank {
            endLine(hasBlank: false)
            let place = indent + Self.continuationIndent
            current = OutputLine(bytes: Self.spaces(place), indent: place, width: place)
        }
        current.bytes += source[bytes]
        current.kind = .comment
    }

    /// The lines move with the one that the string begins on, so that its value stays.
    private mutating func write(_ text: Layout.BlockText) {
        let place = current.indent
        for (index, line) in text.lines.enumerated() {
            if index > 0 {
                // Spaces at a line's end are part of the text: not trimmed.
                current.comment = nil
                lines.append(current)
                current = OutputLine(bytes: [], indent: place, width: 0)
                current.kind = .code
            }
            guard index > 0, line.isContent else {
                write(source[line.bytes])
                continue
            }
            let kept = source[line.bytes].dropFirst(text.indentCount)
            if !kept.isEmpty { write(Self.spaces(place) + kept) }
        }
    }

    // Columns.

    private mutating func endItem() {
        guard let item = items.popLast(), item.beginsLine, item.line < lines.count else { return }
        lines[item.line].cells.removeAll(where: \.wholeItemOnLine)
    }

    private mutating func addCell(_ channel: AlignmentChannel, wholeItemOnLine: Bool) {
        guard let item = items.last, item.beginsLine, item.line == lines.count else { return }
        current.cells.append(
            OutputLine.Cell(
                channel: channel, offset: current.bytes.count, column: current.width, wholeItemOnLine: wholeItemOnLine))
    }

    /// Columns of a text: characters, which is bytes where all are ASCII.
    static func width(_ bytes: some Collection<UInt8>) -> Int {
        bytes.allSatisfy { $0 < 0x80 } ? bytes.count : String(decoding: bytes, as: UTF8.self).count
    }

    // Looking ahead.

    private func modeOf(_ index: GroupIndex) -> Mode {
        if mode == .flat { return .flat }
        let group = layout.groups[index.rawValue]
        if group.isForced { return .broken }
        let room = Self.widthMax - current.width
        if !group.isForcedInHugged, fits(group, room: room) { return .flat }
        if let hugged = group.hugged, reaches(layout.groups[hugged.rawValue], from: group, room: room) { return .hug }
        return .broken
    }

    /// The group, and what comes behind it up to the next place where the line may end.
    private func fits(_ group: Layout.Group, room: Int) -> Bool {
        var left = room
        var depth = modes.count
        /// Groups that begin behind the group and have not ended.
        var later = 0
        var index = group.begin
        while index < layout.steps.count, left >= 0 {
            let isBehind = index > group.end
            switch layout.steps[index] {
            case .groupBegin: if isBehind { later += 1 }
            case .groupEnd:
                if isBehind, later > 0 { later -= 1 } else if isBehind { depth -= 1 }
            case .line, .softLine:
                if isBehind, later > 0 || depth == 0 || modes[depth - 1] == .broken { return true }
                if case .line = layout.steps[index] { left -= 1 }
            case .commaIfFlat:
                if !isBehind || later == 0 && depth > 0 && modes[depth - 1] != .broken { left -= 1 }
            case .commaIfBroken: if isBehind, later == 0, depth > 0, modes[depth - 1] == .broken { left -= 1 }
            case .hardLine, .ownComment, .closingComment: return true
            case .blockText(let position):
                return left >= firstLineWidth(position)
            default: left -= width(of: index)
            }
            index += 1
        }
        return left >= 0
    }

    /// Whether the line has room up to the first place where it may end in the hugged group.
    private func reaches(_ hugged: Layout.Group, from group: Layout.Group, room: Int) -> Bool {
        var left = room
        for index in group.begin..<hugged.end where left >= 0 {
            switch layout.steps[index] {
            case .line, .softLine, .hardLine, .ownComment, .closingComment:
                if index > hugged.begin { return true }
                left -= 1
            case .blockText: return false
            default: left -= width(of: index)
            }
        }
        return left >= 0
    }

    private func firstLineWidth(_ position: Int) -> Int {
        layout.blockTexts[position].lines.first.map { Self.width(source[$0.bytes]) } ?? 0
    }

    private func width(of index: Int) -> Int {
        switch layout.steps[index] {
        case .text(let bytes): Self.width(source[bytes])
        case .space, .comma: 1
        default: 0
        }
    }
}
