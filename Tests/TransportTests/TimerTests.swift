// TimerTests.swift: timers in order, cancelled, far away and many.
import Testing

@testable import Transport

private let start: UInt64 = 5_000_000_123

private func milliseconds(_ count: UInt64) -> UInt64 { count * 1_000_000 }

@Suite struct TimerWheelTests {
    /// Fires everything up to `now`, in order.
    private func fire(_ wheel: inout TimerWheel, upTo now: UInt64) {
        while let body = wheel.popDue(nowNanoseconds: now) { body() }
    }

    @Test func `timers fire in the order of their time, those of one millisecond in the order of scheduling`() {
        var wheel = TimerWheel(startNanoseconds: start)
        var fired: [String] = []
        for (name, delay) in [("far", 70_000), ("c", 65), ("a", 1), ("d", 65), ("b", 64), ("farther", 5_000_000)]
            as [(String, UInt64)]
        {
            _ = wheel.schedule(atNanoseconds: start + milliseconds(delay)) { fired.append(name) }
        }
        fire(&wheel, upTo: start + milliseconds(100))
        #expect(fired == ["a", "b", "c", "d"])
        fire(&wheel, upTo: start + milliseconds(10_000_000))
        #expect(fired == ["a", "b", "c", "d", "far", "farther"])
        #expect(wheel.count == 0)
        #expect(wheel.nextWakeNanoseconds() == nil)
    }

    @Test func `none fires early, and each fires at the first look after its time`() {
        // Delays around every border of the wheels.
        var delays: [UInt64] = []
        for bit: UInt64 in 0..<34 {
            let border: UInt64 = 1 << bit
            delays += [border - 1, border, border + 1]
        }
        for offset: UInt64 in [0, 1, 63, 64, 4095, 262_143] {
            for delay in delays {
                var wheel = TimerWheel(startNanoseconds: start)
                let origin = start + milliseconds(offset)
                fire(&wheel, upTo: origin)
                let deadline = origin + milliseconds(delay) + 500
                var isFired = false
                _ = wheel.schedule(atNanoseconds: deadline) { isFired = true }
                // On the way, as other timers would wake the loop.
                fire(&wheel, upTo: origin + milliseconds(delay / 2))
                fire(&wheel, upTo: deadline - 1)
                #expect(!isFired, "early: \(offset) + \(delay)")
                fire(&wheel, upTo: deadline + milliseconds(1))
                #expect(isFired, "late: \(offset) + \(delay)")
            }
        }
    }

    @Test func `the next wake is never after the next deadline, and leads to it in a few steps`() {
        var wheel = TimerWheel(startNanoseconds: start)
        var isFired = false
        let deadline = start + milliseconds(123_456_789)
        _ = wheel.schedule(atNanoseconds: deadline) { isFired = true }
        var steps = 0
        while !isFired, let wake = wheel.nextWakeNanoseconds(), steps < 20 {
            #expect(wake <= deadline + milliseconds(1))
            fire(&wheel, upTo: wake)
            steps += 1
        }
        #expect(isFired)
        #expect(steps <= 7)
    }

    @Test func `a cancelled timer does not fire, and its token does not cancel another`() {
        var wheel = TimerWheel(startNanoseconds: start)
        var fired: [Int] = []
        let first = wheel.schedule(atNanoseconds: start + milliseconds(5)) { fired.append(1) }
        let cancelled = [wheel.cancel(first), wheel.cancel(first)]
        #expect(cancelled == [true, false])
        _ = wheel.schedule(atNanoseconds: start + milliseconds(5)) { fired.append(2) }
        let stale = [wheel.cancel(first), wheel.cancel(.none)]
        #expect(stale == [false, false])
        fire(&wheel, upTo: start + milliseconds(10))
        #expect(fired == [2])
    }

    @Test func `100 000 timers, most of them cancelled, come out right`() {
        var wheel = TimerWheel(startNanoseconds: start)
        var random = SystemRandomNumberGenerator()
        var last: UInt64 = 0
        var fired = 0
        var tokens: [TimerToken] = []
        for _ in 0..<100_000 {
            let deadline = start + milliseconds(UInt64.random(in: 1...600_000, using: &random))
            tokens.append(
                wheel.schedule(atNanoseconds: deadline) {
                    fired += 1
                    if deadline < last { Issue.record("out of order") }
                    last = deadline
                })
        }
        for (index, token) in tokens.enumerated() where index % 10 != 0 { wheel.cancel(token) }
        #expect(wheel.count == 10_000)
        var now = start
        while wheel.count > 0 {
            now += milliseconds(1000)
            fire(&wheel, upTo: now)
        }
        #expect(fired == 10_000)
    }

    @Test func `a timer set by a timer does not hold up the turn`() throws {
        let loop = try EventLoop()
        var count = 0
        func again() {
            count += 1
            if count < 5 { loop.schedule(after: .zero, again) }
        }
        loop.schedule(after: .zero, again)
        loop.runExpecting("it comes back") { count == 5 }
    }

    @Test func `a delay is kept on a real clock`() throws {
        let loop = try EventLoop()
        let begun = ContinuousClock.now
        var took: Duration?
        loop.schedule(after: .milliseconds(30)) { took = ContinuousClock.now - begun }
        loop.runExpecting("it fires") { took != nil }
        #expect(try #require(took) >= .milliseconds(30))
    }

    @Test(
        arguments: [
            (Duration.zero, 0), (.milliseconds(-5), 0), (.nanoseconds(1), 1), (.seconds(3), 3_000_000_000),
            (.seconds(Int64.max), UInt64.max / 4),
        ] as [(Duration, UInt64)])
    func `durations become nanoseconds within bounds`(duration: Duration, nanoseconds: UInt64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }
}
