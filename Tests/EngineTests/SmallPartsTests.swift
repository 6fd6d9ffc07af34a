import DevEnvironment
import Machine
import Testing

@testable import Engine

struct RetryPauseTests {
    @Test(arguments: [
        (attempt: 0, random: 0.0, expected: UInt64(50)), (attempt: 0, random: 0.999_999, expected: 99),
        (attempt: 1, random: 0.0, expected: 100), (attempt: 4, random: 0.0, expected: 500),
        (attempt: 62, random: 0.0, expected: 500), (attempt: 1_000, random: 0.5, expected: 750),
    ])
    func `the pause doubles, is capped, and varies by half`(attempt: Int, random: Double, expected: UInt64) {
        #expect(RetryPause.nanoseconds(attempt: attempt, low: 100, high: 1000, random: random) == expected)
    }

    @Test func `no pause is longer than the upper end, whatever the attempt`() {
        for attempt in 0..<100 {
            #expect(
                RetryPause.nanoseconds(attempt: attempt, low: 3, high: .max / 2, random: 0.9) <= UInt64(Int64.max / 2))
        }
    }
}

struct TraceParentTests {
    private static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `the trace goes on with a span of ours`() throws {
        let parent = try #require(TraceParent(parsing: Self.valid))
        #expect(parent.child(spanID: 0xabc).text == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01")
    }

    @Test(arguments: [
        "", "00", valid + "0", valid.uppercased(), "01" + valid.dropFirst(2),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    ])
    func `what is not a version 00 value is not continued`(text: String) {
        #expect(TraceParent(parsing: text) == nil)
    }

    @Test func `a new trace is a valid one`() {
        #expect(TraceParent(parsing: TraceParent.root(high: 0, low: 0, spanID: 0).text) != nil)
    }
}

struct EventIdentityTests {
    private static func id(_ source: String, _ id: String, repetition: UInt32 = 0) -> String {
        EventIdentity.id(
            for: .init(
                app: "a", topic: "p/t", rule: "r", source: source, id: id, place: "h#0", repetition: repetition))
    }

    @Test func `the same cause gives the same id, another cause another one`() {
        #expect(Self.id("s", "1") == Self.id("s", "1"))
        let others = [
            Self.id("s", "1"), Self.id("s", "2"), Self.id("s1", ""), Self.id("", "s1"),
            Self.id("s", "1", repetition: 1),
        ]
        #expect(Set(others).count == others.count)
        #expect(Self.id("s", "1").utf8.count == 32)
    }
}

struct PortPlanTests {
    @Test func `apps are ten ports apart, sidecars five hundred above`() {
        let second = PortPlan(base: 3000, app: 1)
        #expect(
            [second.publicPort, second.appPort, second.adminPort, second.sidecarHTTPPort] == [3010, 3011, 3012, 3510])
        #expect(PortPlan(base: 0, app: 3).publicPort == 0)
    }
}

struct OutcomeTests {
    @Test func `every kind is counted by itself and told as it should be`() {
        var counters = LoopCounters()
        for kind in OutcomeKind.allCases { counters.count(kind) }
        var sum = LoopCounters()
        sum.add(counters)
        sum.add(counters)
        for kind in OutcomeKind.allCases { #expect(sum[kind] == 2) }
        let told = Dictionary(uniqueKeysWithValues: OutcomeKind.allCases.map { ($0, $0.told) })
        #expect(told[.success] == .success && told[.unmatched] == .success)
        #expect(told[.drop] == .drop && told[.invalid] == .drop)
        for kind in [OutcomeKind.retry, .fault, .exhausted, .unsubscribed, .overloaded] {
            #expect(told[kind] == .retry)
        }
    }
}

struct RandomSourceTests {
    @Test func `ids are of version 4 and do not repeat`() {
        var source = RandomSource(seed: (1, 2, 3, 4))
        var seen = Set<String>()
        for _ in 0..<1000 {
            let id = source.uuid()
            #expect(id.utf8.count == 36)
            #expect(Array(id.utf8)[14] == UInt8(ascii: "4"))
            #expect("89ab".utf8.contains(Array(id.utf8)[19]))
            #expect(seen.insert(id).inserted)
        }
    }
}

struct DoubleDoorsTests {
    @Test(arguments: [
        (#"{"subscriptions":[]}"#, [String]()),
        ("{}", []),
        (
            #"{"subscriptions":[{"pubsubname":"p","topic":"a","type":"PROGRAMMATIC"},{"pubsubname":"q","topic":"a"}]}"#,
            []
        ),
        (
            #"{"subscriptions":[{"pubsubname":"p","topic":"a","type":"DECLARATIVE"},{"pubsubname":"p","topic":"b"},"#
                + #"{"pubsubname":"p","topic":"a","type":"PROGRAMMATIC"}]}"#, ["p/a (DECLARATIVE, PROGRAMMATIC)"]
        ),
        (#"{"subscriptions":[7,{"topic":"a"},null]}"#, []),
    ])
    func `a topic with two subscriptions is named with its doors`(metadata: String, expected: [String]) throws {
        #expect(DoubleDoors.topics(in: try JSON.parse(metadata)) == expected)
    }
}
