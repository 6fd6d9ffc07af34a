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

    /// Returns at SIGTERM or SIGINT.
    func untilStopped() async {
        if stopRequests > 0 { return }
        await withCheckedContinuation { stopWaiters.append($0) }
    }

    var isStopping: Bool { stopRequests > 0 }

    private func signalled() {
        // Whoever presses Ctrl-C again does not want to wait for the drain.
        if stopRequests > 0 { exit(130) }
        stop()
    }

    /// As a signal does: `untilStopped` returns.
    func stop() {
        stopRequests += 1
        for waiter in stopWaiters { waiter.resume() }
        stopWaiters = []
    }
}
