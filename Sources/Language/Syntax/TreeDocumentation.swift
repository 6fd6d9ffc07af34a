// TreeDocumentation.swift: the comment lines directly above a declaration are its documentation.

package import Diagnostics

extension SyntaxTree {
    /// The text of the comment lines that end on the line above `declaration`, without `#` and one space; lines
    /// joined with `\n`. Empty when there are none. A comment behind code is none.
    package func documentation(of declaration: NodeID, in source: SourceFile) -> String {
        var line = source.lineIndex(at: range(of: declaration).start) - 1
        var lines: [String] = []
        var index = firstComment(after: range(of: declaration).start) - 1
        while index >= 0, line >= 0 {
            let comment = comments[index]
            guard source.lineIndex(at: comment.start) == line, isAlone(comment, line: line, in: source) else { break }
            let text = source.bytes[Int(comment.start) + 1..<Int(comment.end)]
            let content = text.first == UInt8(ascii: " ") ? text.dropFirst() : text
            lines.append(String(decoding: content, as: UTF8.self))
            index -= 1
            line -= 1
        }
        return lines.reversed().joined(separator: "\n")
    }

    /// Comments are in source order: the index of the first that begins at or after `offset`.
    private func firstComment(after offset: UInt32) -> Int {
        var low = 0
        var high = comments.count
        while low < high {
            let middle = (low + high) / 2
            if comments[middle].start < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isAlone(_ comment: SourceRange, line: Int, in source: SourceFile) -> Bool {
        source.bytes[Int(source.lineStarts[line])..<Int(comment.start)]
            .allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }
}
