// ChildProcess.swift: another program as a child, its output line by line, its end as an event of the loop.
//
// The child is held by a pidfd: its end makes that readable, and a signal can never reach a stranger that got the same
// number. It starts with an empty signal mask (ours blocks what signalfd reads) in a process group of its own, so that
// Ctrl-C in the terminal reaches us alone and we end our children in order. A child outlives us unless it is signalled.
// Neighbours: EventLoop.swift; DevEnvironment/PrivatePostgres (the server), SignalWatcher.swift.
internal import CLinux
internal import Glibc

/// What to start.
package struct ChildCommand: Sendable {
    /// Absolute path of the program.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// The whole environment; nil hands on ours.
    package var environment: [(name: String, value: String)]?
    package var workingDirectory: String?

    package init(
        _ executable: String, _ arguments: [String], environment: [(name: String, value: String)]? = nil,
        workingDirectory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}

/// How a child ended.
package enum ChildExit: Sendable, Hashable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(code: 0) }
    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

/// Where standard output and standard error of a child go, together.
package enum ChildOutput: Sendable {
    case inherited
    /// To `onLine`, without line ends; a line longer than 16 KiB comes in pieces.
    case lines
    /// Appended to a file, which is made (0600) when it is missing.
    case file(path: String)
}

/// A running child, on its loop.
@safe package final class ChildProcess {
    private static let lineBytesMax = 16 << 10

    package let processID: Int32
    private let loop: EventLoop
    private let pidfd: Int32
    private var exitRegistration: Registration?
    private var output: OutputPipe?
    private let onLine: (String) -> Void
    private var onExit: ((ChildExit) -> Void)?
    /// Nil while it runs.
    package private(set) var exit: ChildExit?

    /// Starts `command` and returns at once. `onExit` is called once, after the last line.
    package static func start(
        _ command: ChildCommand, output: ChildOutput, on loop: EventLoop, onLine: @escaping (String) -> Void = { _ in },
        onExit: @escaping (ChildExit) -> Void
    ) throws(TransportError) -> ChildProcess {
        var reading: Int32 = -1
        var writing: Int32 = -1
        if case .lines = output {
            let result = unsafe clinux_pipe(&reading, &writing)
            guard result == 0 else { throw .unavailable(what: "make a pipe", reason: SystemReason(result: result)) }
        }
        defer { if writing >= 0 { _ = clinux_close(writing) } }
        do throws(TransportError) {
            let processID = try spawn(command, output: output, pipe: writing)
            return try ChildProcess(processID, reading: reading, on: loop, onLine: onLine, onExit: onExit)
        } catch {
            if reading >= 0 { _ = clinux_close(reading) }
            throw error
        }
    }

    private init(
        _ processID: Int32, reading: Int32, on loop: EventLoop, onLine: @escaping (String) -> Void,
        onExit: @escaping (ChildExit) -> Void
    ) throws(TransportError) {
        self.processID = processID
        self.loop = loop
        self.onLine = onLine
        self.onExit = onExit
        // Nobody else reaps our children, so the number is still this child's.
        pidfd = clinux_pidfd_open(processID)
        guard pidfd >= 0 else {
            throw .unavailable(what: "watch process \(processID)", reason: SystemReason(result: pidfd))
        }
        exitRegistration = try loop.register(pidfd, for: .readable, handler: ExitWatch(self))
        if reading >= 0 {
            output = OutputPipe(descriptor: reading, lineBytesMax: Self.lineBytesMax) { [weak self] in self?.onLine($0)
            }
            output?.registration = try loop.register(reading, for: .readable, handler: OutputWatch(self))
        }
    }

    deinit {
        _ = clinux_close(pidfd)
        if let output { _ = clinux_close(output.descriptor) }
    }

    /// Sends a signal; false when the child has ended already.
    @discardableResult
    package func signal(_ number: Int32) -> Bool { exit == nil && clinux_pidfd_signal(pidfd, number) == 0 }

    func readOutput() {
        guard output?.read(chunksMax: 16) == false else { return }
        closeOutput()
    }

    private func closeOutput() {
        guard let output else { return }
        output.flush()
        if let registration = output.registration { loop.deregister(registration) }
        _ = clinux_close(output.descriptor)
        self.output = nil
    }

    func reap() {
        var isExit: Int32 = 0
        var status: Int32 = 0
        guard exit == nil, unsafe clinux_reap(pidfd, &isExit, &status) != 0 else { return }
        exit = isExit != 0 ? .exited(code: status) : .signalled(status)
        if let exitRegistration { loop.deregister(exitRegistration) }
        // What it wrote last; a grandchild may hold the pipe open, so this does not wait for its end.
        _ = output?.read(chunksMax: 1024)
        closeOutput()
        let done = onExit
        onExit = nil
        if let exit { done?(exit) }
    }

    /// Runs a command to its end and collects what it said.
    /// - Parameter limit: then it is killed.
    package static func run(
        _ command: ChildCommand, on loop: EventLoop, atMost limit: Duration
    ) async throws(TransportError) -> (exit: ChildExit, lines: [String]) {
        let result: Result<(exit: ChildExit, lines: [String]), TransportError> = await withCheckedContinuation {
            continuation in
            var lines: [String] = []
            var child: ChildProcess?
            var timer: TimerToken?
            do throws(TransportError) {
                child = try start(command, output: .lines, on: loop, onLine: { lines.append($0) }) { exit in
                    if let timer { loop.cancel(timer) }
                    child = nil
                    continuation.resume(returning: .success((exit, lines)))
                }
                timer = loop.schedule(after: limit) { child?.signal(SIGKILL) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}

/// Keeps its child alive until it has ended.
private final class ExitWatch: DescriptorHandler {
    private let child: ChildProcess
    init(_ child: ChildProcess) { self.child = child }
    func descriptorReady(_ readiness: Readiness) { child.reap() }
}

private final class OutputWatch: DescriptorHandler {
    private weak var child: ChildProcess?
    init(_ child: ChildProcess) { self.child = child }
    func descriptorReady(_ readiness: Readiness) { child?.readOutput() }
}

/// Cuts a pipe's bytes into lines.
private final class OutputPipe {
    let descriptor: Int32
    var registration: Registration?
    private let lineBytesMax: Int
    private let onLine: (String) -> Void
    private var pending: [UInt8] = []

    init(descriptor: Int32, lineBytesMax: Int, onLine: @escaping (String) -> Void) {
        self.descriptor = descriptor
        self.lineBytesMax = lineBytesMax
        self.onLine = onLine
    }

    /// Reads what is there, not endlessly: a child that never stops talking must not hold up the loop.
    /// - Returns: false at the end.
    func read(chunksMax: Int) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<chunksMax {
            let count = unsafe clinux_read(descriptor, &chunk, chunk.count)
            if count == -Int64(EAGAIN) || count == -Int64(EINTR) { return true }
            guard count > 0 else { return false }
            for byte in chunk[..<Int(count)] {
                if byte == UInt8(ascii: "\n") { flush(evenEmpty: true) } else { pending.append(byte) }
                if pending.count >= lineBytesMax { flush() }
            }
        }
        return true
    }

    func flush(evenEmpty: Bool = false) {
        guard evenEmpty || !pending.isEmpty else { return }
        onLine(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
