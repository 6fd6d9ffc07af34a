// TextRenderer.swift: diagnostics for people: title, frame, source lines, carets, help.
//
// The form is the style guide's, section "Diagnostics", and is tested byte for byte: labels on one line share a
// snippet, every other place gets its own with a path to click. No trailing spaces.
// Neighbours: SourceSnippet.swift (lines and cells), JSONRenderer.swift (the same for programs).

package struct TextRenderer: Sendable {
    /// With ANSI colours.
    package let colour: Bool
    /// Nothing but ASCII: for terminals that are not UTF-8.
    package let ascii: Bool

    package init(colour: Bool, ascii: Bool) {
        self.colour = colour
        self.ascii = ascii
    }

    /// All of them, each with a blank line after it but the last. Empty for none.
    package func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
        diagnostics.map { render($0, in: sources) }.joined(separator: "\n")
    }

    /// One of them, with a line end at its end.
    package func render(_ diagnostic: Diagnostic, in sources: SourceMap) -> String {
        let snippets = self.snippets(of: diagnostic, in: sources)
        let gutter = String(snippets.map(\.lineNumber).max() ?? 1).count
        let style = TextStyle(colour: colour, ascii: ascii, severity: diagnostic.severity)
        var lines = [style.title(diagnostic)]
        let margin = String(repeating: " ", count: gutter)
        for (index, snippet) in snippets.enumerated() {
            let corner = index == 0 ? style.firstCorner : style.nextCorner
            lines.append("\(margin) \(style.frame(corner)) \(style.plain(snippet.place))")
            lines.append("\(margin) \(style.frame(style.bar))")
            let number =
                String(repeating: " ", count: gutter - String(snippet.lineNumber).count) + "\(snippet.lineNumber)"
            lines.append("\(style.frame("\(number) \(style.bar)")) \(style.plain(snippet.text))")
            for row in MarkerRows.rows(snippet.marks, style: style) {
                lines.append("\(margin) \(style.frame(style.bar)) \(row)")
            }
        }
        lines += notes(of: diagnostic, margin: margin, style: style, hasSnippet: !snippets.isEmpty)
        return lines.map(withoutTrailingSpaces).joined(separator: "\n") + "\n"
    }

    private func notes(of diagnostic: Diagnostic, margin: String, style: TextStyle, hasSnippet: Bool) -> [String] {
        var notes = diagnostic.notes.map { ($0.name, $0.text) }
        notes += diagnostic.help.map { ("help", $0) }
        if let fix = diagnostic.fix { notes.append(("fix", fix.text)) }
        guard !notes.isEmpty else { return [] }
        var lines = hasSnippet ? ["\(margin) \(style.frame(style.bar))"] : []
        for (name, text) in notes {
            let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                let head =
                    index == 0
                    ? "\(style.frame("=")) \(style.strong("\(name):"))" : String(repeating: " ", count: name.count + 3)
                lines.append("\(margin) \(head) \(style.plain(String(part)))")
            }
        }
        return lines
    }

    /// The primary's line first; the others in their order, one snippet a line.
    private func snippets(of diagnostic: Diagnostic, in sources: SourceMap) -> [SourceSnippet] {
        var snippets: [SourceSnippet] = []
        let labels = (diagnostic.primary.map { [($0, true)] } ?? []) + diagnostic.related.map { ($0, false) }
        for (label, isPrimary) in labels where Int(label.range.file.rawValue) < sources.files.count {
            let file = sources[label.range.file]
            let line = file.lineIndex(at: label.range.start)
            if let index = snippets.firstIndex(where: { $0.file == label.range.file && $0.lineNumber == line + 1 }) {
                snippets[index].add(label, isPrimary: isPrimary, in: file)
            } else {
                snippets.append(SourceSnippet(label, isPrimary: isPrimary, line: line, in: file))
            }
        }
        return snippets
    }

    private func withoutTrailingSpaces(_ line: String) -> String {
        guard line.utf8.last == UInt8(ascii: " ") else { return line }
        var end = line.endIndex
        while end > line.startIndex, line[line.index(before: end)] == " " { end = line.index(before: end) }
        return String(line[..<end])
    }
}

/// Colours and frame characters, and what may reach a terminal at all.
struct TextStyle {
    let colour: Bool
    let ascii: Bool
    let severity: Severity

