// FormatCommandTests.swift: `patchbay fmt` as a process: what it writes, what it prints, how it ends.

import Foundation
import Testing

/// The built program, run in a folder of its own.
struct ProgramRun {
    let status: Int32
    let output: String
    let errors: String

    /// The program stands beside the test bundle.
    private static var program: URL {
        URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("patchbay")
    }

    init(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: String = ""
    ) throws {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.executableURL = Self.program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        let text = Pipe()
        process.standardInput = text
        try process.run()
        text.fileHandleForWriting.write(Data(input.utf8))
        try text.fileHandleForWriting.close()
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }
}

struct FormatCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("patchbay-fmt-\(UUID().uuidString)")
        for name in ["routes/app", "scripts"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try write("let a=1\n", "routes/app/routes.bay")
        try write("let b = 2\n", "scripts/main.bay")
    }

    private func write(_ text: String, _ path: String) throws {
        try text.write(to: folder.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }

    private func read(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    private func remove() { try? FileManager.default.removeItem(at: folder) }

    @Test func `what is not in canonical form is written and named, what is stays untouched`() throws {
        defer { remove() }
        let first = try ProgramRun(["fmt"], in: folder)
        #expect(first.status == 0)
        #expect(first.output == "routes/app/routes.bay\n" && first.errors == "")
        #expect(try read("routes/app/routes.bay") == "let a = 1\n")
        let second = try ProgramRun(["fmt"], in: folder)
        #expect(second.status == 0 && second.output == "")
    }

    @Test func `a check writes nothing and ends with 1`() throws {
        defer { remove() }
        let check = try ProgramRun(["fmt", "--check", "routes", "scripts/main.bay", "scripts"], in: folder)
        #expect(check.status == 1)
        #expect(check.output == "routes/app/routes.bay\n")
        #expect(try read("routes/app/routes.bay") == "let a=1\n")
        #expect(try ProgramRun(["fmt", "--check", "scripts"], in: folder).status == 0)
    }

    @Test func `a file with errors is shown and stays as it is, the others are formatted`() throws {
        defer { remove() }
        try write("let  b = \n", "scripts/main.bay")
        let run = try ProgramRun(["fmt", "scripts", "routes"], in: folder)
        #expect(run.status == 1)
        #expect(run.output == "routes/app/routes.bay\n")
        #expect(run.errors.contains("scripts/main.bay:1:") && run.errors.contains("error[E02"))
        #expect(try read("scripts/main.bay") == "let  b = \n")
    }

    @Test func `permissions and symbolic links stay what they are`() throws {
        defer { remove() }
        let files = FileManager.default
        let file = folder.appendingPathComponent("routes/app/routes.bay").path
        try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        let link = folder.appendingPathComponent("scripts/linked.bay").path
        try files.createSymbolicLink(atPath: link, withDestinationPath: "../routes/app/routes.bay")
        #expect(try ProgramRun(["fmt", "scripts/linked.bay"], in: folder).output == "scripts/linked.bay\n")
        #expect(try files.destinationOfSymbolicLink(atPath: link) == "../routes/app/routes.bay")
        #expect(try read("routes/app/routes.bay") == "let a = 1\n")
        #expect(try files.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o640)
        #expect(
            try files.contentsOfDirectory(atPath: folder.appendingPathComponent("routes/app").path) == ["routes.bay"])
    }

    @Test func `a minus formats standard input to standard output`() throws {
        defer { remove() }
        let run = try ProgramRun(["fmt", "-"], in: folder, input: "let a=1\n")
        #expect(run.status == 0 && run.output == "let a = 1\n" && run.errors == "")
        let check = try ProgramRun(["fmt", "--check", "-"], in: folder, input: "let a=1\n")
        #expect(check.status == 1 && check.output == "")
        let bad = try ProgramRun(["fmt", "-"], in: folder, input: "let a=\n")
        #expect(bad.status == 1 && bad.output == "" && bad.errors.contains("-:1:"))
    }

    @Test func `a file that is not there is said to be so, a folder without any is wrong usage`() throws {
        defer { remove() }
        let run = try ProgramRun(["fmt", "nothing.bay"], in: folder)
        #expect(run.status == 1 && run.errors.contains("nothing.bay"))
        #expect(try ProgramRun(["fmt"], in: folder.appendingPathComponent("scripts")).status == 2)
        #expect(try ProgramRun(["fmt", "--chek"], in: folder).errors.contains("did you mean `--check`?"))
    }
}
