// ControlLoop.swift: the main thread's loop: commands run on it, signals arrive at it.
//
// Signals are blocked before any thread starts, so that no thread but this one ever sees them.

internal import Glibc
internal import Transport

/// SAFETY: made and used on the main thread; its members are touched by tasks that run on this loop.
final class ControlLoop: @unchecked Sendable {
    let loop: EventLoop
    let background: BackgroundThread
    private var signals: SignalWatcher?
    private var stopRequests = 0
    private var firstSignalNanoseconds: UInt64?
    private var stopWaiters: [CheckedContinuation<Void, Never>] = []

    private init() throws(TransportError) {
        // Block first: threads inherit the mask.
        SignalWatcher.block([SIGTERM, SIGINT])
        loop = try EventLoop()
        background = try BackgroundThread(name: "background", jobsMax: 1024)
    }

    private func watchSignals() throws(TransportError) {
        signals = try SignalWatcher(loop: loop, signals: [SIGTERM, SIGINT]) { [weak self] _ in self?.signalled() }
    }

    /// Runs a command to its end.
    static func run(_ command: Command, _ options: CommandOptions) -> ExitCode {
        let control: ControlLoop
        do throws(TransportError) {
            control = try ControlLoop()
            try control.watchSignals()
        } catch {
            Terminal.standard.printError("patchbay: \(error)\n")
            return .notReachable
        }
        let result = CommandResult()
        Task(executorPreference: control.loop) {
            do throws(UsageError) {
                result.code = try await command.action(options, control)
            } catch {
                result.usageError = error
            }
            control.loop.stop()
        }
        control.loop.run()
        control.background.stop()
        if let error = result.usageError { PatchbayProgram.fail(error) }
        return result.code
    }

    /// SAFETY: written by the command's task, which runs on the control loop, and read after that loop has ended.
    private final class CommandResult: @unchecked Sendable {
        var code = ExitCode.fine
        var usageError: UsageError?
    }

    /// Runs `work` unless SIGTERM or SIGINT comes first; says whether it was run to its end. Work that is cut off goes on
    /// until it sees that its task is cancelled.
    func unlessStopped(_ work: @escaping @Sendable () async -> Void) async -> Bool {
        let finished = Flag()
        let task = Task(executorPreference: loop) {
            await work()
            finished.isSet = true
            self.wakeWaiters()
        }
        while !finished.isSet, stopRequests == 0 { await withCheckedContinuation { stopWaiters.append($0) } }
        if !finished.isSet { task.cancel() }
        return finished.isSet
    }

    /// SAFETY: touched by tasks of the control loop only.
    private final class Flag: @unchecked Sendable {
        var isSet = false
    }

    private func wakeWaiters() {
        let waiters = stopWaiters
        stopWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at SIGTERM or SIGINT.
    func untilStopped() async {
        while stopRequests == 0 { await withCheckedContinuation { stopWaiters.append($0) } }
    }

    var isStopping: Bool { stopRequests > 0 }

    private func signalled() {
        // Ctrl-C in a shell reaches us twice, from the terminal and from the script around us: that is one request.
        // Whoever presses it again later does not want to wait for the drain.
        let now = loop.nowNanoseconds
        if let first = firstSignalNanoseconds, now - first > 1_000_000_000 { exit(130) }
        if firstSignalNanoseconds == nil { firstSignalNanoseconds = now }
        stop()
    }

    /// As a signal does: `untilStopped` returns.
    func stop() {
        stopRequests += 1
        wakeWaiters()
    }
}
