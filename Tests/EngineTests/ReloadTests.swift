// ReloadTests.swift: files are edited while events come in: what goes live, what does not, and who ends on what.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct ReloadTests {
    private static func routes(_ rules: String) -> String {
        "subscribe \"bus/things\" (dead_letter: \"dead\", timeout: 1m) {\n\(rules)\n}\n"
    }

    private static let store = "store shelf = \"statestore\"\n"

    @Test func `a new rule takes the next event without a restart`() async throws {
        try await EngineUnderTest.with(routes: Self.routes(#"  on "old" { log.debug("old") }"#)) {
            engine async throws in
            #expect(try await engine.deliver("new") == "SUCCESS")
            #expect(try await engine.outcomes() == ["unmatched": 1])
            try engine.folder.write(
                "routes/app/routes.bay",
                Self.routes("  on \"old\" { log.debug(\"old\") }\n  on \"new\" { drop \"taken\" }"))
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
            #expect(try await engine.deliver("new") == "DROP")
            let records = try await engine.admin("/generations").json["generations"]?.array ?? []
            #expect(records.map { $0["state"]?.string } == ["live", "retired"])
            #expect(records.first?["rules"]?.int == 2)
        }
    }

    @Test func `a file with an error changes nothing and is shown with place, carets and fix; corrected it goes live`()
        async throws
    {
        let scripts = ["gadgets": "handler save(event) { log.debug(\"saved\") }\n"]
        let good = #"  on "a" => gadgets.save"#
        try await EngineUnderTest.with(routes: Self.routes(good), scripts: scripts) { engine async throws in
            try engine.folder.write("routes/app/routes.bay", Self.routes(#"  on "a" => gadgets.saave"#))
            try await eventually("the rejection is recorded") {
                try await engine.admin("/generations").json["generations"]?[0]?["state"]?.string == "rejected"
            }
            #expect(try await engine.liveGeneration() == 1)
            #expect(try await engine.deliver("a") == "SUCCESS")
            #expect(try await engine.outcomes() == ["success": 1])

            let shown = try await engine.admin("/generations").json["generations"]?[0]
            let report = shown?["report"]?.string ?? ""
            for piece in ["routes.bay:2:13", "^^^^^^^^^^^^^", "fix: replace `gadgets.saave` with `gadgets.save`"] {
                #expect(report.contains(piece), "\(report)")
            }
            #expect(engine.log.contains(report.split(separator: "\n").first.map(String.init) ?? "?"))
            let diagnostics = shown?["diagnostics"]?.array ?? []
            #expect(diagnostics.count == 1 && diagnostics[0]["code"]?.string?.hasPrefix("E0") == true)
            try await eventually("standard error says what goes on") {
                engine.log.contains("the generation before keeps serving")
            }

            try engine.folder.write("routes/app/routes.bay", Self.routes(good + "\n  on \"b\" { drop \"b\" }"))
            try await eventually("the corrected file is live") { try await engine.liveGeneration() == 2 }
            #expect(try await engine.deliver("b") == "DROP")
        }
    }

    @Test func `a run ends on the generation that it began with`() async throws {
        func rule(_ version: Int) -> String {
            Self.store
                + Self.routes("  on \"slow\" {\n    other.get(\"/gate\")\n    shelf.save(event.id, \(version))\n  }")
                + "app other = \"other\"\n"
        }
        try await EngineUnderTest.with(
            routes: rule(1), sidecar: { $0.target.hasSuffix("/gate") ? .held : .usual }
        ) { engine async throws in
            async let begun = engine.deliver("slow", id: "early")
            try await eventually("the first run waits for its reply") { engine.sidecar.heldCount == 1 }
            try engine.folder.write("routes/app/routes.bay", rule(2))
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
            async let late = engine.deliver("slow", id: "late")
            try await eventually("the second run waits too") { engine.sidecar.heldCount == 2 }
            let inFlight = try await engine.admin("/generations").json["generations"]?.array?.map {
                $0["in_flight"]?.int
            }
            #expect(inFlight == [1, 1])
            engine.sidecar.release(200)
            #expect(try await [begun, late] == ["SUCCESS", "SUCCESS"])
            #expect(engine.sidecar.saved("statestore/early") == "1")
            #expect(engine.sidecar.saved("statestore/late") == "2")
            let after = try await engine.admin("/generations").json["generations"]?.array?.map { $0["in_flight"]?.int }
            #expect(after == [0, 0])
        }
    }

    @Test func `a run that sleeps over a reload wakes up as what it was`() async throws {
        func rule(_ version: Int) -> String {
            Self.store
                + Self.routes(
                    "  on \"nap\" {\n    shelf.save(\"began\", 1)\n    sleep(2s)\n    shelf.save(\"ended\", \(version))\n  }"
                )
        }
        try await EngineUnderTest.with(routes: rule(1)) { engine async throws in
            async let napping = engine.deliver("nap")
            try await eventually("it sleeps") { engine.sidecar.saved("statestore/began") != nil }
            try engine.folder.write("routes/app/routes.bay", rule(2))
            #expect(try await napping == "SUCCESS")
            #expect(engine.sidecar.saved("statestore/ended") == "1")
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
        }
    }

    @Test func `a repetition runs on the generation that its delivery began with`() async throws {
        func rule(_ path: String) -> String {
            "app other = \"other\"\nsubscribe \"bus/things\" (dead_letter: \"dead\", timeout: 1m, retry: 1, backoff: 1s..1s) "
                + "{ on \"try\" { other.get(\"/\(path)\") } }\n"
        }
        try await EngineUnderTest.with(routes: rule("one"), sidecar: { _ in .held }) { engine async throws in
            async let told = engine.deliver("try")
            try await eventually("the first try is under way") { engine.sidecar.heldCount == 1 }
            try engine.folder.write("routes/app/routes.bay", rule("two"))
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
            engine.sidecar.follow { _ in .usual }
            engine.sidecar.release(503)
            #expect(try await told == "SUCCESS")
            #expect(engine.sidecar.calls.allSatisfy { $0.target.hasSuffix("/one") } && engine.sidecar.calls.count == 2)
        }
    }

    @Test func `a removed subscription is answered RETRY and counted until it is back`() async throws {
        let both = Self.routes(#"  on "a" { log.debug("a") }"#)
        try await EngineUnderTest.with(routes: both) { engine async throws in
            try engine.folder.write("routes/app/routes.bay", "get \"/alive\" { return 1 }\n")
            try await eventually("generation 2") { try await engine.liveGeneration() == 2 }
            #expect(try await engine.deliver("a") == "RETRY")
            #expect(try await engine.outcomes() == ["unsubscribed": 1])
            #expect(engine.log.contains("a topic that no `subscribe` names"))
            try engine.folder.write("routes/app/routes.bay", both)
            try await eventually("generation 3") { try await engine.liveGeneration() == 3 }
            #expect(try await engine.deliver("a") == "SUCCESS")
        }
    }

    @Test func `a folder that becomes empty, or a file that goes, is refused while the rest serves`() async throws {
        try await EngineUnderTest.with(routes: Self.routes(#"  on "a" { log.debug("a") }"#)) { engine async throws in
            try engine.folder.remove("routes/app/routes.bay")
            try await eventually("the empty folder is reported") { engine.log.contains("no `.bay` file in") }
            #expect(try await engine.deliver("a") == "SUCCESS")
            #expect(try await engine.liveGeneration() == 1)
        }
    }

    @Test func `touching a file without changing it makes no generation`() async throws {
        let routes = Self.routes(#"  on "a" { log.debug("a") }"#)
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            for _ in 0..<3 { try engine.folder.write("routes/app/routes.bay", routes) }
            try engine.folder.write("scripts/notes.txt", "not Bay")
            // A change afterwards is the proof that the ones before were looked at.
            try engine.folder.write("routes/app/more.bay", "get \"/more\" { return 1 }\n")
            try await eventually("the real change is live") { try await engine.request(.get, "/more").status == 200 }
            #expect(try await engine.liveGeneration() == 2)
        }
    }

    @Test func `a ConfigMap's swap of its data link is one change`() async throws {
        let folder = try TemporaryFolder()
        try await EngineUnderTest.with(
            routes: "",
            adjust: {
                $0.routeFolders = [folder("config-routes")]
                $0.scriptFolders = [folder("config-scripts")]
                try? folder.makeFolder("config-routes")
                try? folder.makeFolder("config-scripts")
                Self.mount(folder, date: "..2026_1", version: 1)
            }
        ) { engine async throws in
            #expect(try await engine.deliver("a") == "SUCCESS")
            Self.mount(folder, date: "..2026_2", version: 2)
            try await eventually("generation 2") { try await engine.liveGeneration() >= 2 }
            try await eventually("both folders are swapped") { try await engine.deliver("a") == "DROP" }
        }
    }

    /// Two volumes as the kubelet lays them out: a file is a link into `..data`, itself a link to a dated folder, which is
    /// swapped by a rename. No visible name changes.
    private static func mount(_ folder: TemporaryFolder, date: String, version: Int) {
        do {
            try folder.write("config-routes/\(date)/routes.bay", routes(#"  on "a" => shop.orders.hold"#))
            let does = version == 1 ? "log.debug(\"1\")" : "drop \"2\""
            try folder.write("config-scripts/\(date)/shop.orders.bay", "handler hold(event) { \(does) }\n")
            for (volume, file) in [("config-routes", "routes.bay"), ("config-scripts", "shop.orders.bay")] {
                try folder.link("\(volume)/..data_tmp", to: date)
                try folder.rename("\(volume)/..data_tmp", over: "\(volume)/..data")
                if version == 1 { try folder.link("\(volume)/\(file)", to: "..data/\(file)") }
            }
            if version > 1 {
                for volume in ["config-routes", "config-scripts"] { try folder.remove("\(volume)/..2026_1") }
            }
        } catch {
            Issue.record("the volume cannot be laid out: \(error)")
        }
    }
}
