// GrammarTests.swift: the words of Bay have the scopes that an editor colours them by.

import Foundation
import Testing

enum Editors {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = root.appending(path: "editors")
    static let grammar = Result {
        try TextMateGrammar(contentsOf: folder.appending(path: "vscode/syntaxes/bay.tmLanguage.json"))
    }

    static var shippedFiles: [String] {
        ["routes", "scripts"].flatMap { name -> [String] in
            let all = FileManager.default.enumerator(atPath: root.appending(path: name).path)?.allObjects ?? []
            return all.compactMap { $0 as? String }.filter { $0.hasSuffix(".bay") }.map { "\(name)/\($0)" }.sorted()
        }
    }

    /// The innermost scope that a piece of the text has as a whole, without `.bay`; nil where its parts differ.
    static func scope(of piece: String, in text: String) throws -> String? {
        let scopes = try TextMateTokenizer.scopes(of: text, by: grammar.get())
        let range = (text as NSString).range(of: piece)
        guard range.location != NSNotFound else {
            throw TextMateGrammar.Failure(description: "no `\(piece)` in `\(text)`")
        }
        let found = Set(scopes[range.location..<range.location + range.length].map { $0.last ?? "" })
        guard found.count == 1, let only = found.first else { return nil }
        return only.hasSuffix(".bay") ? String(only.dropLast(4)) : only
    }
}

struct GrammarTests {
    @Test(arguments: Editors.shippedFiles)
    func `every byte of a shipped file has a scope, and none is invalid`(path: String) throws {
        let text = try String(contentsOf: Editors.root.appending(path: path), encoding: .utf8)
        let scopes = try TextMateTokenizer.scopes(of: text, by: Editors.grammar.get())
        let units = Array(text.utf16)
        #expect(scopes.count == units.count)
        for (unit, names) in zip(units, scopes) where unit != 0x20 && unit != 0x0A {
            #expect(names.count > 1, "`\(Character(UnicodeScalar(unit) ?? " "))` in \(path)")
        }
        #expect(scopes.joined().allSatisfy { !$0.contains("invalid") })
        // Whatever was opened is closed: the next line would begin a declaration.
        let after = try TextMateTokenizer.scopes(of: text + "record", by: Editors.grammar.get())
        #expect(after.last == ["source.bay", "variable.other.bay"])
    }

    @Test(arguments: GrammarExample.all)
    func `a piece has its scope`(_ example: GrammarExample) throws {
        for (piece, scope) in example.expected {
            #expect(try Editors.scope(of: piece, in: example.text) == scope, "\(piece)")
        }
    }

    @Test func `all rules of the repository are used, and every expression compiles`() throws {
        let grammar = try Editors.grammar.get()
        #expect(grammar.scope == "source.bay")
        #expect(Set(grammar.repository.keys) == grammar.included.subtracting(["$self"]))
    }

    static let reserved = """
        all and any as break catch continue drop else exists fail false fn for if in keep let lock match not null or
        otherwise retry return together transaction true update var where
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    @Test(arguments: reserved)
    func `a reserved word is one in a handler, and a name behind a dot and before a colon`(word: String) throws {
        let scope = try #require(try Editors.scope(of: word, in: "\(word) "))
        let kinds = ["keyword", "storage", "constant"]
        #expect(kinds.contains { scope.hasPrefix($0) }, "\(scope)")
        #expect(try Editors.scope(of: word, in: "x.\(word)") == "variable.other.property")
        #expect(try Editors.scope(of: word, in: "{ \(word): 1 }") == "variable.other.member")
    }

    static let declarationWords = """
        record event handler database store topic app service binding settings subscribe on get post put patch delete
        serve input job
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    @Test(arguments: declarationWords)
    func `a word that opens a declaration is a name everywhere else`(word: String) throws {
        for text in ["handler h(x) {\n  \(word)\n}", "let a = [\(word)]", "let a = f(\(word), 1)"] {
            let scope = try #require(
                try Editors.scope(
                    of: word == "h" ? "h" : word, in: text.replacingOccurrences(of: "handler h", with: "fn h")))
            #expect(scope.hasPrefix("variable."), "\(text): \(scope)")
        }
    }
}
