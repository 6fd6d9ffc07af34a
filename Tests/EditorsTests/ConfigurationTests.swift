// ConfigurationTests.swift: the files beside the grammar: brackets, indentation, the extension's parts, Vim's words.

import Foundation
import Testing

struct ConfigurationTests {
    private func json(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: Editors.folder.appending(path: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func expression(_ path: String...) throws -> NSRegularExpression {
        var value: Any = try json("vscode/language-configuration.json")
        for key in path { value = try #require((value as? [String: Any])?[key]) }
        return try NSRegularExpression(pattern: try #require(value as? String))
    }

    private func matches(_ expression: NSRegularExpression, _ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(location: 0, length: (text as NSString).length)) != nil
    }

    @Test(arguments: [
        ("handler save(event) {", true), ("service c = \"p\" (", true), ("let a = [  # one", true),
        ("f(\"}\", {", true),
        ("let a = \"{\"", false), ("# {", false), ("a()", false), ("on \"x\" { a() }", false), ("f(\"a # b\", {", true),
    ])
    func `a line that leaves a bracket open indents the next`(line: String, indents: Bool) throws {
        #expect(matches(try expression("indentationRules", "increaseIndentPattern"), line) == indents)
    }

    @Test(arguments: [("}", true), ("  ] catch 0", true), (")", true), ("a }", false), ("# }", false)])
    func `a line that begins with a closing bracket moves out`(line: String, movesOut: Bool) throws {
        #expect(matches(try expression("indentationRules", "decreaseIndentPattern"), line) == movesOut)
    }

    @Test func `brackets, comments and folding are the language's`() throws {
        let configuration = try json("vscode/language-configuration.json")
        #expect((configuration["comments"] as? [String: String])?["lineComment"] == "#")
        #expect(configuration["brackets"] as? [[String]] == [["{", "}"], ["[", "]"], ["(", ")"]])
        #expect(matches(try expression("folding", "markers", "start"), "# region prices"))
        #expect(matches(try expression("folding", "markers", "end"), "  # endregion"))
    }

    @Test func `the extension names files that are there, and the grammar's scope`() throws {
        let package = try json("vscode/package.json")
        let parts = try #require(package["contributes"] as? [String: Any])
        let language = try #require((parts["languages"] as? [[String: Any]])?.first)
        let grammar = try #require((parts["grammars"] as? [[String: Any]])?.first)
        #expect(language["extensions"] as? [String] == [".bay"])
        #expect(language["id"] as? String == grammar["language"] as? String)
        #expect(try Editors.grammar.get().scope == grammar["scopeName"] as? String)
        for path in [language["configuration"], grammar["path"]] {
            let file = Editors.folder.appending(path: "vscode").appending(path: try #require(path as? String))
            #expect(FileManager.default.fileExists(atPath: file.path))
        }
        let text = try String(
            contentsOf: Editors.folder.appending(path: "vscode/syntaxes/bay.tmLanguage.json"), encoding: .utf8)
        for scope in try #require(grammar["embeddedLanguages"] as? [String: String]).keys {
            #expect(text.contains(scope))
        }
    }

    @Test(arguments: GrammarTests.reserved + GrammarTests.declarationWords)
    func `the syntax for Vim has every word of the grammar's`(word: String) throws {
        let text = try String(contentsOf: Editors.folder.appending(path: "vim/syntax/bay.vim"), encoding: .utf8)
        #expect(matches(try NSRegularExpression(pattern: "\\b(z?s)?\(word)\\b"), text))
    }
}
