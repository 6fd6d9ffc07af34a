// FormatterStabilityTests.swift: a second formatting changes nothing, and no formatting changes the meaning.

import Diagnostics
import Foundation
import Language
import Testing

struct FormatterStabilityTests {
    @Test(arguments: BayText.all)
    func `a second formatting changes nothing`(_ source: BayText) throws {
        let once = try #require(Formatted(source.text).text)
        #expect(Formatted(once) == .text(once))
    }

    @Test(arguments: BayText.all)
    func `the tree is the same before and after`(_ source: BayText) throws {
        let after = try #require(Formatted(source.text).text)
        #expect(Parsed(after).dump == Parsed(source.text).dump)
        #expect(comments(after) == comments(source.text))
    }

    @Test(arguments: BayText.shipped)
    func `the files that we ship are in canonical form`(_ source: BayText) {
        #expect(Formatted(source.text) == .text(source.text))
    }

    @Test(arguments: BayText.all)
    func `line ends are LF, none is missing, and no code is longer than 100 columns where it can be broken`(
        _ source: BayText
    ) throws {
        let after = try #require(Formatted(source.text).text)
        #expect(after.isEmpty || after.hasSuffix("\n") && !after.hasSuffix("\n\n"))
        for line in after.components(separatedBy: "\n") where !line.contains("\"") && !line.contains("#") {
            #expect(line.count <= 100)
        }
        #expect(!after.contains("\r") && !after.contains("\n\n\n"))
        guard !source.text.contains("\r") else { return }
        let windows = "\u{FEFF}" + source.text.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(Formatted(windows) == .text(after))
    }

    @Test func `a file with errors is refused, with what is wrong`() {
        #expect(Formatted("handler x( {\n").text == nil)
        guard case .refused(let titles) = Formatted("let a = \nlet b = 1\n") else {
            Issue.record("a file with an error was formatted")
            return
        }
        #expect(titles.count == 1)
    }

    @Test(arguments: [
        [0xFF], Array("let a = \"\u{0}\"".utf8), Array(repeating: UInt8(ascii: "("), count: 100_000), [0x0D],
    ])
    func `any bytes at all are formatted or refused`(_ bytes: [UInt8]) {
        #expect(Formatted(bytes: bytes) != .unfaithful)
    }

    @Test func `depth costs no stack`() throws {
        let deep = "let x = " + String(repeating: "[", count: 180) + String(repeating: "]", count: 180) + "\n"
        #expect(try #require(Formatted(deep).text).contains("[]"))
        let wide = "let x = " + (0..<900).map { "a\($0)" }.joined(separator: " + ") + "\n"
        let once = try #require(Formatted(wide).text)
        #expect(Formatted(once) == .text(once))
        #expect(once.split(separator: "\n").count == 900)
    }

    private func comments(_ text: String) -> [String] {
        let parsed = Parsed(text)
        let bytes = Array(text.utf8)
        return parsed.tree.comments.map { comment in
            String(decoding: bytes[Int(comment.start)..<Int(comment.end)], as: UTF8.self)
                .trimmingCharacters(in: .whitespaces)
        }.sorted()
    }
}
