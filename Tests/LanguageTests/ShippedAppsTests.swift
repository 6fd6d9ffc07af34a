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
}
