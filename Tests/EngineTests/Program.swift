// Program.swift: the built `patchbay` as a user meets it: started, signalled, and what it said.

import Foundation
import Transport

/// One run of the program.
///
/// SAFETY: the process is touched on the control loop only.
final class Program: @unchecked Sendable {
    struct Result: Sendable {
        let code: Int32
        /// Standard output and standard error.
        let output: String
        let errors: String
    }

    private let control: ControlThread
    private let folder: TemporaryFolder
    private var process: ChildProcess?
    private var exit: ChildExit?

    /// Starts it.
    ///
    /// - Parameter folder: where it runs.
    init(
        _ arguments: [String], in folder: String, environment: [String: String] = [:],
        program: String = Project.program,
        on control: ControlThread
    ) async throws {
        self.control = control
        self.folder = try TemporaryFolder()
        var variables = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/tmp"]
        variables.merge(environment) { $1 }
        // A shell that becomes the program, so that the two outputs can be told apart.
        let command = ChildCommand(
            "/bin/sh",
            [
                "-c", #"out=$1; err=$2; shift 2; exec "$@" >"$out" 2>"$err""#, "sh", self.folder("out"),
                self.folder("err"), program,
            ]
                + arguments,
            environment: variables.map { (name: $0.key, value: $0.value) }, workingDirectory: folder)
        try await control.perform { [self] in
            process = try ChildProcess.start(command, output: .inherited, on: control.loop) { [self] in exit = $0 }
        }
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], program: String = Project.program
    ) async throws -> Result {
        let control = try ControlThread()
        let program = try await Program(arguments, in: folder, environment: environment, program: program, on: control)
        let result = try await program.result()
        try await control.stop()
        return result
    }

    var output: String { (try? folder.read("out")) ?? "" }
    var errors: String { (try? folder.read("err")) ?? "" }

    func signal(_ number: Int32) async throws { _ = try await control.perform { [self] in process?.signal(number) } }

    var isRunning: Bool {
        get async throws { try await control.perform { [self] in exit == nil } }
    }

    /// Waits for its end.
    func result() async throws -> Result {
        do {
            try await eventually("the program ends") { try await !isRunning }
        } catch {
            try await signal(SIGKILL)
            throw error
        }
        let exit = try await control.perform { [self] in self.exit }
        guard case .exited(let code)? = exit else { return Result(code: -1, output: output, errors: errors) }
        return Result(code: code, output: output, errors: errors)
    }
}
