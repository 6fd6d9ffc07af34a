// WaitingPolicyTests.swift: deliveries that wait for each other: their turn, room, the second, the first of their kind.

import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

struct WaitingPolicyTests {
    /// A rule that posts the event's number to another app, with these options.
    private static func posting(_ options: String, _ rules: String? = nil) -> String {
        """
        app other = "other"
        subscribe "bus/things" (dead_letter: "dead", retry: 0, timeout: 1m, \(options)) {
          \(rules ?? #"otherwise { other.post("/take", event.data.n) }"#)
        }
        """
    }

    private static func data(_ number: Int, key: String) -> String { #"{"n":\#(number),"key":\#(key)}"# }

    private static func waits(_ count: Int64, _ engine: EngineUnderTest) async throws {
        try await eventually("\(count) deliveries wait") { try await engine.number("waiting") == count }
    }

    // MARK: Order

    @Test(arguments: [1, 4])
    func `events of one key run one after another as they arrived, on whichever loop`(loops: Int) async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("ordered_by: event.data.key"),
            sidecar: { $0.body == "0" ? .held : .usual }, adjust: { $0.loopCount = loops }
        ) { engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await engine.deliver("x", id: "\(number)", data: Self.data(number, key: #""a""#))
                    }
                    if number == 0 {
                        try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
                    } else {
                        try await Self.waits(Int64(number), engine)
                    }
                }
                #expect(engine.sidecar.calls.map(\.body) == ["0"])
                engine.sidecar.release(200)
                for try await word in group { #expect(word == "SUCCESS") }
            }
            #expect(engine.sidecar.calls.map(\.body) == (0..<8).map(String.init))
            #expect(try await engine.number("waiting") == 0)
            #expect(try await engine.outcomes() == ["success": 8])
        }
    }

    @Test func `other keys go on meanwhile, and what has no key waits for nobody`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("ordered_by: event.data.key"), sidecar: { $0.body == "1" ? .held : .usual },
            adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            async let first = engine.deliver("x", id: "1", data: Self.data(1, key: "7"))
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            for key in ["8", #""7""#, "null", "null", "[7]", "true"] {
                #expect(try await engine.deliver("x", id: "2", data: Self.data(2, key: key)) == "SUCCESS")
            }
            #expect(try await engine.deliver("x", id: "3", data: #"{"n":3}"#) == "SUCCESS")
            // Equal values are one key, however they are written.
            async let same = engine.deliver("x", id: "4", data: Self.data(4, key: "7.0"))
            try await Self.waits(1, engine)
            engine.sidecar.release(200)
            #expect(try await [first, same] == ["SUCCESS", "SUCCESS"])
            #expect(engine.sidecar.calls.last?.body == "4")
        }
    }

    @Test func `an event that ends in RETRY gives its turn away`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("ordered_by: event.data.key"),
            sidecar: { $0.body == "1" ? .held : .usual }
        ) { engine async throws in
            async let first = engine.deliver("x", id: "1", data: Self.data(1, key: "7"))
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            async let second = engine.deliver("x", id: "2", data: Self.data(2, key: "7"))
            try await Self.waits(1, engine)
            engine.sidecar.release(503)
            #expect(try await [first, second] == ["RETRY", "SUCCESS"])
        }
    }

    // MARK: Room

    @Test func `no more run at once than the subscription says`() async throws {
        try await EngineUnderTest.with(routes: Self.posting("concurrency: 2"), sidecar: { _ in .held }) {
            engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<6 { group.addTask { try await engine.deliver("x", id: "\(number)") } }
                for round in 1...3 {
                    try await Self.waits(Int64(6 - 2 * round), engine)
                    try await eventually("two are at work") { engine.sidecar.heldCount == 2 }
                    #expect(engine.sidecar.calls.count == 2 * round)
                    engine.sidecar.release(200)
                }
                for try await word in group { #expect(word == "SUCCESS") }
            }
        }
    }

    @Test func `one at a time holds over all loops`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("concurrency: 1"), sidecar: { _ in .held }, adjust: { $0.loopCount = 3 }
        ) { engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<5 { group.addTask { try await engine.deliver("x", id: "\(number)") } }
                for round in 1...5 {
                    try await Self.waits(Int64(5 - round), engine)
                    try await eventually("one is at work") { engine.sidecar.heldCount == 1 }
                    #expect(engine.sidecar.calls.count == round)
                    engine.sidecar.release(200)
                }
                for try await word in group { #expect(word == "SUCCESS") }
            }
        }
    }

    @Test func `the surplus of a second waits, and no second has more than the limit`() async throws {
        try await EngineUnderTest.with(routes: Self.posting("limit: 5")) { engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<11 { group.addTask { try await engine.deliver("x", id: "\(number)") } }
                for try await word in group { #expect(word == "SUCCESS") }
            }
            let times = engine.sidecar.calls.map(\.at)
            try #require(times.count == 11)
            for (early, late) in zip(times, times.dropFirst(5)) {
                // The call is seen a little after the run began; a busy machine sees the early one late.
                #expect(late - early >= .milliseconds(800))
            }
        }
    }

    // MARK: Time and limits

    @Test func `the clock starts at arrival: a delivery whose time ends while it waits is RETRY`() async throws {
        let routes = Self.posting("limit: 1").replacing("timeout: 1m", with: "timeout: 300ms")
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            #expect(try await engine.deliver("x", id: "1") == "SUCCESS")
            let began = ContinuousClock.now
            #expect(try await engine.deliver("x", id: "2") == "RETRY")
            #expect(ContinuousClock.now - began >= .milliseconds(299))
            #expect(try await engine.outcomes() == ["success": 1, "overloaded": 1])
            #expect(engine.log.contains("the delivery's time ended while it waited for room to run"))
            #expect(engine.sidecar.calls.count == 1)
            #expect(try await engine.number("waiting") == 0)
        }
    }

    @Test func `beyond the deliveries that may wait the next one is RETRY at once`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("ordered_by: 1"), sidecar: { _ in .held },
            adjust: { $0.limits.waitingPerLoopMax = 1 }
        ) { engine async throws in
            async let first = engine.deliver("x", id: "1")
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            async let second = engine.deliver("x", id: "2")
            try await Self.waits(1, engine)
            #expect(try await engine.deliver("x", id: "3") == "RETRY")
            #expect(try await engine.outcomes() == ["overloaded": 1])
            engine.sidecar.follow { _ in .usual }
            engine.sidecar.release(200)
            #expect(try await [first, second] == ["SUCCESS", "SUCCESS"])
        }
    }

    @Test func `who waits ends on the generation that it began with, and a reload keeps the line`() async throws {
        func routes(_ version: Int) -> String {
            Self.posting(
                "ordered_by: event.data.key", #"otherwise { other.post("/take", [\#(version), event.data.n]) }"#)
        }
        try await EngineUnderTest.with(
            routes: routes(1), sidecar: { $0.body == "[1,0]" ? .held : .usual }
        ) { engine async throws in
            async let first = engine.deliver("x", id: "0", data: Self.data(0, key: "1"))
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            async let second = engine.deliver("x", id: "1", data: Self.data(1, key: "1"))
            try await Self.waits(1, engine)
            try engine.folder.write("routes/app/routes.bay", routes(2))
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
            async let third = engine.deliver("x", id: "2", data: Self.data(2, key: "1"))
            try await Self.waits(2, engine)
            engine.sidecar.release(200)
            #expect(try await [first, second, third] == ["SUCCESS", "SUCCESS", "SUCCESS"])
            #expect(engine.sidecar.calls.map(\.body) == ["[1,0]", "[1,1]", "[2,2]"])
        }
    }

    @Test func `at the end who waits is RETRY at once, and who is at work ends well`() async throws {
        try await EngineUnderTest.with(
            routes: Self.posting("ordered_by: 1"), sidecar: { _ in .held }, adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            async let first = engine.deliver("x", id: "1")
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            async let second = engine.deliver("x", id: "2")
            try await Self.waits(1, engine)
            async let stopped: Void = engine.control.run { await engine.engine.stop() }
            #expect(try await second == "RETRY")
            engine.sidecar.release(200)
            #expect(try await first == "SUCCESS")
            try await stopped
            #expect(engine.sidecar.calls.count == 1)
        }
    }
}

