// LockAPITests.swift: the lock API over HTTP, and who has a lock until when.
import DaprContract
import Synchronization
import Testing
import Wire

@testable import Sidecar

/// A clock that a test moves.
private final class HandClock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func move(_ duration: Duration) { time.withLock { $0 += duration } }
}

struct LockAPITests {
    private static let component = YAML.component("lockstore", "lock.in-memory", [:])

    private static func take(_ owner: String, _ resource: String = "r", seconds: Int = 60) -> String {
        #"{"resourceId":"\#(resource)","lockOwner":"\#(owner)","expiryInSeconds":\#(seconds)}"#
    }
    private static func giveBack(_ owner: String, _ resource: String = "r") -> String {
        #"{"resourceId":"\#(resource)","lockOwner":"\#(owner)"}"#
    }

    @Test func `a lock is taken once, and only its owner gives it back`() async throws {
        try await TestSidecar.with([Self.component]) { sidecar in
            let table: [(String, String, String)] = [
                ("lock", Self.take("a"), #"{"success":true}"#), ("lock", Self.take("b"), #"{"success":false}"#),
                ("lock", Self.take("a"), #"{"success":false}"#),
                ("lock", Self.take("b", "other"), #"{"success":true}"#),
                ("unlock", Self.giveBack("b"), #"{"status":2}"#), ("unlock", Self.giveBack("a"), #"{"status":0}"#),
                ("unlock", Self.giveBack("a"), #"{"status":1}"#), ("lock", Self.take("b"), #"{"success":true}"#),
            ]
            for (verb, body, answer) in table {
                let reply = try await sidecar.send(.post, "/v1.0-alpha1/\(verb)/lockstore", body: body)
                #expect(reply.status == 200 && reply.body == answer, "\(verb) \(body): \(reply)")
            }
        }
    }

    @Test func `what cannot be a lock is refused with its code`() async throws {
        try await TestSidecar.with([Self.component]) { sidecar in
            let bad: [(String, String)] = [
                ("lock", "{"), ("lock", "[]"), ("lock", Self.take("", "r")), ("lock", Self.take("a", "")),
                ("lock", Self.take("a", seconds: 0)), ("lock", Self.take("a", seconds: -5)),
                ("lock", Self.take("a", "x||y")), ("lock", Self.take("a", seconds: 1 << 40)),
                ("unlock", Self.giveBack("")), ("unlock", Self.giveBack("a", "")),
            ]
            for (verb, body) in bad {
                let reply = try await sidecar.send(.post, "/v1.0-alpha1/\(verb)/lockstore", body: body)
                #expect(reply.status == 400 && reply.errorCode == "ERR_MALFORMED_REQUEST", "\(body): \(reply)")
            }
            let unknown = try await sidecar.send(.post, "/v1.0-alpha1/lock/none", body: Self.take("a"))
            #expect(unknown.status == 400 && unknown.errorCode == "ERR_LOCK_STORE_NOT_FOUND")
            for (method, path) in [(HTTPMethod.get, "/v1.0-alpha1/lock/lockstore"), (.post, "/v1.0/lock/lockstore")] {
                #expect(try await sidecar.send(method, path, body: Self.take("a")).status == 404)
            }
        }
        try await TestSidecar.with([]) { sidecar in
            let reply = try await sidecar.send(.post, "/v1.0-alpha1/unlock/lockstore", body: Self.giveBack("a"))
            #expect(reply.status == 500 && reply.errorCode == "ERR_LOCK_STORE_NOT_CONFIGURED")
        }
    }

    @Test func `a lock ends by itself, and then belongs to whoever takes it next`() {
        let clock = HandClock()
        let locks = SharedLocks(now: { clock.now })
        #expect(locks.take("k", owner: "a", seconds: 2) == .taken)
        clock.move(.milliseconds(1999))
        #expect(locks.take("k", owner: "b", seconds: 2) == .refused)
        clock.move(.milliseconds(1))
        #expect(locks.giveBack("k", owner: "a") == .lockDoesNotExist)
        #expect(locks.take("k", owner: "b", seconds: 2) == .taken)
        #expect(locks.giveBack("k", owner: "a") == .lockBelongsToOthers)
        #expect(locks.giveBack("k", owner: "b") == .success)
    }

    @Test func `a store that is full says so, until locks have ended`() {
        let clock = HandClock()
        let locks = SharedLocks(now: { clock.now })
        for number in 0..<SharedLocks.locksMax { _ = locks.take("k\(number)", owner: "a", seconds: 5) }
        #expect(locks.take("more", owner: "a", seconds: 5) == .full)
        clock.move(.seconds(5))
        #expect(locks.take("more", owner: "a", seconds: 5) == .taken)
    }

    @Test func `apps have locks of their own, unless the component's prefix says otherwise`() async throws {
        let locks = SharedLocks()
        let shared = YAML.component("common", "lock.in-memory", ["keyPrefix": "none"])
        for (app, own, common) in [("one", "true", "true"), ("two", "true", "false")] {
            try await TestSidecar.with([Self.component, shared], appID: app, locks: locks) { sidecar in
                for (store, answer) in [("lockstore", own), ("common", common)] {
                    let reply = try await sidecar.send(.post, "/v1.0-alpha1/lock/\(store)", body: Self.take(app))
                    #expect(reply.body == #"{"success":\#(answer)}"#, "\(app) \(store)")
                }
            }
        }
    }
}
