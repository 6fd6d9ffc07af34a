// BlockingCall.swift: a thread for one call of C that blocks: a name look-up, a cancel request.
//
// Both are rare (once per connection attempt or overdue statement), so a thread each is the simplest that is right.
// The result goes back to the loop; what belongs to the loop travels in a LoopConfined.

internal import Glibc
internal import Transport

/// Carries a reference of the loop through code that runs elsewhere.
///
/// SAFETY: `value` is private and read by `onLoop` alone, which traps anywhere but on the loop that it came from.
struct LoopConfined<Value>: @unchecked Sendable {
    private let value: Value
    private let loop: EventLoop

    init(_ value: Value, on loop: EventLoop) {
        self.value = value
        self.loop = loop
    }

    func onLoop(_ body: (Value) -> Void) {
        precondition(loop.isCurrent, "what belongs to a loop was touched on another thread")
        body(value)
    }
}

/// The body of one thread. SAFETY: immutable.
private final class BlockingCall: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs `body` on a thread of its own; false when no thread could be had.
func runBlocking(_ body: @escaping @Sendable () -> Void) -> Bool {
    let call = unsafe Unmanaged.passRetained(BlockingCall(body))
    var thread = pthread_t()
    guard unsafe pthread_create(&thread, nil, blockingCallMain, call.toOpaque()) == 0 else {
        unsafe call.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// Thread entry. Balanced by `passRetained` in `runBlocking`.
private func blockingCallMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { preconditionFailure("thread started without its call") }
    unsafe Unmanaged<BlockingCall>.fromOpaque(context).takeRetainedValue().body()
    return nil
}
