// Formatter.swift: `patchbay fmt`: a file in its one canonical form.
//
// Law: spaces, line ends and commas change, nothing else. The result is read again and compared with the tree
// and the comments that went in; what would not be the same is not given out. A second formatting changes nothing.
// Line ends behind a `{` are the writer's: they keep a block or an object open. All others are the formatter's.
// Neighbours: LayoutWalker.swift (tree and tokens into steps), LayoutPrinter.swift and Alignment.swift (steps into text).

package import Diagnostics

package enum FormatResult: Sendable {
    /// The canonical text; equal to the file's bytes when it was in that form already.
    case formatted([UInt8])
    /// The file has errors and stays as it is. The diagnostics' file is `SourceFileID(0)`.
    case refused([Diagnostic])
    /// The result would not have had the same meaning: a bug of the formatter. The file stays as it is.
    case unfaithful
}

package enum Formatter {
    /// Formats one file. Its path plays no part.
    package static func format(_ file: SourceFile, limits: SourceLimits = .standard) -> FormatResult {
        var symbols = SymbolTable()
        let id = SourceFileID(0)
        let (tree, diagnostics) = Parser.parse(file, id: id, symbols: &symbols, limits: limits)
        guard diagnostics.isEmpty, !tree.hasErrors else { return .refused(diagnostics) }
        var lexer = Lexer(bytes: file.bytes, file: id, nestingMax: limits.nestingMax)
        lexer.run(symbols: &symbols)
        var walker = LayoutWalker(bytes: file.bytes, tree: tree, tokens: lexer.tokens)
        walker.file()
        guard !walker.isLost else { return .unfaithful }
        let lines = LayoutPrinter.lines(of: walker.layout, source: file.bytes)
        let text = Alignment.text(of: lines, source: file.bytes)
        guard text != file.bytes else { return .formatted(text) }

        let result = SourceFile(path: file.path, bytes: text)
        let (after, problems) = Parser.parse(result, id: id, symbols: &symbols, limits: limits)
        guard problems.isEmpty, TreeComparison.areEqual(tree, after),
            comments(of: tree, in: file) == comments(of: after, in: result)
        else { return .unfaithful }
        return .formatted(text)
    }

    /// The comments' texts, sorted: one before an `else` moves behind its `{`.
    private static func comments(of tree: SyntaxTree, in file: SourceFile) -> [String] {
        tree.comments.map { comment in
            let bytes = file.bytes[Int(comment.start)..<Int(comment.end)]
            return String(decoding: CommentMap.trimmed(bytes), as: UTF8.self)
        }.sorted()
    }
}
