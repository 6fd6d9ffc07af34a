// ValuesTests.swift: durations, times, base64, ids, routes, traces: the pure small things.
import Testing
import Wire

@testable import Sidecar

struct ValuesTests {
    @Test(
        arguments: [
            ("5s", 5_000_000_000), ("1h15m30.5s", 4_530_500_000_000), ("300ms", 300_000_000),
            ("-1.5h", -5_400_000_000_000),
            ("1us", 1_000), ("2µs", 2_000), ("7ns", 7), ("0", 0), ("+3m", 180_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000), ("1m1m", 120_000_000_000),
        ] as [(String, Int64)])
    func `a Go duration is read`(text: String, nanoseconds: Int64) {
        #expect(GoText.duration(text) == .nanoseconds(nanoseconds))
    }

    @Test(arguments: ["", "5", "s", "5 s", "5x", "1h-2m", "five", "1..5s", "--1s", ".", ".s", "99999999999h"])
    func `what is no Go duration is refused`(text: String) {
        #expect(GoText.duration(text) == nil)
    }

    @Test func `a bare number counts milliseconds where Dapr says so`() {
        #expect(GoText.duration(orMilliseconds: "250") == .milliseconds(250))
        #expect(GoText.duration(orMilliseconds: "9223372036854775807") == nil)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T10:15:30Z", 1_795_256_130_000),
            ("2026-11-20T10:15:30.123Z", 1_795_169_730_123), ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("1969-12-31T23:59:59Z", -1000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ] as [(String, Int64)])
    func `a time goes to RFC 3339 and back`(text: String, milliseconds: Int64) {
        #expect(CalendarTime(millisecondsSince1970: milliseconds).rfc3339 == text)
        #expect(CalendarTime(rfc3339: text)?.millisecondsSince1970 == milliseconds)
    }

    @Test func `an offset is taken into account and nonsense is refused`() {
        #expect(
            CalendarTime(rfc3339: "2026-11-21T11:15:30+01:00")
                == CalendarTime(rfc3339: "2026-11-21T10:15:30Z"))
        #expect(
            CalendarTime(rfc3339: "2026-11-21T10:15:30.123456789Z")?.millisecondsSince1970
                == 1_795_256_130_123)
        for text in [
            "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-11-21T10:15:30", "2026-11-21T10:15:30Zx",
        ] {
            #expect(CalendarTime(rfc3339: text) == nil)
        }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func `base64 is that of RFC 4648`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == Array(encoded.utf8))
        #expect(Base64.decode(Array(encoded.utf8)) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Z===", "Zg==Zg==", "Zm9*"])
    func `what is no base64 is refused`(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test func `an id is a version 4 UUID and never the same`() {
        let ids = (0..<1000).map { _ in RandomUUID.string() }
        #expect(Set(ids).count == 1000)
        for id in ids {
            let parts = id.split(separator: "-").map(String.init)
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].hasPrefix("4"))
            #expect("89ab".contains(parts[3].first ?? " "))
        }
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra", false), ("", false),
        ("garbage", false),
    ])
    func `a traceparent is carried on when valid and begun anew when not`(given: String, isValid: Bool) {
        let context = TraceContext(continuing: HeaderFields([("traceparent", given)]))
        #expect((context.traceparent == given) == isValid)
        #expect(TraceContext.isValid(context.traceparent))
    }

    @Test func `a key with two bars is invalid, with one it is fine`() {
        #expect(StateKeys.isValid("a|b|"))
        #expect(!StateKeys.isValid("a||b"))
        #expect(!StateKeys.isValid("||"))
    }

    @Test(
        arguments: [
            (nil, "app||k"), ("appid", "app||k"), ("name", "store||k"), ("namespace", "space.app||k"),
            ("none", "k"),
            ("shared", "shared||k"),
        ] as [(String?, String)])
    func `a key is stored under its prefix`(keyPrefix: String?, stored: String) {
        let keys = StateKeys(keyPrefix: keyPrefix, appID: "app", namespace: "space", storeName: "store")
        #expect(keys?.stored("k") == stored)
    }

    @Test(arguments: [
        ("a=t1,t2;b=", "a", "t1", true), ("a=t1,t2;b=", "a", "t3", false), ("a=t1,t2;b=", "b", "t1", false),
        ("a=t1,t2;b=", "c", "t9", true), ("", "a", "t1", true),
    ])
    func `publishing scopes name the topics of an app`(
        scopes: String, app: String, topic: String, allowed: Bool
    ) {
        #expect(TopicScopes(["publishingScopes": scopes], appID: app).mayPublish(to: topic) == allowed)
    }

    @Test func `allowed topics bind everyone and protected ones need a scope`() {
        let scopes = TopicScopes(
            ["allowedTopics": "a,b", "protectedTopics": "b", "subscriptionScopes": "app=b"], appID: "app")
        #expect(scopes.mayPublish(to: "a") && !scopes.mayPublish(to: "b") && !scopes.mayPublish(to: "c"))
        #expect(scopes.maySubscribe(to: "b") && !scopes.maySubscribe(to: "a"))
    }
}

