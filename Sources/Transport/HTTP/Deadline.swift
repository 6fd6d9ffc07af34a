// Deadline.swift: a time limit that moves often and is reached hardly ever.
//
// Moving it later is one store: the timer that is already scheduled finds out when it fires and schedules itself again.
// So a busy connection touches the timer wheel once per idle time, not once per request.

/// One connection's time limit. Its owner cancels it before going away.
struct Deadline {
    private(set) var atNanoseconds: UInt64 = .max
    private var timer = TimerToken.none
    private var timerNanoseconds: UInt64 = .max

    /// Sets the limit; `.max` is none. `fired` is called when the timer comes, and is to call `isReached`.
    mutating func set(_ deadline: UInt64, on loop: EventLoop, fired: @autoclosure () -> () -> Void) {
        atNanoseconds = deadline
        guard deadline < timerNanoseconds else { return }
        loop.cancel(timer)
        timer = loop.schedule(atNanoseconds: deadline, fired())
        timerNanoseconds = deadline
    }

    mutating func clear() { atNanoseconds = .max }

    /// To be called when the timer fired: whether the limit is reached, and not only its old place.
    mutating func isReached(on loop: EventLoop, fired: @autoclosure () -> () -> Void) -> Bool {
        timer = .none
        timerNanoseconds = .max
        let deadline = atNanoseconds
        if loop.nowNanoseconds >= deadline { return true }
        if deadline != .max { set(deadline, on: loop, fired: fired()) }
        return false
    }

    mutating func cancel(on loop: EventLoop) {
        loop.cancel(timer)
        timer = .none
        timerNanoseconds = .max
        atNanoseconds = .max
    }
}
