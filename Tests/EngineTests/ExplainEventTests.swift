// ExplainEventTests.swift: `patchbay explain EVENT.json` as a user meets it.

import Machine
import Testing

struct ExplainEventTests {
    private static let routes = #"""
        subscribe "pubsub/orders" (dead_letter: "orders-dead") {
          on "order.paid" as large where event.data.total > 100 and any(l in event.data.lines where l.sku == "A-1") { return 1 }
          on "order.*" as odd where (event.data.total < 10
            or not (exists(event.data.note) and event.source == "x")) and event.data.id.matches(r"^ORD-\d+$") { return 2 }
          on "refund" { return 3 }
          on "order.paid" as eu where event.source.starts_with("/eu/") { return 4 }
          on where event.data["odd key"] == null { return 5 }
          otherwise { return 6 }
        }
        """#
    private static let event = #"""
        {"specversion":"1.0","type":"order.paid","id":"17","source":"/eu/shop",
         "data":{"id":"ORD-x","total":250,"lines":[{"sku":"B-2","qty":3}]}}
        """#

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("app/routes.bay", Self.routes)
        try folder.write("event.json", Self.event)
        return folder
    }

    @Test func `each rule of the type is told clause by clause, with the values found`() async throws {
        let folder = try folder()
        let result = try await Program.run(["explain", "event.json", "app"], in: folder.path)
        #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(
            result.output == #"""
                order.paid, id 17

                pubsub/orders  the first rule that matches, app/routes.bay:1:11
                  ✘ large  app/routes.bay:2:6
                    ✔ event.data.total > 100  event.data.total is 250
                    ✘ any(l in event.data.lines where l.sku == "A-1")  event.data.lines is [{"sku":"B-2","qty":3}]
                  ✘ odd  app/routes.bay:3:6
                    ✔ any of
                      ✘ event.data.total < 10  event.data.total is 250
                      ✔ not
                        ✘ all of
                          ✘ exists(event.data.note)  event.data.note is missing
                          ✘ event.source == "x"  event.source is "/eu/shop"
                    ✘ event.data.id.matches(r"^ORD-\d+$")  event.data.id is "ORD-x"
                  ✔ eu  app/routes.bay:6:6
                    ✔ event.source.starts_with("/eu/")  event.source is "/eu/shop"
                  · any  fits too, but a rule above takes the event first  app/routes.bay:7:3
                    ✔ event.data["odd key"] == null  event.data["odd key"] is missing
                  · otherwise  not asked: a rule took the event  app/routes.bay:8:3
                    for other types: refund

                """#)
    }

    @Test func `as data it is one object a deployment`() async throws {
        let folder = try folder()
        let result = try await Program.run(["explain", "event.json", "app", "--format", "json"], in: folder.path)
        #expect(result.code == 0 && result.errors.isEmpty)
        let json = try JSON.parse(result.output)
        guard case .array(let subscriptions)? = json["subscriptions"],
            case .array(let rules)? = subscriptions.first?["rules"]
        else {
            Issue.record("\(result.output)")
            return
        }
        #expect(rules.map { $0["outcome"]?.string } == ["refused", "refused", "other_type", "taken", "late", "late"])
        guard case .array(let parts)? = rules[0]["where"]?["parts"], case .array(let found)? = parts[0]["found"] else {
            Issue.record("\(result.output)")
            return
        }
        #expect(parts.map { $0["holds"] } == [.bool(true), .bool(false)])
        #expect(found == [["path": "event.data.total", "value": .int(250)]])
    }

    @Test(arguments: [
        (["explain", "none.json", "app"], 1 as Int32, "cannot read `none.json`"),
        (["explain", "event.json", "app", "--topic", "pubsub/order"], 1, "did you mean `pubsub/orders`?"),
        (["explain", "event.json", "app", "--topic", "elsewhere"], 1, "there are `pubsub/orders`"),
        (["explain", "event.json", "empty"], 1, "cannot read `empty`"),
        (["explain", "bare.json", "app"], 1, "it has no `type`"),
        (["explain", "broken.json", "app"], 1, "is not JSON"),
        (["explain", "event.json", "bad"], 1, "E0301"),
        (["explain", "E0301", "E0302"], 2, "one code or builtin at a time"),
        (["explain"], 2, "which code, builtin or event?"),
    ])
    func `what cannot be explained says why`(arguments: [String], code: Int32, says: String) async throws {
        let folder = try folder()
        try folder.write("bare.json", #"{"id":"1"}"#)
        try folder.write("broken.json", #"{"id":"1","#)
        try folder.write(
            "bad/routes.bay", "subscribe \"p/t\" (dead_letter: \"d\") { on where evnt.id == \"1\" { return 1 } }\n")
        let result = try await Program.run(arguments, in: folder.path)
        #expect(result.code == code && result.output.isEmpty)
        #expect(result.errors.contains(says), "\(result.errors)")
    }

    @Test func `an event that nothing takes is told, and exits with 1`() async throws {
        let folder = try folder()
        try folder.write("app/routes.bay", "subscribe \"p/t\" (dead_letter: \"d\") { on \"other\" { return 1 } }\n")
        let result = try await Program.run(
            ["explain", "event.json", "app"], in: folder.path, environment: ["LC_ALL": "C"])
        #expect(result.code == 1)
        #expect(result.output.contains("  x nothing takes it: it would be acknowledged and counted as unmatched"))
    }
}