struct RouteTests {
    @Test(
        arguments: [
            (.get, "/v1.0/state/s/k", .stateGet(store: "s", key: "k")),
            (.get, "/v1.0/state/s/a%2Fb%20c", .stateGet(store: "s", key: "a/b c")),
            (.get, "/v1.0/state/s/bulk", .stateGet(store: "s", key: "bulk")),
            (.delete, "/v1.0/state/s/k", .stateDelete(store: "s", key: "k")),
            (.post, "/v1.0/state/s", .stateSave(store: "s")), (.put, "/v1.0/state/s", .stateSave(store: "s")),
            (.post, "/v1.0/state/s/bulk", .stateBulkGet(store: "s")),
            (.post, "/v1.0/state/s/transaction", .stateTransaction(store: "s")),
            (.post, "/v1.0/state/s/other", .none), (.get, "/v1.0/state/s", .none),
            (.patch, "/v1.0/state/s", .none),
            (.post, "/v1.0/publish/p/a/b", .publish(pubsub: "p", topic: "a/b")),
            (.post, "/v1.0/publish/p/", .publish(pubsub: "p", topic: "")), (.get, "/v1.0/publish/p/t", .none),
            (.patch, "/v1.0/invoke/app/method/v1/x%20y", .invoke(app: "app", path: "v1/x y")),
            (.get, "/v1.0/invoke/app/method/", .invoke(app: "app", path: "")),
            (.get, "/v1.0/invoke/app/x", .none),
            (.get, "/v1.0/secrets/s/k", .secret(store: "s", name: "k")),
            (.get, "/v1.0/secrets/s/bulk", .secretsBulk(store: "s")), (.post, "/v1.0/secrets/s/k", .none),
            (.get, "/v1.0/metadata", .metadata), (.put, "/v1.0/metadata/k", .setMetadata(key: "k")),
            (.get, "/v1.0/healthz", .health), (.get, "/v1.0/healthz/outbound", .healthOutbound),
            (.post, "/v1.0/shutdown", .shutdown), (.get, "/v1.0/shutdown", .none),
            (.get, "/v2.0/healthz", .none), (.get, "/", .none), (.get, "/v1.0", .none), (.get, "*", .none),
            (.get, "/v1.0/state/s/%zz", .invalid),
        ] as [(HTTPMethod, String, APIRoute)])
    func `a method and a path lead to an API`(method: HTTPMethod, path: String, route: APIRoute) {
        #expect(APIRoute(method: method, path: path) == route)
    }

    @Test(arguments: [
        ("orders", "/orders"), ("/a//b/./c/../d", "/a/b/d"), ("/a b?x=1", "/a%20b?x=1"), ("", "/"),
        ("/../../x", "/x"),
    ])
    func `a subscription's route becomes a request target`(route: String, target: String) {
        #expect(AppChannel.target(route) == target)
    }
}

struct RetryPolicyTests {
    private func pauses(_ policy: RetryPolicy, count: Int, random: Double) -> [Duration?] {
        (1...count).map { policy.pause(afterFailures: $0, elapsed: .zero, status: nil, random: random) }
    }

    @Test func `a constant policy pauses alike and ends after its retries`() {
        let policy = RetryPolicy(pace: .constant(.seconds(5)), retriesMax: 2, statuses: nil)
        #expect(pauses(policy, count: 3, random: 0.3) == [.seconds(5), .seconds(5), nil])
    }

    @Test func `an exponential policy grows by half up to its limit`() {
        let policy = RetryPolicy(pace: .exponential(maxInterval: .seconds(1)), retriesMax: nil, statuses: nil)
        let middle = pauses(policy, count: 4, random: 0.5)
        #expect(middle == [.milliseconds(500), .milliseconds(750), .seconds(1), .seconds(1)])
        #expect(pauses(policy, count: 1, random: 0) == [.milliseconds(250)])
    }

    @Test func `an exponential policy without a number of retries ends after fifteen minutes`() {
        let policy = RetryPolicy(
            pace: .exponential(maxInterval: .seconds(60)), retriesMax: nil, statuses: nil)
        #expect(policy.pause(afterFailures: 40, elapsed: .seconds(14 * 60), status: nil, random: 0) != nil)
        #expect(policy.pause(afterFailures: 40, elapsed: .seconds(15 * 60), status: nil, random: 0) == nil)
    }

    @Test func `a policy for some statuses gives up on others, and never on a RETRY without status`() {
        let policy = RetryPolicy(
            pace: .constant(.seconds(1)), retriesMax: nil, statuses: [429...429, 500...599])
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, status: 503, random: 0) != nil)
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, status: 400, random: 0) == nil)
        #expect(policy.pause(afterFailures: 1, elapsed: .zero, status: nil, random: 0) != nil)
    }
}
