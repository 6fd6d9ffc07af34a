// SyntaxSupport.swift: parse a text and look at the tree, for the syntax tests.

import Diagnostics
import Language
import Testing

/// A parsed text with what a test asks about it.
struct Parsed {
    let tree: SyntaxTree
    let diagnostics: [Diagnostic]
    let symbols: SymbolTable
    let source: SourceFile

    init(_ text: String, path: String = "a.bay") { self.init(bytes: Array(text.utf8), path: path) }

    init(bytes: [UInt8], path: String = "a.bay") {
        var symbols = SymbolTable()
        source = SourceFile(path: path, bytes: bytes)
        (tree, diagnostics) = Parser.parse(source, id: SourceFileID(0), symbols: &symbols)
        self.symbols = symbols
    }

    var dump: String { tree.dump(symbols: symbols) }
    /// `E0201@3` for each diagnostic: its code and the offset that it points to.
    var codes: [String] { diagnostics.map { $0.code.rawValue } }
    var titles: [String] { diagnostics.map { "\($0.code.rawValue) \($0.title)" } }

    /// The dump of the statements of the first handler or function's block.
    static func statements(_ body: String) -> Parsed { Parsed("fn f() {\n\(body)\n}") }

    /// The dump of one expression.
    static func expression(_ text: String) -> Parsed { Parsed("let x = \(text)") }

    /// `(file (constant x - …))` without what is around the expression.
    var expressionDump: String {
        let prefix = "(file (constant x - "
        guard dump.hasPrefix(prefix), dump.hasSuffix("))") else { return dump }
        return String(dump.dropFirst(prefix.count).dropLast(2))
    }

    /// What stands in the block of `statements`.
    var statementsDump: String {
        let prefix = "(file (function f (parameters) - (block "
        guard dump.hasPrefix(prefix), dump.hasSuffix(")))") else { return dump }
        return String(dump.dropFirst(prefix.count).dropLast(3))
    }
}
