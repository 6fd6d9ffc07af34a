// PreparedAtLoadTests.swift: a running engine asks its databases about SQL: at the start, and before a change goes live.

import Foundation
import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

@Suite struct PreparedAtLoadTests {
    private static let schema = "CREATE TABLE things (id text PRIMARY KEY, name text, price numeric)"

    private static func routes(_ conninfo: String, _ sql: String = "SELECT id, name FROM things") -> String {
        """
        database db = "\(conninfo)"
        get "/things" { return db.rows "\(sql)" }
        subscribe "bus/things" (dead_letter: "dead") { on "a" { log.debug("a") } }

        """
    }

    /// The same with the credentials in a secret, and what a sidecar says that has it.
    private static func secretRoutes(_ sql: String) -> String {
        """
        database db = secret("secrets/db")
        get "/things" { return db.rows "\(sql)" }

        """
    }

    private static func secret(_ conninfo: String) -> FakeSidecar.Answer {
        let secret = JSON.object([JSON.Member("db", .string(conninfo))])
        return .reply(200, String(decoding: secret.serialized(), as: UTF8.self))
    }

    /// How often the credentials were asked for.
    private static func secretCalls(_ engine: EngineUnderTest) -> Int {
        engine.sidecar.calls(to: "/v1.0/secrets").count
    }

    private static func rejections(_ engine: EngineUnderTest) async throws -> [String] {
        let records = try await engine.admin("/generations").json["generations"]?.array ?? []
        return records.filter { $0["state"]?.string == "rejected" }.compactMap { $0["report"]?.string }
    }

