// BuiltinPagesTests.swift: docs/builtins.md is what the machine has, and every example on it holds as it is written.

import Diagnostics
import Foundation
import Language
import Machine
import Testing

struct BuiltinPagesTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/builtins.md")

    @Test func `docs builtins is written from the builtins`() throws {
        if ProcessInfo.processInfo.environment["PATCHBAY_WRITE"] == "1" {
            try BuiltinPages.reference.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(text == BuiltinPages.reference, "write it with PATCHBAY_WRITE=1")
    }

    @Test(arguments: Builtin.all.map(\.name))
    func `the examples hold as they are written`(name: String) throws {
        let builtin = try #require(Builtin.all.first { $0.name == name })
        let tests = builtin.examples.map { "\(BuiltinPages.call(of: builtin, $0)) == \(BuiltinPages.bay($0.result))" }
        let source =
            "get \"/\" => run\nhandler run(request) {\n  return [\n    \(tests.joined(separator: ",\n    ")),\n  ]\n}\n"
        let result = Compiler.compile([
            DeploymentFile(source: SourceFile(path: "routes/a.bay", bytes: Array(source.utf8)), module: nil)
        ])
        let deployment = try #require(
            result.deployment,
            "\(TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources))")
        let fibers = FiberSlab(fibersMax: 1)
        let ref = try #require(fibers.create(program: deployment.program, limits: .standard))
        let arena = try #require(fibers.arena(of: ref))
        let action = try #require(deployment.endpoints.first?.action)
        guard case .finished(.returned(let value)) = fibers.start(ref, action, argument: arena.object([])) else {
            Issue.record("the examples of \(name) do not run:\n\(source)")
            return
        }
        #expect(value.items(in: arena)?.map { $0.asBool == true } == tests.map { _ in true }, "\(source)")
    }
}
