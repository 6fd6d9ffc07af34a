// CodeTests.swift: numbers fall into their areas, pages exist and say something, suggestions are close.

import Diagnostics
import Testing

struct CodeTests {
    static let areas = ["E01", "E02", "E03", "E04", "E05", "E06", "W08", "F09", "H10"]

    @Test(arguments: DiagnosticCode.allCases)
    func `a code falls into an area and has four digits`(code: DiagnosticCode) {
        #expect(code.rawValue.utf8.count == 5)
        #expect(code.rawValue.dropFirst().allSatisfy { $0.isNumber })
        #expect(CodeTests.areas.contains(String(code.rawValue.prefix(3))))
        #expect(code.rawValue.suffix(2) != "00")
    }

    @Test(arguments: [
        (code: DiagnosticCode.unknownName, severity: Severity.error), (.unusedBinding, .warning), (.outOfFuel, .fault),
    ])
    func `the letter says how bad it is`(code: DiagnosticCode, severity: Severity) {
        #expect(code.severity == severity)
    }

    @Test func `no code has two pages`() {
        #expect(Set(Catalogue.pages.map { $0.code }).count == Catalogue.pages.count)
    }

    @Test(arguments: DiagnosticCode.allCases)
    func `every code has a page`(code: DiagnosticCode) throws {
        let page = try #require(Catalogue.page(for: code))
        #expect(page.title.count <= 70)
        #expect(!page.title.hasSuffix("."))
        #expect(page.explanation.count > 60)
        #expect((page.wrong == nil) == (page.right == nil))
        #expect(page.markdown.hasPrefix("# \(code.rawValue): "))
    }

    @Test func `a code is found by its number in any case`() {
        #expect(Catalogue.code(named: "e0301") == .unknownName)
        #expect(Catalogue.code(named: "E9999") == nil)
    }

    @Test(arguments: [
        (word: "totl", candidates: ["id", "total", "lines"], found: "total" as String?),
        (word: "Total", candidates: ["totals", "total"], found: "total"),  // case alone comes first
        (word: "setle", candidates: ["settle", "review"], found: "settle"),
        (word: "pirce", candidates: ["price"], found: "price"),  // neighbours swapped
        (word: "c", candidates: ["b"], found: nil),  // a single candidate is no reason
        (word: "ab", candidates: ["cd"], found: nil),
        (word: "order", candidates: ["widget"], found: nil),
        (word: "cost", candidates: ["coat", "cast"], found: "cast"),  // equally near: the alphabet
        (word: "x", candidates: [], found: nil),
    ])
    func `only what is near is suggested`(word: String, candidates: [String], found: String?) {
        #expect(nearest(word, in: candidates) == found)
    }

    @Test func `a list names five at most`() {
        #expect(listing(["a", "b"]) == "`a`, `b`")
        #expect(listing(["a", "b", "c", "d", "e", "f", "g"]) == "`a`, `b`, `c`, `d`, `e` and 2 more")
    }
}
