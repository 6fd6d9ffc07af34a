// LockCallTests.swift: what is sent to take a lock and to give it back, and what each answer means.

import Machine
import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct LockCallTests {
    @Test func `a lock names its resource, its owner and its end`() throws {
        let lock = try SidecarCall.lock(store: "lock store", resource: "order:7", owner: "me", seconds: 30)
        #expect(lock.target == "/v1.0-alpha1/lock/lock%20store" && lock.method == .post)
        #expect(SidecarCallTests.body(lock) == #"{"resourceId":"order:7","lockOwner":"me","expiryInSeconds":30}"#)
        let unlock = try SidecarCall.unlock(store: "s", resource: "a\"b", owner: "me")
        #expect(unlock.target == "/v1.0-alpha1/unlock/s" && unlock.method == .post)
        #expect(SidecarCallTests.body(unlock) == #"{"resourceId":"a\"b","lockOwner":"me"}"#)
    }

    @Test func `a resource without a name and an end that is none are invalid`() {
        for (resource, seconds) in [("", 30), ("a||b", 30), ("a", 0), ("a", -1), ("a", 1 << 31)] as [(String, Int64)] {
            let refusal = SidecarCallTests.refusal {
                try SidecarCall.lock(store: "s", resource: resource, owner: "me", seconds: seconds)
            }
            #expect(refusal == .invalid, "\(resource) \(seconds)")
        }
    }

    private static let lock = SidecarCall.Kind.lock(store: "s", resource: "r", owner: "me")
    private static let unlock = SidecarCall.Kind.unlock(store: "s", resource: "r")

    struct Row: Sendable {
        let kind: SidecarCall.Kind
        let status: Int
        let body: String
        let expected: FailureClass?
        /// The lock may be held now; it was lost.
        var mayHold = false
        var wasLost = false
    }

    private static let rows = [
        Row(kind: lock, status: 200, body: #"{"success":true}"#, expected: nil, mayHold: true),
        Row(kind: lock, status: 200, body: #"{"success":false}"#, expected: .conflict),
        Row(kind: lock, status: 200, body: "", expected: .conflict),
        Row(kind: lock, status: 400, body: #"{"errorCode":"ERR_LOCK_STORE_NOT_FOUND"}"#, expected: .internal),
        Row(
            kind: lock, status: 500, body: #"{"errorCode":"ERR_LOCK_STORE_NOT_CONFIGURED"}"#, expected: .internal,
            mayHold: true),
        Row(kind: lock, status: 500, body: #"{"errorCode":"ERR_TRY_LOCK"}"#, expected: .unavailable, mayHold: true),
        Row(kind: unlock, status: 200, body: #"{"status":0}"#, expected: nil),
        Row(kind: unlock, status: 200, body: #"{"status":1}"#, expected: .conflict, wasLost: true),
        Row(kind: unlock, status: 200, body: #"{"status":2}"#, expected: .conflict, wasLost: true),
        Row(kind: unlock, status: 200, body: #"{"status":3}"#, expected: .internal),
        Row(kind: unlock, status: 200, body: "{}", expected: .internal),
        Row(kind: unlock, status: 500, body: #"{"errorCode":"ERR_UNLOCK"}"#, expected: .unavailable),
    ]

    @Test(arguments: rows) func `each answer has its meaning`(row: Row) {
        let owned = OwnedArena()
        let reply = SidecarReply(
            kind: row.kind,
            result: .success(
                HTTPClientResponse(
                    status: row.status, headers: HeaderFields([]), body: MessageBody(Array(row.body.utf8)))))
        switch reply.value(in: owned.arena) {
        case .success(let value):
            #expect(row.expected == nil)
            if case .lock = row.kind { #expect(value.asString == "me") }
        case .failure(let failure): #expect(failure.failureClass == row.expected)
        }
        if case .lock = row.kind { #expect(reply.mayHoldLock == row.mayHold) }
        #expect(reply.hadLostLock == row.wasLost)
    }

    @Test func `a request that never left holds nothing, one whose reply is missing may`() {
        let origin = HTTPOrigin(host: "h", port: 1)
        for error in [
            HTTPClientError.clientClosed, .poolExhausted(origin, waitersMax: 1),
            .deadlineExceeded(origin, isSent: false),
        ] {
            #expect(!SidecarReply(kind: Self.lock, result: .failure(error)).mayHoldLock)
        }
        for error in [HTTPClientError.deadlineExceeded(origin, isSent: true), .closedBeforeReply(origin)] {
            #expect(SidecarReply(kind: Self.lock, result: .failure(error)).mayHoldLock)
        }
    }
}
