// BothEndsListTests.swift: many keys, many events, bindings and settings: the client against the embedded sidecar.

import Machine
import Testing

@testable import Dapr

@Suite struct BothEndsListTests {
    private static func transact(_ changes: String) throws -> SidecarCall {
        let owner = OwnedArena()
        return try .stateTransact(store: "statestore", changes: try owner.arena.json(changes), in: owner.arena)
    }

    @Test func `many keys come in the order in which they were asked for`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            #expect(try world.perform(.stateGetMany(store: "statestore", keys: ["a", "b"])) == "[null,null]")
            for key in ["a", "b", "c"] {
                let owner = OwnedArena()
                let value = try owner.arena.json(#"{"k": "\#(key)"}"#)
                #expect(try world.perform(.stateSave(store: "statestore", key: key, value: value)) == "null")
            }
            #expect(
                try world.perform(.stateGetMany(store: "statestore", keys: ["c", "none", "a", "c"]))
                    == #"[{"k": "c"},null,{"k": "a"},{"k": "c"}]"#)
            #expect(
                try world.perform(.stateGetMany(store: "nowhere", keys: ["a"]))
                    .hasPrefix("failure internal: cannot read 1 keys from store `nowhere`: "))
        }
    }

    @Test func `changes are made as a whole or not at all`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            #expect(
                try world.perform(
                    Self.transact(#"[{"save":"a","value":{"n":1}},{"save":"b","value":2},{"delete":"c"}]"#)) == "null")
            #expect(try world.perform(.stateGetMany(store: "statestore", keys: ["a", "b"])) == #"[{"n":1},2]"#)
            let refused = try world.perform(
                Self.transact(#"[{"save":"a","value":9},{"save":"b","value":9,"etag":"stale"}]"#))
            #expect(refused.hasPrefix("failure conflict: cannot change store `statestore`: "), "\(refused)")
            #expect(
                try world.perform(Self.transact(#"[{"save":"a","value":9},{"delete":"b","etag":"stale"}]"#))
                    .hasPrefix("failure conflict: "))
            #expect(try world.perform(.stateGetMany(store: "statestore", keys: ["a", "b"])) == #"[{"n":1},2]"#)
            #expect(try world.perform(Self.transact("[]")) == "null")
        }
    }

    @Test func `a store without a query API says so`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            let owner = OwnedArena()
            let query = try owner.arena.json(#"{"filter":{}}"#)
            #expect(
                try world.perform(.stateQuery(store: "statestore", query: query))
                    == "failure internal: cannot query store `statestore`: state store statestore does not support querying"
            )
        }
    }

    @Test func `many events are published at once, each with its own envelope`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            let owner = OwnedArena()
            let events = (1...3).map { PublishedEvent(id: "e\($0)", source: "test", type: "gadget.v1", data: .int($0)) }
            #expect(
                try world.perform(
                    .publishAll(pubsub: "pubsub", topic: "test topic/1", events: events, in: owner.arena)) == "null")
            #expect(
                world.waitForDeliveries(3).sorted() == [
                    "test topic/1 e1 1", "test topic/1 e2 2", "test topic/1 e3 3",
                ])
            #expect(
                try world.perform(.publishAll(pubsub: "nowhere", topic: "t", events: events, in: owner.arena))
                    .hasPrefix("failure internal: cannot publish 3 events to `nowhere/t`: "))
        }
    }

    @Test func `settings come by key, and all of them without one`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            #expect(
                try world.perform(.settings(store: "settings", keys: ["mode", "none", "limit"]))
                    == #"{"mode":"fast","limit":"10"}"#)
            #expect(try world.perform(.settings(store: "settings", keys: ["none"])) == "{}")
            #expect(
                try world.perform(.settings(store: "settings", keys: []))
                    == #"{"limit":"10","list":"[1]","mode":"fast"}"#)
            #expect(
                try world.perform(.settings(store: "nowhere", keys: []))
                    .hasPrefix("failure internal: cannot read settings from `nowhere`: "))
        }
    }

    private static func call(
        _ name: String, _ operation: String, _ data: String = "null", _ metadata: String = "null"
    ) throws -> SidecarCall {
        let owner = OwnedArena()
        return try .binding(
            name: name, operation: operation, data: try owner.arena.json(data),
            metadata: try owner.arena.json(metadata), in: owner.arena)
    }

    @Test func `a folder is a binding: files are made, read, listed and deleted, and none outside of it`() async throws
    {
        try await BothEndsTests.inWorld { (world) throws in
            let made = try world.perform(
                Self.call("files", "create", #"{"n": 1.50}"#, #"{"fileName":"a/b.json"}"#))
            #expect(made.hasPrefix(#"{"fileName":"/"#) && made.hasSuffix(#"/kept/a/b.json"}"#), "\(made)")
            #expect(
                try world.perform(Self.call("files", "get", "null", #"{"filename":"a/b.json"}"#)) == #"{"n": 1.50}"#)
            #expect(
                try world.perform(Self.call("files", "create", #""text""#, #"{"fileName":"t"}"#)).hasSuffix(
                    #"/kept/t"}"#))
            #expect(try world.perform(Self.call("files", "get", "null", #"{"fileName":"t"}"#)) == #""text""#)
            let listed = try world.perform(Self.call("files", "list"))
            #expect(listed.contains(#"/kept/a/b.json","#) && listed.hasSuffix(#"/kept/t"]"#), "\(listed)")
            #expect(try world.perform(Self.call("files", "delete", "null", #"{"fileName":"t"}"#)) == "null")
            for (operation, metadata) in [
                ("get", #"{"fileName":"t"}"#), ("delete", #"{"fileName":"t"}"#), ("get", "null"),
                ("get", #"{"fileName":"../secrets.json"}"#), ("create", #"{"fileName":"a/../../x"}"#),
                ("create", #"{"fileName":""}"#), ("append", #"{"fileName":"t"}"#),
            ] {
                let refused = try world.perform(Self.call("files", operation, "1", metadata))
                #expect(
                    refused.hasPrefix(
                        "failure unavailable: cannot call `\(operation)` of binding `files`: error invoking output binding files: "
                    ),
                    "\(operation) \(metadata): \(refused)")
            }
        }
    }

    @Test func `an HTTP address is a binding`() async throws {
        try await BothEndsTests.inWorld { (world) throws in
            // A header by which the app knows who may call it.
            let token = #""Dapr-API-Token":"app-secret""#
            let said = try world.perform(
                Self.call("echo", "create", #""text""#, #"{"path":"/things/7",\#(token)}"#))
            #expect(said == #""POST /base/things/7?  text""#)
            #expect(try world.perform(Self.call("echo", "get", "null", "{\(token)}")) == #""GET /base?  ""#)
            #expect(
                try world.perform(Self.call("echo", "get"))
                    == "failure unavailable: cannot call `get` of binding `echo`: "
                    + "error invoking output binding echo: received status code 401")
            #expect(
                try world.perform(Self.call("echo", "connect"))
                    .hasSuffix("error invoking output binding echo: invalid operation: connect"))
            #expect(
                try world.perform(Self.call("none", "get"))
                    .hasSuffix("error invoking output binding none: couldn't find output binding none"))
        }
    }
}
