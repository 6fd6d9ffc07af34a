// FormatterLines.swift: the lines of a formatted file, and the columns of consecutive ones.
//
// Where several lines in a row are of one kind (rules, arms, endpoints, resources), what belongs together stands
// below one another; so do the comments behind lines. A line that goes over several is never part of a table.

struct FormatterLines {
    private struct Line {
        let indent: Int
        let hasBlankBefore: Bool
        var content = ""
        var stops: [(stop: FormatterRoles.Stop, offset: Int)] = []
        var comment: String?
        /// A `"""` text in it: its other lines are in `content` too.
        var isTall = false
    }

    private var lines: [Line] = []
    /// The last line is a comment of its own.
    var endsWithComment = false

    var indent: Int { lines.last?.indent ?? 0 }
    /// Where the closing quotes of a text stand that begins on this line.
    var textIndent: Int { indent }

    mutating func begin(indent: Int, hasBlankBefore: Bool) {
        lines.append(Line(indent: indent, hasBlankBefore: hasBlankBefore && !lines.isEmpty))
        endsWithComment = false
    }

    mutating func append(_ text: String) {
        lines[lines.count - 1].content += text
        if text.utf8.contains(UInt8(ascii: "\n")) { lines[lines.count - 1].isTall = true }
    }

    mutating func setComment(_ text: String) { lines[lines.count - 1].comment = text }

    /// What is appended next is a column.
    mutating func addStop(_ stop: FormatterRoles.Stop) {
        let line = lines[lines.count - 1]
        lines[lines.count - 1].stops.append((stop, line.content.count))
    }

    /// All lines, with a line end at the end; empty for an empty file.
    var text: String {
        var aligned = lines
        FormatterLines.alignStops(&aligned)
        FormatterLines.alignComments(&aligned)
        var output = ""
        for line in aligned {
            if line.hasBlankBefore { output += "\n" }
            output += String(repeating: " ", count: line.indent) + line.content
            if let comment = line.comment { output += comment }
            output += "\n"
        }
        return output
    }

    /// One pass for each stop of a line, from left to right.
    private static func alignStops(_ lines: inout [Line]) {
        for number in 0..<2 {
            var start = 0
            while start < lines.count {
                var end = start + 1
                while end < lines.count, belongs(lines[end], to: lines[end - 1], stop: number) { end += 1 }
                if end - start > 1 { align(&lines, start..<end, stop: number) }
                start = end
            }
        }
    }

    private static func belongs(_ line: Line, to before: Line, stop number: Int) -> Bool {
        guard line.indent == before.indent, !line.hasBlankBefore, !line.isTall, !before.isTall, number < line.stops.count,
            number < before.stops.count
        else { return false }
        return line.stops[number].stop == before.stops[number].stop
    }

    private static func align(_ lines: inout [Line], _ range: Range<Int>, stop number: Int) {
        let column = range.map { lines[$0].stops[number].offset }.max() ?? 0
        for index in range {
            let offset = lines[index].stops[number].offset
            let place = lines[index].content.index(lines[index].content.startIndex, offsetBy: offset)
            lines[index].content.insert(contentsOf: String(repeating: " ", count: column - offset), at: place)
            for later in number..<lines[index].stops.count { lines[index].stops[later].offset += column - offset }
        }
    }

    /// Two spaces before a comment behind code; those of consecutive lines stand below one another.
    private static func alignComments(_ lines: inout [Line]) {
        var start = 0
        while start < lines.count {
            guard lines[start].comment != nil else {
                start += 1
                continue
            }
            var end = start + 1
            while end < lines.count, lines[end].comment != nil, !lines[end].hasBlankBefore { end += 1 }
            let widths = (start..<end).map { lines[$0].isTall ? 0 : lines[$0].indent + lines[$0].content.count }
            let column = (widths.max() ?? 0) + 2
            for (index, width) in zip(start..<end, widths) {
                let spaces = lines[index].isTall ? 2 : column - width
                lines[index].content += String(repeating: " ", count: spaces)
            }
            start = end
        }
    }
}