    @Test func `a change with a wrong column is refused at its word, and the generation before keeps serving`()
        async throws
    {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            try await database.run("INSERT INTO things VALUES ('1', 'one', 1.5)")
            let good = Self.routes(database.conninfo)
            try await EngineUnderTest.with(routes: good) { engine async throws in
                try engine.folder.write(
                    "routes/app/routes.bay", Self.routes(database.conninfo, "SELECT id, nam FROM things"))
                try await eventually("it is refused") { try await Self.rejections(engine).count == 1 }
                let report = try await Self.rejections(engine)[0]
                #expect(report.contains("error[E0621]: column \"nam\" does not exist"))
                #expect(report.contains("routes.bay:2:44"))
                #expect(report.contains("fix: replace `nam` with `name`"), "\(report)")
                #expect(engine.log.contains(report))
                try await eventually("standard error says what goes on") {
                    engine.log.contains("the change was not taken (1 error); the generation before keeps serving")
                }
                #expect(try await engine.liveGeneration() == 1)
                #expect(try await engine.request(.get, "/things").text == #"[{"id":"1","name":"one"}]"#)

                try engine.folder.write(
                    "routes/app/routes.bay", Self.routes(database.conninfo, "SELECT id, price FROM things"))
                try await eventually("the corrected one is live") { try await engine.liveGeneration() == 2 }
                #expect(try await engine.request(.get, "/things").text == #"[{"id":"1","price":1.5}]"#)
                #expect(engine.log.contains("warning[W0821]: `price` is numeric"))
            }
        }
    }

    @Test func `what a migration makes right goes live when it is saved again`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            try await EngineUnderTest.with(routes: Self.routes(database.conninfo)) { engine async throws in
                let new = Self.routes(database.conninfo, "SELECT id, colour, taste FROM things")
                try engine.folder.write("routes/app/routes.bay", new)
                try await eventually("it is refused") { try await Self.rejections(engine).count == 1 }
                try engine.folder.write("routes/app/routes.bay", new)
                try await database.run("ALTER TABLE things ADD COLUMN colour text")
                try engine.folder.write("routes/app/routes.bay", new)
                try await eventually("what is left is said") { try await Self.rejections(engine).count == 2 }
                #expect(try await Self.rejections(engine).map { $0.contains("colour\" does not") } == [false, true])
                try await database.run("ALTER TABLE things ADD COLUMN taste text")
                try engine.folder.write("routes/app/routes.bay", new)
                try await eventually("it is live") { try await engine.liveGeneration() == 2 }
                // Saved four times, and each thing said once.
                #expect(try await Self.rejections(engine).count == 2)
                #expect(engine.log.text.components(separatedBy: "error[E0621]").count == 3)
            }
        }
    }

    @Test func `at the start a missing table is said, and the engine serves all the same`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let routes = Self.routes(database.conninfo, "SELECT id FROM later")
            try await EngineUnderTest.with(routes: routes) { engine async throws in
                try await eventually("it is said") {
                    engine.log.contains("generation 1 serves, but 1 place of its SQL")
                }
                #expect(engine.log.contains("error[E0621]: relation \"later\" does not exist"))
                let record = try await engine.admin("/generations").json["generations"]?[0]
                #expect(record?["state"]?.string == "live")
                #expect(record?["report"]?.string?.contains("error[E0621]") == true)
                #expect(record?["diagnostics"]?.array?.compactMap { $0["code"]?.string } == ["E0621"])
                #expect(try await engine.deliver("a") == "SUCCESS")
                #expect(try await engine.request(.get, "/things").status == 500)
                try await database.run("CREATE TABLE later (id text)")
                #expect(try await engine.request(.get, "/things").text == "[]")

                // What the live generation has already keeps no other change out, and is not said again.
                try await database.run("DROP TABLE later")
                try engine.folder.write("routes/app/more.bay", "get \"/more\" { return 1 }\n")
                try await eventually("the other change is live") { try await engine.liveGeneration() == 2 }
                #expect(engine.log.text.components(separatedBy: "error[E0621]").count == 2)
            }
        }
    }

    @Test func `an edit without new SQL asks nobody`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let conninfo = database.conninfo
            let routes = Self.secretRoutes("SELECT id FROM things")
            try await EngineUnderTest.with(
                routes: routes, sidecar: { $0.target.hasPrefix("/v1.0/secrets") ? Self.secret(conninfo) : .usual }
            ) { engine async throws in
                // Once by the loop that will need it, once about the SQL.
                try await eventually("the live SQL was asked about") { Self.secretCalls(engine) == 2 }
                try engine.folder.write("routes/app/more.bay", "get \"/more\" { return 1 }\n")
                try await eventually("the edit is live") { try await engine.liveGeneration() == 2 }
                #expect(Self.secretCalls(engine) == 2)
                try engine.folder.write("routes/app/more.bay", "get \"/more\" { return db.one \"SELECT 1 AS n\" }\n")
                try await eventually("the next one too") { try await engine.liveGeneration() == 3 }
                #expect(Self.secretCalls(engine) == 3)
            }
        }
    }

    @Test func `a database that hangs holds a change up for a bounded time, and events not at all`() async throws {
        // Takes connections and never says a word.
        let silent = try ListenSocket.open(address: "127.0.0.1", port: 0)
        let hanging = "postgresql://nobody@127.0.0.1:\(silent.port)/nothing"
        try await EngineUnderTest.with(
            routes: Self.routes(hanging), adjust: { $0.limits.prepareTimeoutNanoseconds = 1_500_000_000 }
        ) { engine async throws in
            let began = ContinuousClock.now
            try engine.folder.write("routes/app/routes.bay", Self.routes(hanging, "SELECT nope FROM things"))
            var slowest = Duration.zero
            try await eventually("the change is live") {
                let asked = ContinuousClock.now
                #expect(try await engine.deliver("a") == "SUCCESS")
                slowest = max(slowest, ContinuousClock.now - asked)
                return try await engine.liveGeneration() == 2
            }
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(1500) && took < .seconds(8), "\(took)")
            #expect(slowest < .milliseconds(1000), "\(slowest)")
            #expect(
                engine.log.contains("the database could not be asked about the SQL of a change: it goes live as it is"))
            #expect(engine.log.contains("did not answer in the time that there is"))
        }
        withExtendedLifetime(silent) {}
    }

    @Test func `a database that was killed keeps no change out`() async throws {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            try await EngineUnderTest.with(routes: Self.routes("host=/nowhere dbname=x")) { engine async throws in
                try await eventually("the start says so") {
                    engine.log.contains("the database could not be asked about the SQL; it will be again")
                }
                try engine.folder.write(
                    "routes/app/routes.bay", Self.routes("host=/nowhere dbname=x", "SELECT nope FROM things"))
                try await eventually("the change is live") { try await engine.liveGeneration() == 2 }
                #expect(engine.log.contains("it goes live as it is"))
                // The same text on a database that answers is new to it.
                try engine.folder.write(
                    "routes/app/routes.bay", Self.routes(database.conninfo, "SELECT nope FROM things"))
                try await eventually("it is refused") { try await Self.rejections(engine).count == 1 }
                #expect(try await engine.liveGeneration() == 2)
            }
        }
    }

    @Test func `a server that is killed while it is asked keeps no change out`() async throws {
        try await DatabaseUnderTest.withServer(Self.schema) { database async throws in
            try await EngineUnderTest.with(routes: Self.routes(database.conninfo)) { engine async throws in
                let many = (0..<3000).map {
                    "get \"/n/\($0)\" { return db.one \"SELECT id, \($0) AS n FROM things\" }\n"
                }
                try engine.folder.write("routes/app/many.bay", many.joined())
                let process = try #require(await database.processID)
                kill(process, SIGQUIT)
                try await eventually("the change is live") { try await engine.liveGeneration() == 2 }
                #expect(try await engine.deliver("a") == "SUCCESS")
            }
        }
    }

    @Test func `what no database runs is refused without asking one`() async throws {
        let hanging = "host=/nowhere dbname=x"
        try await EngineUnderTest.with(routes: Self.routes(hanging)) { engine async throws in
            try engine.folder.write("routes/app/routes.bay", Self.routes(hanging, "LISTEN somewhere"))
            try await eventually("it is refused") { try await Self.rejections(engine).count == 1 }
            #expect(try await Self.rejections(engine)[0].contains("error[E0622]: `LISTEN` is not possible here"))
            #expect(try await engine.liveGeneration() == 1)
        }
    }

    @Test func `what was refused goes live by itself once the migration has run, and is not said again meanwhile`()
        async throws
    {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let conninfo = database.conninfo
            try await EngineUnderTest.with(
                routes: Self.secretRoutes("SELECT id FROM things"),
                sidecar: { $0.target.hasPrefix("/v1.0/secrets") ? Self.secret(conninfo) : .usual },
                adjust: { $0.limits.rescanNanoseconds = 50_000_000 }
            ) { engine async throws in
                try engine.folder.write("routes/app/routes.bay", Self.secretRoutes("SELECT id, colour FROM things"))
                try await eventually("it is refused") { try await Self.rejections(engine).count == 1 }
                let before = Self.secretCalls(engine)
                try await eventually("it is asked about again") { Self.secretCalls(engine) >= before + 3 }
                #expect(try await engine.liveGeneration() == 1)
                try await database.run("ALTER TABLE things ADD COLUMN colour text")
                try await eventually("it is live") { try await engine.liveGeneration() == 2 }
                #expect(engine.log.text.components(separatedBy: "error[E0621]").count == 2)
            }
        }
    }

    @Test func `a database that was not there at the start is asked until it answers, and then what is wrong is said`()
        async throws
    {
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let (isThere, conninfo) = (Flag(), database.conninfo)
            try await EngineUnderTest.with(
                routes: Self.secretRoutes("SELECT id, nam FROM things"),
                sidecar: { _ in isThere.isSet ? Self.secret(conninfo) : .reply(403) },
                adjust: { $0.limits.rescanNanoseconds = 50_000_000 }
            ) { engine async throws in
                let unasked = "the database could not be asked about the SQL; it will be again"
                try await eventually("it is said") { engine.log.contains(unasked) }
                let before = Self.secretCalls(engine)
                try await eventually("it is asked again") { Self.secretCalls(engine) >= before + 3 }
                #expect(engine.log.text.components(separatedBy: unasked).count == 2)
                isThere.set()
                try await eventually("what is wrong is said") {
                    engine.log.contains("generation 1 serves, but 1 place")
                }
                #expect(engine.log.contains("fix: replace `nam` with `name`"))
                try engine.folder.write("routes/app/more.bay", "get \"/more\" { return 1 }\n")
                try await eventually("the next change is live") { try await engine.liveGeneration() == 2 }
                #expect(engine.log.text.components(separatedBy: "error[E0621]").count == 2)
            }
        }
    }

    @Test func `an engine that is stopped while a database hangs ends without a word about it`() async throws {
        let silent = try ListenSocket.open(address: "127.0.0.1", port: 0)
        let hanging = "postgresql://nobody@127.0.0.1:\(silent.port)/nothing"
        let log = Mutex<LogBook?>(nil)
        var stopping = ContinuousClock.now
        try await EngineUnderTest.with(
            routes: Self.secretRoutes("SELECT id FROM things"),
            sidecar: { $0.target.hasPrefix("/v1.0/secrets") ? Self.secret(hanging) : .usual },
            adjust: { $0.limits.prepareTimeoutNanoseconds = 30_000_000_000 }
        ) { engine async throws in
            log.withLock { $0 = engine.log }
            try engine.folder.write("routes/app/routes.bay", Self.secretRoutes("SELECT nope FROM things"))
            // The loop's own question, the one about the live SQL, and the one that the change waits for.
            try await eventually("the change waits for the database") { Self.secretCalls(engine) == 3 }
            #expect(try await engine.liveGeneration() == 1)
            stopping = .now
        }
        #expect(ContinuousClock.now - stopping < .seconds(10))
        #expect(log.withLock { $0 }?.contains("could not be asked") == false)
        withExtendedLifetime(silent) {}
    }

    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)
        var isSet: Bool { state.load(ordering: .acquiring) }
        func set() { state.store(true, ordering: .releasing) }
    }
}