    var bar: String { ascii ? "|" : "│" }
    var firstCorner: String { ascii ? "-->" : "┌─" }
    var nextCorner: String { ascii ? "-->" : "├─" }

    func title(_ diagnostic: Diagnostic) -> String {
        let head = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", bold(severityColour))
        return head + paint(": \(plain(diagnostic.title))", "1")
    }

    func frame(_ text: String) -> String { paint(text, "34") }
    func strong(_ text: String) -> String { paint(text, "1") }
    func mark(_ text: String, isPrimary: Bool) -> String { paint(text, isPrimary ? bold(severityColour) : "36") }

    /// Text that came from files or users: what would move the cursor or turn the reading direction is shown,
    /// not obeyed.
    func plain(_ text: String) -> String {
        guard ascii || text.unicodeScalars.contains(where: \.mustNotReachTerminal) else { return text }
        var output = ""
        for character in text {
            if let scalar = character.unicodeScalars.first(where: \.mustNotReachTerminal) {
                output += ascii ? "?" : SourceSnippet.picture(of: scalar)
            } else if ascii, !character.isASCII {
                output += TextStyle.asciiSpellings[character] ?? String(repeating: "?", count: max(1, character.cells))
            } else {
                output.append(character)
            }
        }
        return output
    }

    private static let asciiSpellings: [Character: String] = [
        "…": "...", "–": "-", "—": "-", "×": "x", "“": "\"", "”": "\"", "‘": "'", "’": "'", "‹": "<", "›": ">",
    ]

    private var severityColour: String {
        switch severity {
        case .error: "31"
        case .warning: "33"
        case .fault: "35"
        }
    }

    private func bold(_ code: String) -> String { "1;\(code)" }
    private func paint(_ text: String, _ code: String) -> String {
        colour && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// The rows of carets, dashes and label texts below a source line.
enum MarkerRows {
    static func rows(_ marks: [SourceSnippet.Mark], style: TextStyle) -> [String] {
        let sorted = marks.sorted { ($0.column, $1.isPrimary ? 1 : 0) < ($1.column, $0.isPrimary ? 1 : 0) }
        guard let last = sorted.last else { return [] }
        let end = sorted.map { $0.column + $0.width }.max() ?? 0
        // The rightmost label stands behind its marks; the others below, from right to left.
        let isBeside = last.column + last.width == end
        var rows = [markRow(sorted, style: style) + (isBeside ? beside(last, style: style) : "")]
        for index in sorted.indices.reversed() {
            let mark = sorted[index]
            if mark.text.isEmpty || (isBeside && index == sorted.count - 1) { continue }
            rows.append(row(for: mark, pending: sorted[..<index], style: style))
        }
        return rows
    }

    private static func beside(_ mark: SourceSnippet.Mark, style: TextStyle) -> String {
        mark.text.isEmpty ? "" : " " + style.mark(style.plain(mark.text), isPrimary: mark.isPrimary)
    }

    private static func markRow(_ marks: [SourceSnippet.Mark], style: TextStyle) -> String {
        let end = marks.map { $0.column + $0.width }.max() ?? 0
        var row = ""
        var run = ""
        var runMark: SourceSnippet.Mark?
        func flush() {
            row += runMark.map { style.mark(run, isPrimary: $0.isPrimary) } ?? run
            run = ""
        }
        for column in 0..<end {
            let here = marks.filter { $0.column <= column && column < $0.column + $0.width }
            let mark = here.first(where: \.isPrimary) ?? here.first
            if mark?.isPrimary != runMark?.isPrimary { flush() }
            runMark = mark
            run += mark.map { $0.isPrimary ? "^" : "-" } ?? " "
        }
        flush()
        return row
    }

    private static func row(
        for mark: SourceSnippet.Mark, pending: ArraySlice<SourceSnippet.Mark>, style: TextStyle
    ) -> String {
        var row = ""
        var column = 0
        for other in pending where other.column < mark.column && other.column >= column && !other.text.isEmpty {
            row +=
                String(repeating: " ", count: other.column - column) + style.mark(style.bar, isPrimary: other.isPrimary)
            column = other.column + 1
        }
        row += String(repeating: " ", count: max(0, mark.column - column))
        return row + style.mark(style.plain(mark.text), isPrimary: mark.isPrimary)
    }
}
