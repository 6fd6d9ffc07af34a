// SyntaxGoldenTests.swift: what people read when something is wrong, byte for byte.
//
// `Tests/Golden/syntax.txt` holds cases: a line `=== name`, the source, a line `---`, the rendered diagnostics. After
// a change of words, run with PATCHBAY_GOLDEN=write and read the difference before it is committed.

import Diagnostics
import Foundation
import Language
import Testing

struct SyntaxGoldenTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let source: String
        let expected: String
        var testDescription: String { name }
    }

    static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden/syntax.txt")

    static let cases: [Case] = {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return ("\n" + text).components(separatedBy: "\n=== ").dropFirst().map { part in
            let lines = part.components(separatedBy: "\n")
            let divider = lines.firstIndex(of: "---") ?? lines.count
            return Case(
                name: lines[0], source: lines[1..<divider].map { $0 + "\n" }.joined(),
                expected: lines.dropFirst(divider + 1).joined(separator: "\n"))
        }
    }()

    static func render(_ source: String) -> (text: String, diagnostics: [Diagnostic]) {
        let parsed = Parsed(source, path: "scripts/a.bay")
        let text = TextRenderer(colour: false, ascii: false)
            .render(parsed.diagnostics, in: SourceMap(files: [parsed.source]))
        return (text, parsed.diagnostics)
    }

    @Test func `there are cases, or they are written now`() throws {
        #expect(SyntaxGoldenTests.cases.count >= 60)
        guard ProcessInfo.processInfo.environment["PATCHBAY_GOLDEN"] == "write" else { return }
        let text = SyntaxGoldenTests.cases.map {
            "=== \($0.name)\n\($0.source)---\n\(SyntaxGoldenTests.render($0.source).text)"
        }.joined(separator: "\n")
        try text.write(to: SyntaxGoldenTests.file, atomically: true, encoding: .utf8)
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["PATCHBAY_GOLDEN"] == "write"),
        arguments: SyntaxGoldenTests.cases)
    func `a mistake is explained like this`(mistake: Case) {
        let (text, diagnostics) = SyntaxGoldenTests.render(mistake.source)
        let expected = mistake.expected.hasSuffix("\n") ? mistake.expected : mistake.expected + "\n"
        #expect(text == expected)
        for diagnostic in diagnostics {
            #expect(diagnostic.title.count <= 70)
            #expect(!diagnostic.title.hasSuffix("."))
            #expect(diagnostic.help.count + (diagnostic.fix == nil ? 0 : 1) <= 2)
        }
    }

    @Test(arguments: Catalogue.pages.filter { $0.code.rawValue.hasPrefix("E01") || $0.code.rawValue.hasPrefix("E02") })
    func `a page's wrong example yields its code, its right one nothing`(page: CataloguePage) throws {
        guard let wrong = page.wrong, let right = page.right else { return }
        for file in wrong.files { #expect(Parsed(file.text).codes == [page.code.rawValue]) }
        for file in right.files { #expect(Parsed(file.text).titles == []) }
    }

    @Test func `what no text can show`() {
        let notText = Parsed(bytes: Array("let x = \"gr".utf8) + [0xFC, 0xDF] + Array("e\"\n".utf8))
        #expect(notText.codes == ["E0107"] && notText.diagnostics[0].primary?.range.start == 11)
        #expect(notText.dump == "(file)" && notText.tree.hasErrors)
        let tooLarge = Parsed(bytes: Array(repeating: UInt8(ascii: "\n"), count: 1 << 20 | 1))
        #expect(tooLarge.codes == ["E0110"])
        #expect(Parsed(bytes: Array(repeating: UInt8(ascii: "\n"), count: 1 << 20)).codes == [])
    }

    /// A fix that is applied leaves nothing to say about its place.
    @Test(arguments: SyntaxGoldenTests.cases)
    func `a fix mends what it is for`(mistake: Case) {
        let diagnostics = SyntaxGoldenTests.render(mistake.source).diagnostics
        for diagnostic in diagnostics {
            guard let fix = diagnostic.fix else { continue }
            var bytes = Array(mistake.source.utf8)
            bytes.replaceSubrange(Int(fix.range.start)..<Int(fix.range.end), with: Array(fix.replacement.utf8))
            let after = Parsed(bytes: bytes)
            #expect(after.diagnostics.count < diagnostics.count, "\(fix.text): \(after.titles)")
        }
    }
}
