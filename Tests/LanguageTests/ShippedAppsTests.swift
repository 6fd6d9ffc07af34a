// ShippedAppsTests.swift: the apps and the examples that ship are right, by the compiler's own word.

import Diagnostics
import Foundation
import Testing

@testable import Language

@Suite struct ShippedAppsTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func files(in folder: String, isModule: Bool) throws -> [DeploymentFile] {
        let url = root.appendingPathComponent(folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).filter {
            $0.hasSuffix(".bay")
        }
        return try names.sorted().map { name in
            let text = try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
            return DeploymentFile(
                source: SourceFile(path: "\(folder)/\(name)", text: text),
                module: isModule ? String(name.dropLast(4)) : nil)
        }
    }

    @Test(arguments: ["inventory", "products"])
    func `an app compiles without an error`(app: String) throws {
        let files =
            try Self.files(in: "routes/\(app)", isModule: false) + Self.files(in: "scripts", isModule: true)
        let result = Compiler.compile(files)
        let report = result.diagnostics.map { "\($0.code) \($0.title): \(String(describing: $0.primary))" }
        #expect(result.deployment != nil && result.diagnostics.isEmpty, "\(report.joined(separator: "\n"))")
    }

    /// The fenced `bay` blocks of a page.
    static func examples(in page: String) throws -> [String] {
        let text = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
        return text.components(separatedBy: "```bay\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test(arguments: ["README.md", "docs/language.md"])
    func `every example of the docs parses`(page: String) throws {
        for example in try Self.examples(in: page) {
            var symbols = SymbolTable()
            let file = SourceFile(path: page, text: example)
            // A lone rule stands inside of its subscription.
            let isRule = example.hasPrefix("  on ")
            let whole = isRule ? SourceFile(path: page, text: "subscribe \"a/b\" {\n\(example)}\n") : file
            let (_, diagnostics) = Parser.parse(whole, id: SourceFileID(0), symbols: &symbols)
            #expect(diagnostics.isEmpty, "\(example)\n\(diagnostics.map(\.title))")
        }
    }

    @Test func `the examples of the language's page make a deployment`() throws {
        let examples = try Self.examples(in: "docs/language.md")
        #expect(examples.count == 8)
        let routes = [0, 1, 3].map {
            DeploymentFile(source: SourceFile(path: "routes/\($0).bay", text: examples[$0]), module: nil)
        }
        let orders = examples[4...].joined() + "handler review(event) {}\nhandler record_it(event) {}\n"
        let scripts = [
            DeploymentFile(
                source: SourceFile(path: "scripts/widgets.bay", text: examples[2]), module: "widgets"),
            DeploymentFile(source: SourceFile(path: "scripts/orders.bay", text: orders), module: "orders"),
        ]
        let shipped = try Self.files(in: "scripts", isModule: true).filter { $0.module != "widgets" }
        let result = Compiler.compile(routes + scripts + shipped)
        let report = result.diagnostics.map { "\($0.code) \($0.title): \(String(describing: $0.primary))" }
        #expect(result.deployment != nil, "\(report.joined(separator: "\n"))")
    }
}
