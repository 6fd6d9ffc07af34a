// SignalWatcher.swift: signals as events of a loop.
//
// Law: the signals are blocked before any thread starts, so that every thread inherits the mask and no handler ever
// runs in the middle of something. Neighbours: EventLoop.swift, ChildProcess.swift (clears the mask for children).
internal import CLinux
internal import Glibc

/// On its loop only.
package final class SignalWatcher: DescriptorHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Registration?
    private let onSignal: (Int32) -> Void

    /// Blocks signals for this thread and every one that it starts from now on. Also ignores SIGPIPE.
    package static func block(_ signals: [Int32]) {
        var mask = set(of: signals)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// - Parameters:
    ///   - signals: those that were blocked.
    ///   - onSignal: called on the loop with the signal's number.
    package init(loop: EventLoop, signals: [Int32], onSignal: @escaping (Int32) -> Void) throws(TransportError) {
        self.loop = loop
        self.onSignal = onSignal
        var mask = Self.set(of: signals)
        descriptor = unsafe clinux_signal_descriptor(&mask)
        guard descriptor >= 0 else {
            throw .unavailable(what: "watch signals", reason: SystemReason(result: descriptor))
        }
        registration = try loop.register(descriptor, for: .readable, handler: self)
    }

    package func descriptorReady(_ readiness: Readiness) {
        while true {
            let number = clinux_next_signal(descriptor)
            guard number > 0 else { return }
            onSignal(number)
        }
    }

    package func close() {
        if let registration { loop.deregister(registration) }
        if registration != nil { _ = clinux_close(descriptor) }
        registration = nil
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var mask = sigset_t()
        unsafe sigemptyset(&mask)
        for number in signals { unsafe sigaddset(&mask, number) }
        return mask
    }
}
