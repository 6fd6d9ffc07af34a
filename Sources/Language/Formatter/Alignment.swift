// Alignment.swift: the same column for what belongs together on lines that follow each other.
//
// `=>` of rules, endpoints and arms, the names and `=` of resources, the values of options, trailing comments.
// Blank lines end a run, comments in between do not; a run is cut where a line would become too long.

struct Alignment {
    private var lines: [OutputLine]

    private init(_ lines: [OutputLine]) { self.lines = lines }

    /// The text of the lines, each ended.
    static func text(of lines: [OutputLine], source: [UInt8]) -> [UInt8] {
        var alignment = Alignment(lines)
        alignment.alignCells()
        return alignment.joined(source)
    }

    // Cells.

    /// Lines below each other with the same cells.
    private struct Run {
        var lines: [Int] = []
        var channels: [AlignmentChannel] = []
        /// The widest of what stands before each cell, and behind the last one.
        var widths: [Int] = []
        var tail = 0

        var width: Int { widths.reduce(tail, +) }
    }

    private mutating func alignCells() {
        var run = Run()
        for (index, line) in lines.enumerated() {
            switch line.kind {
            case .comment: continue
            case .code where !line.cells.isEmpty && extend(&run, with: index): continue
            default:
                pad(run)
                run = Run()
                if !line.cells.isEmpty { _ = extend(&run, with: index) }
            }
        }
        pad(run)
    }

    /// Adds the line when it belongs to the run and all of it still fits.
    private func extend(_ run: inout Run, with index: Int) -> Bool {
        let line = lines[index]
        let channels = line.cells.map(\.channel)
        var widths: [Int] = []
        var before = 0
        for cell in line.cells {
            widths.append(cell.column - before)
            before = cell.column
        }
        var wider = run
        if run.lines.isEmpty {
            wider.widths = widths
        } else {
            guard run.channels == channels else { return false }
            wider.widths = zip(run.widths, widths).map { max($0, $1) }
        }
        wider.channels = channels
        wider.tail = max(run.tail, line.width - before)
        wider.lines.append(index)
        guard run.lines.isEmpty || wider.width <= LayoutPrinter.widthMax else { return false }
        run = wider
        return true
    }

    private mutating func pad(_ run: Run) {
        for index in run.lines {
            var bytes: [UInt8] = []
            var copied = 0
            var before = 0
            for (cell, width) in zip(lines[index].cells, run.widths) {
                bytes += lines[index].bytes[copied..<cell.offset]
                bytes += LayoutPrinter.spaces(width - (cell.column - before))
                lines[index].width += width - (cell.column - before)
                copied = cell.offset
                before = cell.column
            }
            lines[index].bytes = bytes + lines[index].bytes[copied...]
        }
    }

    // Comments.

    private func joined(_ source: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var column = 0
        for (index, line) in lines.enumerated() {
            output += line.kind == .blank ? [] : line.bytes
            if let comment = line.comment {
                if !continuesComments(index) { column = commentColumn(from: index) }
                output += LayoutPrinter.spaces(line.kind == .blank ? 0 : column - line.width)
                output += source[comment]
            }
            output.append(UInt8(ascii: "\n"))
        }
        return output
    }

    /// The line above has a comment that this one's stands below.
    private func continuesComments(_ index: Int) -> Bool {
        index > 0 && lines[index - 1].comment != nil && lines[index - 1].indent == lines[index].indent
    }

    private func commentColumn(from first: Int) -> Int {
        var width = lines[first].width
        var index = first + 1
        while index < lines.count, lines[index].comment != nil, continuesComments(index) {
            width = max(width, lines[index].width)
            index += 1
        }
        return width + 2
    }
}
