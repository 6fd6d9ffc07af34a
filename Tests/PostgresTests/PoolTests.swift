// PoolTests.swift: sharing, waiting, deadlines, and what happens when a server or the way to it fails.

import DevEnvironment
import Foundation
import Machine
import Testing
import Transport

@testable import Postgres

@Suite(.serialized) struct PoolTests {
    private func options(_ change: (inout PostgresPoolOptions) -> Void) -> PostgresPoolOptions {
        var options = PostgresPoolOptions()
        change(&options)
        return options
    }

    @Test func `an error of a statement leaves its neighbours alone`() throws {
        let database = try TestDatabase.shared(options: options { $0.connectionsMax = 1 })
        let good = database.start("SELECT 1 AS a")
        let bad = database.start("SELECT 1/$1::int AS a", [.int(0)])
        let alsoGood = database.start("SELECT 2 AS a")
        #expect(try database.wait(for: bad).failure?.sqlstate == "22012")
        #expect(try database.wait(for: good).failure == nil)
        #expect(try database.wait(for: alsoGood).failure == nil)
    }

    @Test func `an answer never comes from inside of execute, and only once`() throws {
        let database = try TestDatabase.shared(options: options { $0.waitersMax = 2 })
        let asked = [
            database.start("SELECT 1"), database.start("BEGIN"), database.start("SELECT 1", within: .zero),
            database.start("SELECT 2"), database.start("SELECT 3"),
            database.start("SELECT $1::text", [database.arena.secret("x")]),
        ]
        #expect(asked.allSatisfy { $0.answers == 0 })
        try database.wait { asked.allSatisfy { $0.reply != nil } }
        _ = try database.json("SELECT 1")
        #expect(asked.map(\.answers) == [1, 1, 1, 1, 1, 1])
        #expect(
            asked.map { $0.reply?.failure?.failureClass } == [nil, .invalid, .timeout, nil, .unavailable, .invalid])
    }

    @Test func `operands are copied before execute returns`() throws {
        let database = try TestDatabase.shared()
        let memory = OwnedArena()
        var reply: PostgresReply?
        let text = memory.arena.string(String(repeating: "a", count: 5000))
        database.pool.execute(
            SQLStatement("SELECT length($1::text) AS n, $1 = repeat('a', 5000) AS same"), parameters: [text],
            in: memory.arena,
            mode: .one, deadlineNanoseconds: database.loop.nowNanoseconds + 10_000_000_000
        ) { reply = $0 }
        memory.reset()
        _ = memory.arena.string(String(repeating: "b", count: 9000))
        try database.wait { reply != nil }
        let value = try #require(reply).value(in: database.arena).get()
        #expect(database.text(value) == #"{"n":5000,"same":true}"#)
    }

    @Test func `a thousand inserts share the connections`() throws {
        let database = try TestDatabase.shared()
        let schema = try database.newSchema()
        _ = try database.json("CREATE TABLE \(schema).t (id int PRIMARY KEY, t text)", [], .execute)
        let asked = (0..<1000).map {
            database.start(
                "INSERT INTO \(schema).t VALUES ($1, $2)", [.int(Int64($0)), database.arena.string("x")], .execute)
        }
        try database.wait { asked.allSatisfy { $0.reply != nil } }
        #expect(asked.allSatisfy { $0.reply?.failure == nil && $0.answers == 1 })
        #expect(try database.json("SELECT count(*) AS n FROM \(schema).t", [], .one) == #"{"n":1000}"#)
        #expect(database.pool.statistics.connectionsReady <= 4)
    }

    @Test func `large values go both ways while the socket is full`() throws {
        let proxy = try DribblingProxy(to: TestServer.shared().socketPath, faults: .init(chunk: 4096))
        defer { proxy.stop() }
        let database = try TestDatabase(through(proxy), options: options { $0.connectionsMax = 1 })
        let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let asked = (0..<8).map { _ in
            database.start("SELECT $1::bytea AS v", [database.arena.bytes(bytes)], .one, within: .seconds(60))
        }
        try database.wait { asked.allSatisfy { $0.reply != nil } }
        for one in asked {
            let value = try #require(one.reply).value(in: database.arena).get().field("v", in: database.arena)
            #expect(value.asBytes == bytes)
        }
    }

    @Test func `a result beyond the limit fails and says so`() throws {
        let database = try TestDatabase.shared(options: options { $0.resultBytesMax = 100_000 })
        let failure = try database.failure("SELECT repeat('x', 200000) AS a")
        #expect(failure.failureClass == .invalid)
        #expect(failure.message.contains("ask for fewer rows"))
    }

    /// Lets the pool believe that these two are quick, so that it pipelines them.
    private func learn(_ database: TestDatabase) throws {
        _ = try database.ask("SELECT pg_sleep($1)", [.float(0)])
        _ = try database.ask("SELECT 0 AS a")
        _ = try database.ask("SELECT 0 AS a")
    }

    // MARK: deadlines

    @Test func `a deadline ends a slow statement, and the connection is used again`() throws {
        let database = try TestDatabase.shared(options: options { $0.connectionsMax = 1 })
        _ = try database.json("SELECT 1")
        let slow = database.start("SELECT pg_sleep(30)", within: .milliseconds(150))
        let failure = try #require(try database.wait(for: slow).failure)
        #expect(failure.failureClass == .timeout)
        #expect(failure.mayHaveRun)
        #expect(try database.json("SELECT 3 AS a") == #"[{"a":3}]"#)
        #expect(database.pool.statistics.connectionsLost == 0)
        #expect(slow.answers == 1)
    }

    @Test func `what stands behind an overdue statement is answered all the same`() throws {
        let database = try TestDatabase.shared(options: options { $0.connectionsMax = 1 })
        try learn(database)
        let slow = database.start("SELECT pg_sleep($1)", [.float(30)], within: .milliseconds(200))
        let behind = (0..<20).map { _ in database.start("SELECT 0 AS a") }
        #expect(database.pool.statistics.inFlight > 1)
        try database.wait { slow.reply != nil && behind.allSatisfy { $0.reply != nil } }
        #expect(slow.reply?.failure?.failureClass == .timeout)
        #expect(behind.allSatisfy { $0.reply?.failure == nil && $0.answers == 1 })
    }

    @Test func `a slow statement does not hold up the others when there is another connection`() throws {
        let database = try TestDatabase.shared(options: options { $0.connectionsMax = 2 })
        let slow = database.start("SELECT pg_sleep(2)")
        try database.wait { database.pool.statistics.inFlight > 0 }
        let quick = (0..<50).map { _ in database.start("SELECT 1 AS a") }
        try database.wait { quick.allSatisfy { $0.reply != nil } || slow.reply != nil }
        #expect(slow.reply == nil)
    }

    @Test func `waiting for a free connection ends at the deadline`() throws {
        let database = try TestDatabase.shared(
            options: options {
                $0.connectionsMax = 1
                $0.pipelineDepthMax = 1
            })
        let slow = database.start("SELECT pg_sleep(0.6)")
        try database.wait { database.pool.statistics.inFlight > 0 }
        let failure = try database.failure("SELECT 1", within: .milliseconds(100))
        #expect(failure.failureClass == .timeout)
        #expect(!failure.mayHaveRun)
        #expect(failure.message.contains("no connection"))
        #expect(try database.wait(for: slow).failure == nil)
    }

    // MARK: the server

    @Test func `wrong credentials fail at once, and right ones heal the pool`() throws {
        let right = try TestServer.shared().credentials
        let wrong = try ConnectionTarget(secret: [
            "host": right.host, "username": right.username, "password": "nonsense",
        ])
        let database = try TestDatabase(wrong)
        let failure = try database.failure("SELECT 1", within: .seconds(60))
        #expect(failure.failureClass == .unavailable)
        #expect(failure.sqlstate == "28P01")
        #expect(!failure.mayHaveRun)
        #expect(failure.message.contains("password authentication failed") && !failure.message.contains("nonsense"))
        #expect(database.pool.lastFailure == failure)
        database.pool.replaceTarget(try right.target())
        #expect(try database.json("SELECT 1 AS a") == #"[{"a":1}]"#)
        #expect(database.pool.lastFailure == nil)
    }

    @Test func `a database that does not exist is said`() throws {
        let credentials = try TestServer.shared().credentials
        var secret = Dictionary(uniqueKeysWithValues: credentials.secretEntries.map { ($0.key, $0.value) })
        secret["database"] = "nowhere"
        let failure = try TestDatabase(ConnectionTarget(secret: secret)).failure("SELECT 1")
        #expect(failure.sqlstate == "3D000")
        #expect(
            failure.message
                == "cannot connect to patchbay@\(credentials.host)/nowhere: database \"nowhere\" does not exist")
    }

    @Test func `new credentials take over, and what is in flight finishes on the old connections`() throws {
        let database = try TestDatabase.shared()
        let slow = database.start("SELECT pg_sleep(0.3), current_setting('application_name') AS name", [], .one)
        try database.wait { database.pool.statistics.inFlight > 0 }
        var secret = Dictionary(
            uniqueKeysWithValues: try TestServer.shared().credentials.secretEntries.map { ($0.key, $0.value) })
        secret["application_name"] = "second"
        database.pool.replaceTarget(try ConnectionTarget(secret: secret))
        let name = try database.json("SELECT current_setting('application_name') AS name", [], .one)
        #expect(name == #"{"name":"second"}"#)
        #expect(try database.wait(for: slow).failure == nil)
        try database.wait { database.pool.statistics.connectionsReady == 1 }
    }

    @Test func `a connection that the server ends is replaced, and its statements say that they may have run`() throws {
        let database = try TestDatabase.shared(options: options { $0.connectionsMax = 1 })
        let other = try TestDatabase.shared()
        let backend = try database.ask("SELECT pg_backend_pid() AS p", [], .one).value(in: database.arena).get()
        let processID = backend.field("p", in: database.arena)
        try learn(database)
        let flying = [database.start("SELECT pg_sleep($1)", [.float(30)]), database.start("SELECT 0 AS a")]
        #expect(database.pool.statistics.inFlight == 2)
        _ = try other.json("SELECT pg_terminate_backend($1)", [processID])
        try database.wait { flying.allSatisfy { $0.reply != nil } }
        for one in flying {
            #expect(one.reply?.failure?.failureClass == .unavailable)
            #expect(one.reply?.failure?.mayHaveRun == true)
            #expect(one.reply?.failure?.message.contains("no connection") == false)
        }
        #expect(try database.json("SELECT 4 AS a") == #"[{"a":4}]"#)
        #expect(database.pool.statistics.connectionsLost == 1)
    }

    @Test func `down at start is no error, and the pool recovers by itself`() async throws {
        let first = try await TestServer.start()
        let target = try first.target()
        await first.stop()
        let database = try TestDatabase(target, options: options { $0.downPatience = .milliseconds(200) })
        let failure = try database.failure("SELECT 1", within: .seconds(30))
        #expect(failure.failureClass == .unavailable)
        #expect(!failure.mayHaveRun)
        #expect(failure.message.hasPrefix("cannot connect to patchbay@/tmp/"))
        let second = try await TestServer.start(folder: first.folder)
        #expect(second.credentials == first.credentials)
        try database.wait { database.pool.statistics.connectionsReady > 0 }
        #expect(try database.json("SELECT 5 AS a") == #"[{"a":5}]"#)
        await second.stop()
    }

    @Test func `kill -9 in the middle of a thousand inserts loses nothing that was acknowledged`() async throws {
        let server = try await TestServer.start()
        let database = try TestDatabase(server.target())
        _ = try database.json("CREATE TABLE t (id int PRIMARY KEY)", [], .execute)
        let sql = "INSERT INTO t VALUES ($1) ON CONFLICT DO NOTHING"
        var open = Array(0..<1000)
        var acknowledged = Set<Int>()
        var isKilled = false
        let victim = try #require(await server.processID())
        let deadline = Date(timeIntervalSinceNow: 60)
        while !open.isEmpty, Date() < deadline {
            let asked = open.map { (id: $0, one: database.start(sql, [.int(Int64($0))], .execute)) }
            if !isKilled {
                try database.wait { asked.count { $0.one.reply != nil } > 100 }
                kill(victim, SIGKILL)
                isKilled = true
            }
            try database.wait { asked.allSatisfy { $0.one.reply != nil } }
            for (id, one) in asked where one.reply?.failure == nil { acknowledged.insert(id) }
            let classes = Set(asked.compactMap { $0.one.reply?.failure?.failureClass })
            #expect(classes.isSubset(of: [.unavailable]))
            open = asked.filter { $0.one.reply?.failure != nil }.map(\.id)
        }
        #expect(acknowledged.count == 1000)
        #expect(try database.json("SELECT count(*) AS n FROM t", [], .one) == #"{"n":1000}"#)
        #expect(await server.restarts() == 1)
        #expect(server.lines.text.contains("started again"))
        await server.stop()
    }

    @Test func `an idle connection above the minimum is closed`() throws {
        let database = try TestDatabase.shared(options: options { $0.idleTimeout = .milliseconds(50) })
        let asked = (0..<8).map { _ in database.start("SELECT pg_sleep(0.05)") }
        try database.wait { asked.allSatisfy { $0.reply != nil } }
        #expect(database.pool.statistics.connectionsOpened > 1)
        try database.wait { database.pool.statistics.connectionsReady == 1 }
        #expect(try database.json("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `closing answers everybody`() throws {
        let database = try TestDatabase.shared(
            options: options {
                $0.connectionsMax = 1
                $0.pipelineDepthMax = 1
            })
        let running = database.start("SELECT pg_sleep(0.2)")
        try database.wait { database.pool.statistics.inFlight == 1 }
        let waiting = database.start("SELECT 1")
        var isClosed = false
        database.pool.close { isClosed = true }
        let late = database.start("SELECT 1")
        try database.wait { isClosed && late.reply != nil }
        #expect(running.reply?.failure == nil && running.answers == 1)
        #expect(waiting.reply?.failure?.failureClass == .unavailable)
        #expect(late.reply?.failure?.message.hasSuffix("are closed") == true)
    }

    // MARK: the way to it

    private func through(_ proxy: DribblingProxy, host: String = "127.0.0.1") throws -> ConnectionTarget {
        var secret = Dictionary(
            uniqueKeysWithValues: try TestServer.shared().credentials.secretEntries.map { ($0.key, $0.value) })
        secret["host"] = host
        secret["port"] = "\(proxy.port)"
        return try ConnectionTarget(secret: secret)
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `one byte at a time is enough`(host: String) throws {
        let proxy = try DribblingProxy(to: TestServer.shared().socketPath, faults: .init(chunk: 1))
        defer { proxy.stop() }
        let database = try TestDatabase(through(proxy, host: host))
        let asked = (0..<50).map {
            database.start(
                "SELECT $1::int AS n, $2::text[] AS l",
                [.int(Int64($0)), database.arena.list([database.arena.string("a")])], .one)
        }
        for (number, one) in asked.enumerated() {
            let value = try database.wait(for: one).value(in: database.arena).get()
            #expect(database.text(value) == #"{"n":\#(number),"l":["a"]}"#)
        }
    }

    @Test func `a connection cut anywhere fails its statements and nothing else`() throws {
        let proxy = try DribblingProxy(to: TestServer.shared().socketPath, faults: .init(chunk: 64))
        defer { proxy.stop() }
        let database = try TestDatabase(
            through(proxy),
            options: options {
                $0.connectionsMax = 1
                $0.backoffMin = .milliseconds(1)
                $0.backoffMax = .milliseconds(2)
                $0.downPatience = .seconds(20)
            })
        for cut in stride(from: 300, through: 2500, by: 97) {
            proxy.set { $0.cutAfterServerBytes = cut }
            proxy.cutAll()
            let asked = (0..<10).map { database.start("SELECT \($0) AS n, repeat('x', 40) AS t", [], .one) }
            proxy.set { $0.cutAfterServerBytes = nil }
            try database.wait { asked.allSatisfy { $0.reply != nil } }
            for one in asked {
                #expect(one.answers == 1)
                if let failure = one.reply?.failure {
                    #expect(failure.failureClass == .unavailable)
                    #expect(!failure.message.contains("no connection"), "\(failure.message)")
                }
            }
        }
        #expect(try database.json("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `a server that accepts and stays silent is given up`() throws {
        let proxy = try DribblingProxy(to: TestServer.shared().socketPath, faults: .init(isSilent: true))
        defer { proxy.stop() }
        let database = try TestDatabase(
            through(proxy),
            options: options {
                $0.connectTimeout = .milliseconds(100)
                $0.downPatience = .milliseconds(300)
            })
        let failure = try database.failure("SELECT 1", within: .seconds(20))
        #expect(failure.failureClass == .unavailable)
        #expect(failure.message.contains("no answer within"))
    }

    @Test(arguments: [
        ("host=127.0.0.1 port=1 user=u", "Connection refused"), ("host=/nowhere user=u", "No such file or directory"),
        ("host=no-such-host.invalid user=u", "cannot look up the database's host: `no-such-host.invalid`"),
    ])
    func `a place without a server is said`(conninfo: String, part: String) throws {
        let database = try TestDatabase(
            ConnectionTarget(conninfo: conninfo), options: options { $0.downPatience = .milliseconds(50) })
        let failure = try database.failure("SELECT 1")
        #expect(failure.failureClass == .unavailable)
        #expect(!failure.mayHaveRun)
        #expect(failure.message.contains(part), "\(failure.message)")
    }
}
