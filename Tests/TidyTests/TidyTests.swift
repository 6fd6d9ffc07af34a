// TidyTests.swift: the repository keeps its own rules, and the checker notices when it does not.

import Foundation
import Testing

@Suite struct TidyTests {
    /// The text files of the repository, without what is built.
    static func repository() throws -> [Tidy.File] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let kinds: Set<String> = ["swift", "md", "bay", "sql", "yaml", "json", "h", "modulemap"]
        var files: [Tidy.File] = []
        for folder in ["Sources", "Tests", "docs", "routes", "scripts", "k8s", "events", ".ci"] {
            guard
                let walker = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            else {
                continue
            }
            for case let path as String in walker {
                let file = root.appendingPathComponent(folder).appendingPathComponent(path)
                guard kinds.contains(file.pathExtension) || folder == ".ci",
                    try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
                else { continue }
                files.append((path: "\(folder)/\(path)", text: try String(contentsOf: file, encoding: .utf8)))
            }
        }
        for path in ["Package.swift", "Makefile", "README.md"] {
            let file = root.appendingPathComponent(path)
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            files.append((path: path, text: text))
        }
        return files
    }

    @Test func `the repository keeps the rules of the house`() throws {
        let files = try Self.repository()
        #expect(files.count > 50, "the repository was not found")
        let findings = Tidy.findings(in: files)
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
    }

    // MARK: - the test of the test

    static let manifest = """
        // swift-tools-version: 6.2
        let package = Package(
            name: "patchbay",
            targets: [
                .target(name: "Diagnostics"),
                .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
                .target(name: "Machine", dependencies: ["Diagnostics"]),
                .target(name: "Transport", dependencies: []),
                .target(name: "Postgres", dependencies: ["Machine", "Transport", "CPostgres"]),
                .testTarget(name: "MachineTests", dependencies: ["Machine"]),
            ])
        """

    static let cleanTree: [Tidy.File] = [
        ("Package.swift", manifest),
        ("Sources/Diagnostics/Words.swift", "// Words.swift: words.\npackage struct Words {}\n"),
        (
            "Sources/Machine/Value.swift",
            "// Value.swift: values.\npackage import Diagnostics\n\n/// Never `try!`; see Utils.\nlet text = \"x! \\(a[\"b\"] ?? \"!\")\"\n"
        ),
        (
            "Sources/Postgres/Libpq.swift",
            "// Libpq.swift: libpq.\ninternal import CPostgres\ninternal import Machine\n"
        ),
    ]

    @Test func `a clean tree has no findings`() {
        #expect(Tidy.findings(in: Self.cleanTree) == [])
    }

    @Test func `an upward import fails, and the message names both rooms and their layers`() {
        var tree = Self.cleanTree
        tree[2].text += "internal import Postgres\n"
        #expect(
            Tidy.findings(in: tree).map(\.description) == [
                "Sources/Machine/Value.swift:6: `Machine` (layer 1) imports `Postgres` (layer 3): arrows point downward only [layers]"
            ])
    }

    @Test func `an upward arrow in the manifest fails`() {
        var tree = Self.cleanTree
        tree[0].text = Self.manifest.replacing(
            ".target(name: \"Diagnostics\")",
            with: ".target(name: \"Diagnostics\", dependencies: [\"Machine\"])")
        #expect(Tidy.findings(in: tree).map(\.rule) == [.manifest])
    }

    struct Breach: CustomTestStringConvertible, Sendable {
        let path: String
        let line: String
        let rule: Finding.Rule
        var testDescription: String { "\(rule.rawValue): \(line)" }
    }

    static let breaches: [Breach] = [
        Breach(path: "Package.swift", line: ".package(url: \"x\", from: \"1.0.0\")", rule: .manifest),
        Breach(path: "Sources/Machine/A.swift", line: "import Foundation", rule: .layers),
        Breach(path: "Sources/Language/A.swift", line: "internal import Glibc", rule: .layers),
        Breach(path: "Sources/Machine/A.swift", line: "internal import struct Postgres.Pool", rule: .layers),
        Breach(path: "Sources/Transport/A.swift", line: "internal import Machine", rule: .layers),
        Breach(path: "Sources/Nowhere/A.swift", line: "internal import Diagnostics", rule: .layers),
        Breach(path: "Sources/Machine/A.swift", line: "internal import CPostgres", rule: .cModules),
        Breach(path: "Sources/Machine/A.swift", line: "func f() async {}", rule: .purity),
        Breach(path: "Sources/Machine/A.swift", line: "let now = ContinuousClock.now", rule: .purity),
        Breach(path: "Sources/Machine/StringUtils.swift", line: "", rule: .names),
        Breach(path: "Sources/Machine/Helpers/A.swift", line: "", rule: .names),
        Breach(path: "Sources/Machine/A.swift", line: "final class FiberManager {}", rule: .names),
        Breach(path: "Sources/Machine/A.swift", line: "let a = b!", rule: .force),
        Breach(path: "Sources/Machine/A.swift", line: "let a = b[0]!.c", rule: .force),
        Breach(path: "Sources/Machine/A.swift", line: "let a = try! b()", rule: .force),
        Breach(path: "Sources/Machine/A.swift", line: "let a = b as! C", rule: .force),
        Breach(path: "Sources/Machine/A.swift", line: "var a: Int!", rule: .force),
        Breach(path: "Sources/Machine/A.swift", line: "public let a = 1", rule: .access),
        Breach(path: "Sources/Machine/A.swift", line: "class Loop {}", rule: .access),
        Breach(
            path: "Sources/Machine/A.swift", line: "final class Loop: @unchecked Sendable {}", rule: .safety),
        Breach(path: "Sources/Machine/A.swift", line: "nonisolated(unsafe) var a = 1", rule: .safety),
        Breach(path: "Sources/Machine/A.swift", line: "// TO" + "DO: later", rule: .leftovers),
        Breach(path: "docs/a.md", line: "see /ho" + "me/me/notes", rule: .machinePaths),
        Breach(
            path: "Sources/Machine/A.swift",
            line: "func f() {\n" + String(repeating: "    g()\n", count: 59) + "}", rule: .sizes),
        Breach(path: "Sources/Machine/A.swift", line: String(repeating: "\n", count: 600), rule: .sizes),
    ]

    @Test(arguments: breaches) func `every rule is noticed when it is broken`(breach: Breach) {
        var tree = Self.cleanTree
        if let index = tree.firstIndex(where: { $0.path == breach.path }) {
            tree[index].text += "\n\(breach.line)\n"
        } else {
            tree.append((path: breach.path, text: "// A.swift: a file.\n\(breach.line)\n"))
        }
        let rules = Tidy.findings(in: tree).map(\.rule)
        #expect(rules == [breach.rule])
    }

    static let allowed: [String] = [
        "let a = b != c", "let a = !b", "if !a { b() }", "let a = [!b, !c]", "let s = #\"a! \"b\" try!\"#",
        "/// SAFETY: written once before the thread starts.\nfinal class Loop: @unchecked Sendable {}",
        "// SAFETY: read only.\nnonisolated(unsafe) let table = 1", "/* class Loop {} */ final class Loop {}",
        "let s = \"\"\"\n    public class A! \\(b(\"}\")) import Foundation\n    \"\"\"",
        "protocol P {\n    func f()\n    var a: Int { get }\n}\n" + String(repeating: "\n", count: 70),
        "func f() {\n" + String(repeating: "    g()\n", count: 58) + "}",
    ]

    @Test(arguments: allowed) func `what only looks like a breach is let through`(text: String) {
        let tree =
            Self.cleanTree + [(path: "Sources/Machine/A.swift", text: "// A.swift: a file.\n\(text)\n")]
        #expect(Tidy.findings(in: tree) == [])
    }
}