struct DuplicateTests {
    private static func routes(_ options: String, _ rules: String? = nil) -> String {
        """
        app other = "other"
        subscribe "bus/things" (dead_letter: "dead", retry: 0, timeout: 1m, \(options)) {
          \(rules ?? #"otherwise { other.post("/take", event.id) }"#)
        }
        """
    }

    @Test(arguments: [1, 4])
    func `what ended well is not done again, on whichever loop it comes`(loops: Int) async throws {
        try await EngineUnderTest.with(routes: Self.routes("dedupe: 10m"), adjust: { $0.loopCount = loops }) {
            engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    for id in ["a", "b", "c"] { group.addTask { try await engine.deliver("x", id: id) } }
                }
                for try await word in group { #expect(word == "SUCCESS") }
            }
            #expect(engine.sidecar.calls.map(\.body).sorted() == [#""a""#, #""b""#, #""c""#])
            #expect(try await engine.number("duplicates") == 9)
            #expect(try await engine.number("remembered") == 3)
            #expect(try await engine.outcomes() == ["success": 12])
        }
    }

    @Test func `a duplicate in flight waits for the first one's outcome, whatever it is`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes("dedupe: 10m"), sidecar: { _ in .held }, adjust: { $0.loopCount = 2 }
        ) { engine async throws in
            for (status, word) in [(503, "RETRY"), (200, "SUCCESS")] {
                let before = engine.sidecar.calls.count
                async let first = engine.deliver("x")
                try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
                async let second = engine.deliver("x")
                try await eventually("the second waits") { try await engine.number("waiting") == 1 }
                engine.sidecar.release(status)
                #expect(try await [first, second] == [word, word])
                #expect(engine.sidecar.calls.count == before + 1)
            }
            #expect(try await engine.deliver("x") == "SUCCESS")
            #expect(engine.sidecar.calls.count == 2)
        }
    }

    @Test func `a dropped event is dropped again, so that its dead letter is not lost`() async throws {
        let rules = #"otherwise { other.post("/take", 1); drop "no" }"#
        try await EngineUnderTest.with(routes: Self.routes("dedupe: 1h", rules)) { engine async throws in
            #expect(try await engine.deliver("x") == "DROP")
            #expect(try await engine.deliver("x") == "DROP")
            #expect(engine.sidecar.calls.count == 1)
            #expect(try await engine.outcomes() == ["drop": 2])
        }
    }

    @Test func `with match all only the rules run again that are not done`() async throws {
        let rules = """
            on "x" as good { other.post("/good", event.id) }
              on "x" as bad { other.post("/bad", event.id) }
            """
        let isUp = Mutex(false)
        try await EngineUnderTest.with(
            routes: Self.routes("dedupe: 1h, match: \"all\"", rules),
            sidecar: { $0.target.hasSuffix("/bad") && !isUp.withLock { $0 } ? .reply(503) : .usual }
        ) { engine async throws in
            #expect(try await engine.deliver("x") == "RETRY")
            isUp.withLock { $0 = true }
            #expect(try await engine.deliver("x") == "SUCCESS")
            #expect(try await engine.deliver("x") == "SUCCESS")
            let paths = engine.sidecar.calls.map { $0.target.split(separator: "/").last.map(String.init) ?? "" }
            #expect(paths == ["good", "bad", "bad"])
        }
    }

    @Test func `source, id and rule make an event the same; its time and data do not`() async throws {
        let rules = """
            on "x" { other.post("/take", 1) }
              on "y" { other.post("/take", 2) }
            """
        try await EngineUnderTest.with(routes: Self.routes("dedupe: 1h", rules)) { engine async throws in
            #expect(try await engine.deliver("x", id: "1", data: "1") == "SUCCESS")
            #expect(try await engine.deliver("x", id: "1", data: "2") == "SUCCESS")
            #expect(try await engine.deliver("y", id: "1") == "SUCCESS")
            let elsewhere = EngineUnderTest.event("x").replacing(#""source":"test""#, with: #""source":"other""#)
            #expect(try await engine.deliver(body: elsewhere).status == 200)
            #expect(engine.sidecar.calls.map(\.body) == ["1", "2", "1"])
        }
    }

    @Test func `after its time an event is forgotten, and beyond the room the oldest one`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes("dedupe: 1h"), adjust: { $0.limits.rememberedEventsPerLoopMax = 2 }
        ) { engine async throws in
            for id in ["1", "2", "3", "3", "2", "1"] { #expect(try await engine.deliver("x", id: id) == "SUCCESS") }
            #expect(engine.sidecar.calls.map(\.body) == [#""1""#, #""2""#, #""3""#, #""1""#])
            #expect(try await engine.number("forgotten_early") == 2)
            #expect(try await engine.number("remembered") == 2)
        }
        try await EngineUnderTest.with(routes: Self.routes("dedupe: 1ms")) { engine async throws in
            #expect(try await engine.deliver("x") == "SUCCESS")
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await engine.deliver("x") == "SUCCESS")
            #expect(engine.sidecar.calls.count == 2)
            #expect(try await engine.number("forgotten_early") == 0)
        }
    }

    @Test func `order, memory and room go together`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes("dedupe: 1h, ordered_by: event.subject, concurrency: 3, limit: 1000"),
            adjust: { $0.loopCount = 4 }
        ) { engine async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<60 { group.addTask { try await engine.deliver("x", id: "\(number % 20)") } }
                for try await word in group { #expect(word == "SUCCESS") }
            }
            #expect(engine.sidecar.calls.count == 20)
            #expect(try await engine.number("duplicates") == 40)
            #expect(try await engine.number("waiting") == 0)
        }
    }
}
