// ExplainBytecodeTests.swift: `patchbay explain --bytecode` as a process.

import Foundation
import Testing

struct ExplainBytecodeTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("patchbay-bytecode-\(UUID().uuidString)")
        let files = [
            "routes/app/routes.bay": """
            subscribe "pubsub/t" (dead_letter: "dead") {
              on "x" as big where event.data.qty > 10 => orders.save
            }
            get "/double/{n}" => orders.double

            """,
            "routes/other/routes.bay": "get \"/double/{n}\" => orders.double\n",
            "scripts/orders.bay": """
            fn twice(n: int) -> int { return n * 2 }
            handler save(event) { return event.data }
            handler double(request) {
              return twice(request.params.n.to_int() ?? 0)
            }

            """,
        ]
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    private func run(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun(["explain", "--bytecode"] + arguments, in: folder)
    }

    @Test func `a function is listed under its place, with its lines above its code`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let listed = try run("orders.twice")
        #expect(listed.status == 0, "\(listed.errors)")
        let lines = listed.output.components(separatedBy: "\n")
        #expect(lines.first == "# scripts/orders.bay:1:4")
        #expect(lines.contains { $0.hasPrefix("orders.twice: 1 parameter, ") })
        #expect(lines.contains("    1 | fn twice(n: int) -> int { return n * 2 }"))
        #expect(lines.contains { $0.contains("multiply") } && lines.contains { $0.contains("returnValue") })
        #expect(!listed.output.contains("orders.save"))
    }

    @Test func `without a name all functions are listed, those of several apps once`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let all = try run()
        #expect(all.status == 0, "\(all.errors)")
        for name in ["where of big:", "orders.save:", "orders.double:", "orders.twice:"] {
            #expect(all.output.components(separatedBy: "\n\(name)").count == 2, "\(name)")
        }
        #expect(all.output.contains("loadSlot") && all.output.contains("event.data.qty"))
        let one = try run("routes/other")
        #expect(one.output.contains("orders.double:") && !one.output.contains("orders.save:"))
    }

    @Test func `an unknown name and a deployment with errors are told`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let unknown = try run("orders.twise")
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("did you mean `orders.twice`?"))
        try "handler double(request) { return nothing }".write(
            to: folder.appendingPathComponent("scripts/orders.bay"), atomically: true, encoding: .utf8)
        let broken = try run()
        #expect(broken.status == 1)
        #expect(broken.output.isEmpty && broken.errors.contains("error[E0"))
    }
}
