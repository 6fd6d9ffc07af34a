// EventLoopTests.swift: the loop as others rely on it: order, threads, timers, late events.
import Glibc
import Synchronization
import Testing

@testable import Transport

extension EventLoop {
    func runExpecting(
        _ what: Comment, within limit: Duration = .seconds(5), _ condition: () -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let holds = run(until: condition, atMost: limit)
        #expect(holds, what, sourceLocation: sourceLocation)
    }
}

@Suite struct EventLoopTests {
    @Test func `work from another thread runs on the loop`() throws {
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "loop-test")
        defer { thread.stop() }
        let ran = Atomic(0)
        let onLoop = Atomic(0)
        let done = Gate()
        for _ in 0..<1000 {
            loop.execute {
                ran.add(1, ordering: .relaxed)
                if loop.isCurrent { onLoop.add(1, ordering: .relaxed) }
                if ran.load(ordering: .relaxed) == 1000 { done.open() }
            }
        }
        #expect(done.wait())
        #expect(onLoop.load(ordering: .relaxed) == 1000)
        #expect(!loop.isCurrent)
    }

    @Test func `a task that prefers the loop resumes on the loop after each suspension`() async throws {
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "loop-task")
        defer { thread.stop() }
        let task = Task(executorPreference: loop) { () -> [Bool] in
            var seen = [loop.isCurrent]
            for _ in 0..<3 {
                await withCheckedContinuation { continuation in
                    loop.schedule(after: .milliseconds(1)) { continuation.resume() }
                }
                seen.append(loop.isCurrent)
            }
            return seen
        }
        #expect(await task.value == [true, true, true, true])
    }

    @Test func `the end of a turn comes after the turn's jobs and work`() throws {
        let loop = try EventLoop()
        nonisolated(unsafe) var order: [String] = []
        loop.schedule(after: .zero) {
            loop.atEndOfTurn { order.append("end") }
            order.append("timer")
            loop.execute { order.append("work") }
        }
        loop.runExpecting("the turn ends") { order.last == "end" }
        #expect(order == ["timer", "work", "end"])
    }

    @Test func `an event fetched before its registration ended is not delivered`() throws {
        let loop = try EventLoop()
        // Two readable pipes in one turn: whichever handler comes first ends the other's registration.
        let (first, second, third) = (Pipe(), Pipe(), Pipe())
        let (a, b) = (Recorder(), Recorder())
        let aRegistration = try loop.register(first.reading, for: .readable, handler: a)
        let bRegistration = try loop.register(second.reading, for: .readable, handler: b)
        let stranger = Recorder()
        var strangers: Registration?
        a.onReady = {
            loop.deregister(bRegistration)
            loop.deregister(aRegistration)
            // The freed slots are taken again at once, by someone who must not hear the late event.
            strangers = try? loop.register(third.reading, for: .readable, handler: stranger)
        }
        b.onReady = a.onReady
        first.fill()
        second.fill()
        loop.runExpecting("one handler runs") { a.count + b.count > 0 }
        _ = loop.run(until: { false }, atMost: .milliseconds(5))
        #expect(a.count + b.count == 1)
        #expect(stranger.count == 0)
        #expect(strangers != nil)
    }
}
