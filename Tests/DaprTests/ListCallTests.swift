// ListCallTests.swift: what is sent for many keys and events, bindings and settings, byte for byte, and how replies read.

import Machine
import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct ListCallTests {
    private static func body(_ call: SidecarCall) -> String { SidecarCallTests.body(call) }

    @Test func `a read of many keys names each once`() throws {
        let call = try SidecarCall.stateGetMany(store: "a/b", keys: ["k", "é\"", "k"])
        #expect(call.method == .post && call.target == "/v1.0/state/a%2Fb/bulk" && call.isRepeatable)
        #expect(Self.body(call) == #"{"keys":["k","é\""],"parallelism":10}"#)
        for key in ["", "a||b"] {
            #expect(
                SidecarCallTests.refusal { try SidecarCall.stateGetMany(store: "s", keys: ["k", key]) } == .invalid)
        }
    }

    @Test func `a transaction is sent in its order, values as they came`() throws {
        let owner = OwnedArena()
        let arena = owner.arena
        let changes = arena.list([
            try arena.json(#"{"save":"k\"","value":{"n": 1.50},"etag":"7"}"#),
            arena.object([("save", arena.string("t")), ("value", .null), ("ttl", .duration(nanoseconds: 1))]),
            try arena.json(#"{"delete":"d"}"#), try arena.json(#"{"delete":"e","etag":"8"}"#),
        ])
        let call = try SidecarCall.stateTransact(store: "s", changes: changes, in: arena)
        #expect(call.target == "/v1.0/state/s/transaction" && !call.isRepeatable)
        #expect(
            Self.body(call)
                == #"{"operations":[{"operation":"upsert","request":{"key":"k\"","value":{"n": 1.50},"etag":"7"}},"#
                + #"{"operation":"upsert","request":{"key":"t","value":null,"metadata":{"ttlInSeconds":"1"}}},"#
                + #"{"operation":"delete","request":{"key":"d"}},{"operation":"delete","request":{"key":"e","etag":"8"}}]}"#
        )
    }

    @Test(arguments: [
        #"[{}]"#, #"[{"save":"a"}]"#, #"[{"save":"a","value":1,"delete":"b"}]"#, #"[{"delete":1}]"#, "[1]",
        #"[{"save":"","value":1}]"#, #"[{"save":"a||b","value":1}]"#, #"[{"delete":"a","etag":1}]"#,
        #"[{"save":"a","value":1,"ttl":5}]"#, #"[{"save":"a","value":1,"tll":5}]"#,
    ])
    func `a change that is none is refused`(changes: String) throws {
        let owner = OwnedArena()
        let value = try owner.arena.json(changes)
        #expect(
            SidecarCallTests.refusal { try SidecarCall.stateTransact(store: "s", changes: value, in: owner.arena) }
                == .invalid)
    }

    @Test func `many events are entries with envelopes`() throws {
        let owner = OwnedArena()
        let events = ["a", "b"].map { PublishedEvent(id: $0, source: "s", type: "t", data: .int(1)) }
        let call = try SidecarCall.publishAll(
            pubsub: "bus", topic: "x/y", events: events, metadata: try owner.arena.json(#"{"rawPayload":false}"#),
            in: owner.arena)
        #expect(call.target == "/v1.0-alpha1/publish/bulk/bus/x%2Fy?metadata.rawPayload=false")
        func entry(_ id: String, _ number: Int) -> String {
            #"{"entryId":"\#(number)","contentType":"application/cloudevents+json","event":"#
                + #"{"specversion":"1.0","id":"\#(id)","source":"s","type":"t","datacontenttype":"application/json","data":1}}"#
        }
        #expect(Self.body(call) == "[\(entry("a", 0)),\(entry("b", 1))]")
        let nameless = [PublishedEvent(id: "", source: "s", type: "t", data: .null)]
        #expect(
            SidecarCallTests.refusal {
                try SidecarCall.publishAll(pubsub: "b", topic: "t", events: nameless, in: owner.arena)
            } == .invalid)
    }

    @Test func `a query, a binding and settings are asked for`() throws {
        let owner = OwnedArena()
        let arena = owner.arena
        let query = try SidecarCall.stateQuery(store: "s", query: try arena.json(#"{"filter": {}}"#))
        #expect(query.target == "/v1.0-alpha1/state/s/query" && Self.body(query) == #"{"filter": {}}"#)
        let binding = try SidecarCall.binding(
            name: "files/x", operation: "create", data: try arena.json(#"{"a": 1.0}"#),
            metadata: try arena.json(#"{"fileName":"f","n":1}"#), in: arena)
        #expect(binding.target == "/v1.0/bindings/files%2Fx" && !binding.isRepeatable)
        #expect(Self.body(binding) == #"{"operation":"create","data":{"a": 1.0},"metadata":{"fileName":"f","n":"1"}}"#)
        let plain = try SidecarCall.binding(name: "b", operation: "list", data: .null, in: arena)
        #expect(Self.body(plain) == #"{"operation":"list"}"#)
        #expect(
            SidecarCallTests.refusal { try SidecarCall.binding(name: "b", operation: "", data: .null, in: arena) }
                == .invalid)
        #expect(
            SidecarCall.settings(store: "s t", keys: ["a b", "c"]).target == "/v1.0/configuration/s%20t?key=a%20b&key=c"
        )
        #expect(SidecarCall.settings(store: "s", keys: []).target == "/v1.0/configuration/s")
    }

    @Test(
        arguments: [
            (10 * 60_000_000_000, nil, #"{"dueTime":"600s","data":{"n": 1},"overwrite":true}"#),
            (250_000_000, nil, #"{"dueTime":"0.25s","data":{"n": 1},"overwrite":true}"#),
            (3_600_000_000_000, 3, #"{"schedule":"@every 3600s","repeats":3,"data":{"n": 1},"overwrite":true}"#),
        ] as [(Int64, Int64?, String)])
    func `a job replaces the one of its name`(due: Int64, repeats: Int64?, body: String) throws {
        let owner = OwnedArena()
        let call = try SidecarCall.jobSchedule(
            name: "a/b", dueNanoseconds: due, data: try owner.arena.json(#"{"n": 1}"#), repeats: repeats)
        #expect(call.method == .post && call.target == "/v1.0-alpha1/jobs/a%2Fb" && Self.body(call) == body)
    }

    @Test func `a job without a name or a time is refused, and one is cancelled by its name`() throws {
        let cancel = try SidecarCall.jobCancel(name: "a")
        #expect(cancel.method == .delete && cancel.target == "/v1.0-alpha1/jobs/a" && cancel.body.isEmpty)
        for (name, due, repeats) in [("", 1, nil), ("a", 0, nil), ("a", -1, nil), ("a", 1, 0)]
            as [(String, Int64, Int64?)]
        {
            #expect(
                SidecarCallTests.refusal {
                    try SidecarCall.jobSchedule(name: name, dueNanoseconds: due, data: .null, repeats: repeats)
                } == .invalid)
        }
        #expect(SidecarCallTests.refusal { try SidecarCall.jobCancel(name: "") } == .invalid)
    }

    // MARK: Replies

    private typealias Case = SidecarReplyTests.Case
    private static let many = SidecarCall.Kind.stateGetMany(store: "s", keys: ["a", "b"])
    private static let change = SidecarCall.Kind.stateTransact(store: "s")
    private static let query = SidecarCall.Kind.stateQuery(store: "s")
    private static let publish = SidecarCall.Kind.publishAll(topic: "b/t", count: 2)
    private static let binding = SidecarCall.Kind.binding(name: "b", operation: "get")
    private static let settings = SidecarCall.Kind.settings(store: "s")

    private static let job = SidecarCall.Kind.scheduledJob(name: "j", isCancelled: false)

    private static func transaction(_ cause: String) -> String {
        #"{"errorCode":"ERR_STATE_TRANSACTION","message":"error while executing state transaction: \#(cause)"}"#
    }

    @Test func `replies become values, or failures of their class`() throws {
        let rows: [Case] = [
            Case(Self.many, 200, #"[{"key":"b","data":{"n": 1.50},"etag":"1"},{"key":"a"}]"#, #"[null,{"n": 1.50}]"#),
            Case(Self.many, 200, "[]", "[null,null]"),
            Case(Self.many, 200, #"[{"key":"a","error":"disk"}]"#, "failure unavailable"),
            Case(Self.many, 200, "garbage", "failure internal"),
            Case(Self.many, 500, code: "ERR_STATE_BULK_GET", .unavailable),
            Case(Self.many, 400, code: "ERR_STATE_STORE_NOT_FOUND", .internal),
            Case(Self.change, 204, "null"),
            Case(
                Self.change, 500, Self.transaction("possible etag mismatch. error from state store: x"),
                "failure conflict"),
            Case(Self.change, 500, Self.transaction("invalid etag value: x"), "failure invalid"),
            Case(Self.change, 500, Self.transaction("the disk is full"), "failure unavailable"),
            Case(Self.change, 500, code: "ERR_STATE_STORE_NOT_SUPPORTED", .internal),
            Case(Self.change, 400, code: "ERR_STATE_STORE_TOO_MANY_TRANSACTIONS", .invalid),
            Case(
                Self.query, 200, #"{"results":[{"key":"k","data":{"n": 1},"etag":"7"},{"key":"l"}],"token":"2"}"#,
                #"{"results":[{"key":"k","value":{"n": 1},"etag":"7"},{"key":"l","value":null,"etag":null}],"token":"2"}"#
            ),
            Case(Self.query, 200, #"{"results":[],"token":""}"#, #"{"results":[],"token":null}"#),
            Case(Self.query, 204, #"{"results":[],"token":null}"#),
            Case(Self.query, 400, code: "ERR_MALFORMED_REQUEST", .invalid),
            Case(Self.query, 500, code: "ERR_STATE_QUERY", .unavailable),
            Case(Self.query, 500, code: "ERR_STATE_STORE_NOT_SUPPORTED", .internal),
            Case(Self.publish, 204, "null"), Case(Self.publish, 403, code: "ERR_PUBSUB_FORBIDDEN", .forbidden),
            Case(
                Self.publish, 500,
                #"{"failedEntries":[{"entryId":"1","error":"full"}],"errorCode":"ERR_PUBSUB_PUBLISH_MESSAGE"}"#,
                "failure unavailable"),
            Case(Self.binding, 204, "null"), Case(Self.binding, 200, #"[[1, "a"]]"#, #"[[1, "a"]]"#),
            Case(Self.binding, 200, "plain text", #""plain text""#),
            Case(Self.binding, 500, code: "ERR_INVOKE_OUTPUT_BINDING", .unavailable),
            Case(Self.settings, 200, #"{"a":{"value":"1","version":"2","metadata":{}}}"#, #"{"a":"1"}"#),
            Case(Self.settings, 204, "{}"),
            Case(Self.job, 204, "null"), Case(Self.job, 400, code: "DAPR_SCHEDULER_SCHEDULE_EMPTY", .invalid),
            Case(Self.job, 500, code: "DAPR_SCHEDULER_SCHEDULE_JOB", .unavailable),
            Case(Self.job, 404, code: "ERR_DIRECT_INVOKE", .internal),
            Case(Self.settings, 400, code: "ERR_CONFIGURATION_STORE_NOT_FOUND", .internal),
            Case(Self.settings, 500, code: "ERR_CONFIGURATION_GET", .unavailable),
        ]
        for row in rows { #expect(try SidecarReplyTests.read(row) == row.expected, "\(row)") }
    }

    @Test func `a bulk publish that half worked says how much did not`() throws {
        let owner = OwnedArena()
        let body =
            #"{"failedEntries":[{"entryId":"0","error":"full"},{"entryId":"1","error":"x"}],"errorCode":"ERR_PUBSUB_PUBLISH_MESSAGE"}"#
        let response = HTTPClientResponse(status: 500, headers: HeaderFields(), body: MessageBody(Array(body.utf8)))
        guard
            case .failure(let failure) = SidecarReply(kind: Self.publish, result: .success(response)).value(
                in: owner.arena)
        else { return #expect(Bool(false), "500 is a failure") }
        #expect(failure.message == "cannot publish 2 events to `b/t`: 2 were not taken, the first because: full")
    }
}
