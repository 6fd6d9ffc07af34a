// CatalogueExampleTests.swift: a page's wrong example yields exactly its code, the right one nothing.

import Diagnostics
import Language
import Testing

struct CatalogueExampleTests {
    private static let areas = ["E03", "E04", "E05", "E06", "W08"]

    @Test(arguments: DiagnosticCode.allCases.filter { areas.contains(String($0.rawValue.prefix(3))) })
    func `the examples of a page of the checker show what it says`(code: DiagnosticCode) throws {
        let page = try #require(Catalogue.page(for: code), "\(code.rawValue) has no page")
        #expect(page.title.count <= 70)
        #expect(page.explanation.count > 40)
        guard let wrong = page.wrong, let right = page.right else { return }
        // What only a database can tell apart is asked of one elsewhere; as text both are clean.
        #expect(codes(wrong) == (page.schema == nil ? [code] : []))
        #expect(codes(right).isEmpty)
    }

    @Test(arguments: DiagnosticCode.allCases.filter { $0.rawValue.hasPrefix("F09") })
    func `the examples of a fault are clean when checked, and show it when run`(code: DiagnosticCode) throws {
        let page = try #require(Catalogue.page(for: code))
        guard let wrong = page.wrong, let right = page.right else { return }
        let fault = try run(wrong)
        #expect(fault.hasPrefix("fault \(code.rawValue) "), "\(fault)")
        let fine = try run(right)
        #expect(fine.hasPrefix("returned "), "\(fine)")
    }

    /// Runs the handler of an example with the data that its first line tells.
    private func run(_ example: CatalogueExample) throws -> String {
        #expect(codes(example) == [])
        let file = try #require(example.files.first)
        let line = try #require(file.text.split(separator: "\n").first)
        let data = try #require(line.wholeMatch(of: /# event\.data: (.*)/)?.output.1)
        var run = ConformanceRun(
            ConformanceCase(sections: [
                .init(name: file.path, text: file.text), .init(name: "data", text: String(data)),
            ]))
        try run.run()
        return run.outcomes["result"] ?? "nothing"
    }

    private func codes(_ example: CatalogueExample) -> Set<DiagnosticCode> {
        let result = Compiler.compile(example.files.map { ConformanceCase.file($0.path, $0.text) })
        let isApp = example.files.contains { $0.path.hasPrefix("routes/") }
        return Set((result.diagnostics + (isApp ? result.unreachedHandlers : [])).map(\.code))
    }
}
