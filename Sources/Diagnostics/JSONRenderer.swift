// JSONRenderer.swift: diagnostics for programs: one JSON object a line.
//
// Lines and not an array, so that a reader may begin with the first and `grep` works. The same content as the
// text: `code severity title labels notes help fix`. The first label is the primary one, and says so.
// Neighbours: TextRenderer.swift.

package struct JSONRenderer: Sendable {
    package init() {}

    /// One object a line, each with a line end.
    package func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
        diagnostics.map { render($0, in: sources) + "\n" }.joined()
    }

    /// Offsets are UTF-8 bytes, `end` not included; lines and columns are 1-based, columns in characters.
    package func render(_ diagnostic: Diagnostic, in sources: SourceMap) -> String {
        let primary = diagnostic.primary.map { [label($0, isPrimary: true, in: sources)] } ?? []
        let labels = primary + diagnostic.related.map { label($0, isPrimary: false, in: sources) }
        let fields = [
            "\"code\":\(quoted(diagnostic.code.rawValue))",
            "\"severity\":\(quoted(diagnostic.severity.rawValue))",
            "\"title\":\(quoted(diagnostic.title))",
            "\"labels\":[\(labels.joined(separator: ","))]",
            "\"notes\":{\(diagnostic.notes.map { "\(quoted($0.name)):\(quoted($0.text))" }.joined(separator: ","))}",
            "\"help\":[\(diagnostic.help.map(quoted).joined(separator: ","))]",
            "\"fix\":\(diagnostic.fix.map { fix($0, in: sources) } ?? "null")",
        ]
        return "{\(fields.joined(separator: ","))}"
    }

    private func label(_ label: Label, isPrimary: Bool, in sources: SourceMap) -> String {
        "{\(place(label.range, in: sources)),\"text\":\(quoted(label.text)),\"primary\":\(isPrimary)}"
    }

    private func fix(_ fix: Suggestion, in sources: SourceMap) -> String {
        "{\(place(fix.range, in: sources)),\"replacement\":\(quoted(fix.replacement)),\"text\":\(quoted(fix.text))}"
    }

    private func place(_ range: SourceRange, in sources: SourceMap) -> String {
        guard Int(range.file.rawValue) < sources.files.count else {
            return "\"path\":null,\"start\":\(range.start),\"end\":\(range.end)"
        }
        let file = sources[range.file]
        let start = file.position(at: range.start)
        let end = file.position(at: range.end)
        return "\"path\":\(quoted(file.path)),\"start\":\(range.start),\"end\":\(range.end),\"line\":\(start.line),"
            + "\"column\":\(start.column),\"endLine\":\(end.line),\"endColumn\":\(end.column)"
    }

    private func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
