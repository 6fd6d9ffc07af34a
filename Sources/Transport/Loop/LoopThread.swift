// LoopThread.swift: a thread that runs one event loop until it is stopped.
internal import CLinux
internal import Glibc

/// SAFETY: immutable after `start`, but for `isJoined`, which only the owner's `stop` touches.
package final class LoopThread: @unchecked Sendable {
    package let loop: EventLoop
    private let thread: pthread_t
    private var isJoined = false

    private init(loop: EventLoop, thread: pthread_t) {
        self.loop = loop
        self.thread = thread
    }

    /// Starts a thread that runs `loop`.
    /// - Parameter name: as `top -H` shows it, cut to 15 bytes.
    package static func start(_ loop: EventLoop, name: String) throws(TransportError) -> LoopThread {
        unsafe LoopThread(loop: loop, thread: try startThread(name: name, of: loop, entry: loopThreadMain))
    }

    /// Ends the loop after its current turn and waits for the thread. Not from the loop itself.
    package func stop() {
        precondition(!loop.isCurrent, "a loop thread cannot wait for itself")
        guard !isJoined else { return }
        isJoined = true
        loop.stop()
        _ = pthread_join(thread, nil)
    }
}

/// What the limits on nesting count on, in a source (the background thread) and in JSON (the loops). Stated, since the
/// system's own choice may be a quarter of it: 2 MB when the shell's limit is off. Memory is taken as it is touched.
private let stackBytes = 8 << 20

/// Starts a thread whose entry receives `context` retained, and must release it.
func startThread(
    name: String, of context: some AnyObject,
    entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
) throws(TransportError) -> pthread_t {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { _ = unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    let retained = unsafe Unmanaged.passRetained(context)
    let result = unsafe pthread_create(&thread, &attributes, entry, retained.toOpaque())
    guard result == 0 else {
        unsafe retained.release()
        throw .unavailable(what: "start the thread \(name)", reason: SystemReason(result))
    }
    _ = unsafe pthread_setname_np(thread, String(decoding: name.utf8.prefix(15), as: UTF8.self))
    return thread
}

/// Thread entry for one loop. Balanced by `passRetained` in `startThread`.
func loopThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { preconditionFailure("loop thread started without its loop") }
    unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
