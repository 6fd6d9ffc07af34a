// SidecarCallTests.swift: what is sent, byte for byte.

import Machine
import Testing
import Wire

@testable import Dapr

@Suite struct SidecarCallTests {
    static func body(_ call: SidecarCall) -> String { String(decoding: call.body, as: UTF8.self) }

    @Test(
        arguments: [
            ("gadget:1", nil, "/v1.0/state/statestore/gadget%3A1"),
            ("a/b", nil, "/v1.0/state/statestore/a%2Fb"),
            ("..", nil, "/v1.0/state/statestore/%2E%2E"),
            ("ä ?", true, "/v1.0/state/statestore/%C3%A4%20%3F?consistency=strong"),
            ("k", false, "/v1.0/state/statestore/k?consistency=eventual"),
        ] as [(String, Bool?, String)])
    func `a read names store and key in the path`(key: String, isStrong: Bool?, target: String) throws {
        for call in [
            try SidecarCall.stateGet(store: "statestore", key: key, isStrong: isStrong),
            try SidecarCall.stateEntry(store: "statestore", key: key, isStrong: isStrong),
        ] {
            #expect(call.target == target && call.method == .get && call.isRepeatable && call.body.isEmpty)
        }
    }

    @Test(arguments: ["", "a||b", "||"])
    func `a key that stores keep for themselves is invalid`(key: String) throws {
        let calls: [() throws -> SidecarCall] = [
            { try SidecarCall.stateGet(store: "s", key: key) },
            { try SidecarCall.stateEntry(store: "s", key: key) },
            { try SidecarCall.stateSave(store: "s", key: key, value: .null) },
            { try SidecarCall.stateDelete(store: "s", key: key) },
        ]
        for call in calls { #expect(Self.refusal(call) == .invalid) }
    }

    /// The class of the failure; nil when the call is made.
    static func refusal(_ call: () throws -> SidecarCall) -> FailureClass? {
        do {
            _ = try call()
            return nil
        } catch {
            return (error as? EffectFailure)?.failureClass
        }
    }

    @Test(
        arguments: [
            (StateOptions(), #"[{"key":"k\"","value":{"a":1.0}}]"#, true),
            (StateOptions(etag: "7"), #"[{"key":"k\"","value":{"a":1.0},"etag":"7"}]"#, false),
            (
                StateOptions(etag: "7", ttlSeconds: 60, isFirstWrite: true, isStrong: true),
                #"[{"key":"k\"","value":{"a":1.0},"etag":"7","metadata":{"ttlInSeconds":"60"},"options":{"concurrency":"first-write","consistency":"strong"}}]"#,
                false
            ),
            (
                StateOptions(isFirstWrite: true),
                #"[{"key":"k\"","value":{"a":1.0},"options":{"concurrency":"first-write"}}]"#,
                false
            ),
            (
                StateOptions(isFirstWrite: false, isStrong: false),
                #"[{"key":"k\"","value":{"a":1.0},"options":{"concurrency":"last-write","consistency":"eventual"}}]"#,
                true
            ),
        ] as [(StateOptions, String, Bool)])
    func `a save carries its options, and is repeated only where that cannot hurt`(
        options: StateOptions, body: String, isRepeatable: Bool
    ) throws {
        let owner = OwnedArena()
        let call = try SidecarCall.stateSave(
            store: "s", key: "k\"", value: try owner.arena.json(#"{"a":1.0}"#), options: options)
        #expect(Self.body(call) == body)
        #expect(call.target == "/v1.0/state/s" && call.method == .post && call.isRepeatable == isRepeatable)
        #expect(call.headers.contains { $0.name == "content-type" && $0.value == "application/json" })
    }

    @Test func `a delete carries its ETag in a header`() throws {
        let plain = try SidecarCall.stateDelete(store: "s", key: "k")
        #expect(
            plain.method == .delete && plain.target == "/v1.0/state/s/k" && plain.headers.isEmpty
                && plain.isRepeatable)
        let guarded = try SidecarCall.stateDelete(
            store: "s", key: "k", options: StateOptions(etag: "7", isFirstWrite: true))
        #expect(guarded.target == "/v1.0/state/s/k?concurrency=first-write" && !guarded.isRepeatable)
        #expect(guarded.headers.map(\.name) == ["if-match"] && guarded.headers.map(\.value) == ["7"])
    }

    @Test func `a published event has an envelope of its own`() throws {
        let owner = OwnedArena()
        let arena = owner.arena
        var event = PublishedEvent(id: "i", source: "app", type: "t.v1", data: try arena.json(#"{"n": 1}"#))
        event.subject = "s"
        event.attributes = try arena.json(#"{"tenant":"x","n":1,"gone":null}"#)
        let call = try SidecarCall.publish(
            pubsub: "bus", topic: "a/b", event: event, metadata: try arena.json(#"{"ttlInSeconds":60}"#),
            in: arena)
        #expect(call.target == "/v1.0/publish/bus/a%2Fb?metadata.ttlInSeconds=60")
        #expect(call.headers.map(\.value) == ["application/cloudevents+json"])
        #expect(
            Self.body(call)
                == #"{"specversion":"1.0","id":"i","source":"app","type":"t.v1","subject":"s","tenant":"x","n":1,"datacontenttype":"application/json","data":{"n": 1}}"#
        )
    }

    @Test func `bytes travel as base64`() throws {
        let owner = OwnedArena()
        let event = PublishedEvent(id: "i", source: "a", type: "t", data: owner.arena.bytes([0, 1, 255]))
        let call = try SidecarCall.publish(pubsub: "bus", topic: "t", event: event, in: owner.arena)
        #expect(
            Self.body(call).hasSuffix(#","datacontenttype":"application/octet-stream","data_base64":"AAH/"}"#)
        )
    }

    @Test(arguments: [
        #"{"Tenant":1}"#, #"{"id":"x"}"#, #"{"a":{}}"#, #"{"a":[1]}"#, #"{"a-b":1}"#, #"{"":1}"#, "[1]", "3",
    ])
    func `attributes are plain, and not CloudEvents' own`(attributes: String) throws {
        let owner = OwnedArena()
        var event = PublishedEvent(id: "i", source: "a", type: "t", data: .null)
        event.attributes = try owner.arena.json(attributes)
        let published = event
        #expect(
            Self.refusal {
                try SidecarCall.publish(pubsub: "bus", topic: "t", event: published, in: owner.arena)
            } == .invalid)
    }

    @Test func `an event that is passed on keeps its bytes`() throws {
        let owner = OwnedArena()
        let text = #"{"id":"1","source":"s","type":"t","specversion":"1.0", "data":{"n":1.50}}"#
        let call = try SidecarCall.forward(
            pubsub: "bus", topic: "t", event: try owner.arena.json(text), in: owner.arena)
        #expect(Self.body(call) == text)
    }

    @Test func `an invocation keeps method, path, query, headers and body`() throws {
        let owner = OwnedArena()
        let arena = owner.arena
        let path = try SidecarCall.path(
            template: ["/v1/products/", "/of/", ""], operands: [arena.string("a/b c"), .int(7)])
        #expect(path == "/v1/products/a%2Fb%20c/of/7")
        let call = try SidecarCall.invoke(
            app: "products.other", method: .post, path: path,
            query: try arena.json(#"{"a":"1 2","b":[1,true],"c":null}"#),
            headers: try arena.json(#"{"X-Tenant":"t"}"#), body: try arena.json(#"{"id": 1}"#), in: arena)
        #expect(
            call.target == "/v1.0/invoke/products.other/method/v1/products/a%2Fb%20c/of/7?a=1%202&b=1&b=true")
        #expect(
            call.headers.map { "\($0.name): \($0.value)" } == [
                "x-tenant: t", "content-type: application/json",
            ])
        #expect(Self.body(call) == #"{"id": 1}"# && call.method == .post && !call.isRepeatable)
    }

    @Test(arguments: [
        ("text/plain", "\"hello\"", "hello"), ("application/vnd.a+json", "\"hello\"", "\"hello\""),
    ])
    func `a body follows the content type that is given`(mediaType: String, json: String, sent: String) throws {
        let owner = OwnedArena()
        let headers = owner.arena.object([("content-type", owner.arena.string(mediaType))])
        let call = try SidecarCall.invoke(
            app: "a", method: .put, path: "/x", headers: headers, body: try owner.arena.json(json),
            in: owner.arena)
        #expect(Self.body(call) == sent && call.headers.count == 1)
    }

    @Test(arguments: [
        #"{"Host":"x"}"#, #"{"content-length":"1"}"#, #"{"dapr-api-token":"x"}"#, #"{"connection":"close"}"#,
        #"{"a b":"x"}"#,
        #"{"a":"x\r\ny: z"}"#, #"{"a":{}}"#, #"["a"]"#,
    ])
    func `headers that are not the script's are refused`(headers: String) throws {
        let owner = OwnedArena()
        let value = try owner.arena.json(headers)
        #expect(
            Self.refusal {
                try SidecarCall.invoke(app: "a", method: .get, path: "/", headers: value, in: owner.arena)
            } == .invalid)
    }

    @Test func `a part of a path must be plain`() throws {
        for operand in [Value.null, .missing] {
            #expect(throws: EffectFailure.self) {
                try SidecarCall.path(template: ["/a/", ""], operands: [operand])
            }
        }
    }
}
