// LimitFlagTests.swift: the limits of language.md section 11 as flags of `patchbay run`.

import Foundation
import Testing

struct LimitFlagTests {
    @Test(arguments: [
        ("--fuel", "0", "`--fuel` takes a number from 1 to 1000000000, not `0`"),
        ("--run-memory", "12", "`--run-memory` takes a number from 65536 to 2147483648, not `12`"),
        ("--call-depth", "x", "`--call-depth` takes a number from 1 to 1024, not `x`"),
        ("--effects-in-flight", "-1", "`--effects-in-flight` takes a number from 1 to 4096, not `-1`"),
        ("--effect-timeout", "5", "`--effect-timeout` takes a duration such as `25s` or `500ms`, not `5`"),
        ("--event-bytes", "1", "`--event-bytes` takes a number from 1024 to 1073741824, not `1`"),
        ("--json-depth", "1001", "`--json-depth` takes a number from 8 to 1000, not `1001`"),
        ("--source-bytes", "0", "`--source-bytes` takes a number from 1024 to 1073741824, not `0`"),
        ("--nesting", "401", "`--nesting` takes a number from 10 to 400, not `401`"),
        ("--deployment-bytes", "many", "`--deployment-bytes` takes a number from 1024 to 1073741824, not `many`"),
    ])
    func `a limit that is none is wrong usage`(flag: String, value: String, says: String) throws {
        let run = try ProgramRun(["run", "routes", flag, value], in: FileManager.default.temporaryDirectory)
        #expect(run.status == 2)
        #expect(run.errors.contains(says), "\(run.errors)")
    }

    /// A folder with one app whose only file has these lines.
    private func folder(_ text: String) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("limits-\(UUID().uuidString)")
        let routes = folder.appendingPathComponent("routes/app")
        try FileManager.default.createDirectory(at: routes, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: routes.appendingPathComponent("routes.bay"))
        return folder
    }

    private static let nested = "let deep = \(String(repeating: "[", count: 12))\(String(repeating: "]", count: 12))\n"
    private static let long = "# \(String(repeating: "x", count: 1100))\nlet one = 1\n"

    @Test(arguments: [
        (
            nested, ["--nesting", "11"],
            ["error[E0206]", "routes/app/routes.bay:1:23", "this is level 12 of at most 11"]
        ),
        (nested, ["--nesting", "12"], []),
        (long, ["--source-bytes", "1100"], ["error[E0110]", "routes/app/routes.bay", "more than 1100 bytes"]),
        (long, ["--source-bytes", "2000"], []),
        (
            long, ["--deployment-bytes", "1100"],
            ["error[H1005]", "1115 bytes; the limit is 1100", "`routes/app/routes.bay` (1115)"]
        ),
        (long, ["--deployment-bytes", "1115"], []),
    ])
    func `a text that is larger than its limit is told with its place`(
        text: String, flags: [String], says: [String]
    ) throws {
        let folder = try folder(text)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try ProgramRun(["check"] + flags, in: folder)
        #expect(run.status == (says.isEmpty ? 0 : 1), "\(run.errors)")
        for part in says { #expect(run.errors.contains(part), "\(run.errors)") }
        let variable = "PATCHBAY_" + flags[0].dropFirst(2).uppercased().replacingOccurrences(of: "-", with: "_")
        let again = try ProgramRun(["check"], in: folder, environment: [variable: flags[1]])
        #expect(again.errors == run.errors)
    }
}
