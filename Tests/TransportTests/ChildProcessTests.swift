// ChildProcessTests.swift: real children: their lines, their ends, signals, and what cannot be started.

import Foundation
import Testing

@testable import Transport

@Suite struct ChildProcessTests {
    private func run(
        _ script: String, directory: String? = nil, environment: [(name: String, value: String)]? = nil
    ) throws -> (exit: ChildExit?, lines: [String]) {
        let loop = try EventLoop()
        var lines: [String] = []
        var exit: ChildExit?
        _ = try ChildProcess.start(
            ChildCommand("/bin/sh", ["-c", script], environment: environment, workingDirectory: directory),
            output: .lines, on: loop, onLine: { lines.append($0) }, onExit: { exit = $0 })
        _ = loop.run(until: { exit != nil }, atMost: .seconds(20))
        #expect(loop.descriptorCount == 0)
        return (exit, lines)
    }

    @Test(arguments: [
        ("echo a; echo b >&2; printf c", ChildExit.exited(code: 0), ["a", "b", "c"]), ("exit 7", .exited(code: 7), []),
        ("kill -9 $$", .signalled(9), []), ("cat", .exited(code: 0), []), ("echo; echo", .exited(code: 0), ["", ""]),
        // The grandchild holds the pipe open; the end of the child counts.
        ("echo x; sleep 30 & exit 3", .exited(code: 3), ["x"]),
    ])
    func `a child's lines come before its end`(script: String, exit: ChildExit, lines: [String]) throws {
        let result = try run(script)
        #expect(result.exit == exit)
        #expect(result.lines == lines)
    }

    @Test func `a child gets its folder and environment, and no blocked signals`() throws {
        let result = try run(
            "pwd; echo $A; grep SigBlk /proc/self/status", directory: "/",
            environment: [("A", "b c"), ("PATH", "/bin:/usr/bin")])
        #expect(result.lines == ["/", "b c", "SigBlk:\t0000000000000000"])
    }

    @Test func `a signal ends a child, a second one meets nobody`() throws {
        let loop = try EventLoop()
        var exit: ChildExit?
        let child = try ChildProcess.start(
            ChildCommand("/bin/sleep", ["60"]), output: .inherited, on: loop, onExit: { exit = $0 })
        #expect(child.signal(SIGTERM))
        #expect(loop.run(until: { exit != nil }, atMost: .seconds(20)))
        #expect(exit == .signalled(SIGTERM))
        #expect(!child.signal(SIGTERM))
    }

    @Test func `what cannot be started is an error that names it`() throws {
        let loop = try EventLoop()
        let error = #expect(throws: TransportError.self) {
            _ = try ChildProcess.start(
                ChildCommand("/nowhere/program", []), output: .lines, on: loop, onExit: { _ in })
        }
        #expect(error?.description == "cannot start /nowhere/program: No such file or directory")
        #expect(loop.descriptorCount == 0)
    }

    @Test func `a command runs to its end, or is killed when its time is up`() async throws {
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "child-test")
        defer { thread.stop() }
        let outcome = try await Task(executorPreference: loop) {
            let done = try await ChildProcess.run(ChildCommand("/bin/echo", ["x"]), on: loop, atMost: .seconds(20))
            let killed = try await ChildProcess.run(
                ChildCommand("/bin/sleep", ["60"]), on: loop, atMost: .milliseconds(50))
            return (done.lines, done.exit, killed.exit)
        }.value
        #expect(outcome.0 == ["x"])
        #expect(outcome.1.isSuccess)
        #expect(outcome.2 == .signalled(SIGKILL))
    }
}
