// FormatterProgramTests.swift: formatting never changes the meaning: the program before and after is the same, to the word.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct FormatterProgramTests {
    /// All of a deployment that places do not show: its code, and what starts it.
    private static func meaning(of files: [DeploymentFile]) -> String? {
        guard let deployment = Compiler.compile(files).deployment else { return nil }
        var text = deployment.program.disassembly()
        for path in deployment.program.slotPaths { text += "slot \(path)\n" }
        for shape in deployment.program.shapes { text += "shape \(shape)\n" }
        for subscription in deployment.subscriptions {
            text += "subscribe \(subscription.pubsub)/\(subscription.topic) \(subscription.options)\n"
            for rule in subscription.rules {
                text += "rule \(rule.name) \(rule.typePatterns) \(String(describing: rule.predicate)) \(rule.action)\n"
            }
        }
        for endpoint in deployment.endpoints {
            text += "\(endpoint.method) \(endpoint.path) \(endpoint.action) \(endpoint.timeoutNanoseconds)\n"
        }
        for resource in deployment.resources {
            text += "\(resource.kind) \(resource.name) \(resource.target) \(resource.options)\n"
        }
        return text
    }

    private static func formatted(_ file: DeploymentFile) throws -> DeploymentFile {
        let text = try #require(Formatted(bytes: file.source.bytes).text, "\(file.source.path)")
        return DeploymentFile(source: SourceFile(path: file.source.path, text: text), module: file.module)
    }

    /// Not as it is written already: with every indent gone and the blanks around operators doubled.
    private static func disordered(_ file: DeploymentFile) -> DeploymentFile {
        let text = String(decoding: file.source.bytes, as: UTF8.self)
        guard !text.contains("\"\"\"") else { return file }
        let lines = text.components(separatedBy: "\n").map { line -> String in
            let bare = line.drop { $0 == " " }
            return bare.contains("\"") ? String(bare) : bare.replacingOccurrences(of: " = ", with: "  =  ")
        }
        return DeploymentFile(
            source: SourceFile(path: file.source.path, text: lines.joined(separator: "\n")), module: file.module)
    }

    @Test(arguments: ConformanceCase.names)
    func `a case is the same program before and after`(name: String) throws {
        let files = try ConformanceCase.named(name).files
        guard let before = Self.meaning(of: files) else { return }
        let after = try files.map(Self.formatted)
        #expect(Self.meaning(of: after) == before)
        #expect(Self.meaning(of: try files.map(Self.disordered).map(Self.formatted)) == before)
    }

    @Test(arguments: ["inventory", "products"])
    func `a shipped app is the same program before and after`(app: String) throws {
        let files =
            try ShippedAppsTests.files(in: "routes/\(app)", isModule: false)
            + ShippedAppsTests.files(in: "scripts", isModule: true)
        let before = try #require(Self.meaning(of: files))
        #expect(Self.meaning(of: try files.map(Self.disordered).map(Self.formatted)) == before)
    }
}
