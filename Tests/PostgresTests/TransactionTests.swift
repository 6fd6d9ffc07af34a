// TransactionTests.swift: one connection for one transaction, and that it comes back whatever happens.

import DevEnvironment
import Foundation
import Machine
import Testing
import Transport

@testable import Postgres

/// A transaction that a test drives, with the answers so far.
private final class Driven {
    let database: TestDatabase
    let transaction: PostgresTransaction
    private var opened: Result<Void, PostgresFailure>?

    init(_ database: TestDatabase, within limit: Duration = .seconds(20)) {
        self.database = database
        let box = Box()
        transaction = database.pool.begin(deadlineNanoseconds: Self.deadline(limit, database)) { failure in
            box.hear(failure)
        }
        box.onAnswer = { [unowned self] in opened = $0.map { .failure($0) } ?? .success(()) }
    }

    final class Box {
        var onAnswer: ((PostgresFailure?) -> Void)?
        func hear(_ failure: PostgresFailure?) { onAnswer?(failure) }
    }

    static func deadline(_ limit: Duration, _ database: TestDatabase) -> UInt64 {
        database.loop.nowNanoseconds + limit.wholeNanoseconds
    }

    var isAnswered: Bool { opened != nil }

    /// Waits until it is open; gives why it is not.
    func opening() throws -> PostgresFailure? {
        try database.wait { opened != nil }
        guard case .failure(let failure) = opened else { return nil }
        return failure
    }

    func start(
        _ sql: String, _ parameters: [Value] = [], _ mode: SQLStatement.Mode = .execute,
        within limit: Duration = .seconds(20)
    ) -> TestDatabase.Asked {
        let asked = TestDatabase.Asked()
        transaction.execute(
            SQLStatement(sql), parameters: parameters, in: database.arena, mode: mode,
            deadlineNanoseconds: Self.deadline(limit, database)
        ) { reply in
            asked.reply = reply
            asked.answers += 1
        }
        return asked
    }

    @discardableResult
    func run(
        _ sql: String, _ parameters: [Value] = [], _ mode: SQLStatement.Mode = .execute,
        within limit: Duration = .seconds(20)
    ) throws -> PostgresReply {
        try database.wait(for: start(sql, parameters, mode, within: limit))
    }

    func json(_ sql: String, _ mode: SQLStatement.Mode = .one) throws -> String {
        database.text(try run(sql, [], mode).value(in: database.arena).get())
    }

    func commit(within limit: Duration = .seconds(20)) throws -> PostgresFailure? {
        var answer: PostgresFailure??
        transaction.commit(deadlineNanoseconds: Self.deadline(limit, database)) { answer = .some($0) }
        try database.wait { answer != nil }
        return answer ?? nil
    }
}

/// Inside of the other suite, so that of both one test at a time waits on a thread of Swift's small pool.
extension PoolTests {
    @Suite(.serialized) struct TransactionTests {
        private func database(connections: Int) throws -> TestDatabase {
            var options = PostgresPoolOptions()
            options.connectionsMax = connections
            return try TestDatabase.shared(options: options)
        }

        private func table(_ database: TestDatabase) throws -> String {
            let table = "\(try database.newSchema()).t"
            _ = try database.json("CREATE TABLE \(table) (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)", [], .execute)
            return table
        }

        private func count(_ table: String, _ database: TestDatabase) throws -> String {
            try database.json("SELECT count(*) AS n FROM \(table)", [], .one)
        }

        /// The connection was given back, and works.
        private func expectReleased(_ database: TestDatabase, sourceLocation: SourceLocation = #_sourceLocation) throws
        {
            try database.wait({ database.pool.statistics.transactions == 0 }, sourceLocation: sourceLocation)
            #expect(try database.json("SELECT 1 AS a") == #"[{"a":1}]"#, sourceLocation: sourceLocation)
        }

        @Test func `what is done inside shows to others after the commit, and not before`() throws {
            let database = try database(connections: 2)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES ($1)", [.int(1)])
            try one.run("INSERT INTO \(table) VALUES ($1)", [.int(2)])
            #expect(try one.json("SELECT count(*) AS n FROM \(table)") == #"{"n":2}"#)
            #expect(try count(table, database) == #"{"n":0}"#)
            #expect(database.pool.statistics.transactions == 1)
            #expect(try one.commit() == nil)
            #expect(try count(table, database) == #"{"n":2}"#)
            try expectReleased(database)
            #expect(database.notices.isEmpty)
        }

        @Test func `its statements run on one connection, and those of others elsewhere`() throws {
            let database = try database(connections: 2)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            let own = try one.json("SELECT pg_backend_pid() AS a")
            let others = (0..<40).map { _ in database.start("SELECT pg_backend_pid() AS a", [], .one) }
            #expect(try one.json("SELECT pg_backend_pid() AS a") == own)
            try database.wait { others.allSatisfy { $0.reply != nil } }
            for other in others {
                let value = try #require(other.reply).value(in: database.arena).get()
                #expect(database.text(value) != own)
            }
            one.transaction.rollback()
            try expectReleased(database)
        }

        @Test(arguments: [
            "INSERT INTO {t} VALUES (1)", "INSERT INTO {t} VALUES (1, NULL)", "SELECT * FROM nothing", "SELEC",
            "COMMIT",
        ])
        func `after a failed statement nothing stays, and a commit says so`(sql: String) throws {
            let database = try database(connections: 1)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES (1)")
            #expect(try one.run(sql.replacingOccurrences(of: "{t}", with: table)).failure != nil)
            #expect(try one.commit()?.mayHaveRun == false)
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":0}"#)
            #expect(database.pool.statistics.connectionsLost == 0)
        }

        @Test func `a rollback undoes, and may come at any time and again`() throws {
            let database = try database(connections: 1)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES (1)")
            one.transaction.rollback()
            one.transaction.rollback()
            #expect(try one.run("SELECT 1").failure?.mayHaveRun == false)
            #expect(try one.commit() != nil)
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":0}"#)
            #expect(database.pool.statistics.connectionsLost == 0)
        }

        @Test func `a constraint that fails at the commit is the commit's failure`() throws {
            let database = try database(connections: 1)
            let table = try table(database)
            _ = try database.json("ALTER TABLE \(table) ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED", [], .execute)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            for id in 0..<2 {
                #expect(try one.run("INSERT INTO \(table) VALUES ($1)", [.int(Int64(id))]).failure == nil)
            }
            let failure = try #require(try one.commit())
            #expect(failure.failureClass == .conflict && failure.sqlstate == "23505")
            try expectReleased(database)
            #expect(database.pool.statistics.connectionsLost == 0)
        }

        // MARK: conflicts

        @Test func `two that block each other: one gets 40P01 and succeeds when it is run again`() throws {
            let database = try database(connections: 2)
            let table = try table(database)
            _ = try database.json("INSERT INTO \(table) VALUES (1), (2)", [], .execute)
            let add = "UPDATE \(table) SET n = n + 1 WHERE id = $1"
            let pair = [Driven(database), Driven(database)]
            for one in pair { #expect(try one.opening() == nil) }
            try pair[0].run(add, [.int(1)])
            try pair[1].run(add, [.int(2)])
            let crossed = [pair[0].start(add, [.int(2)]), pair[1].start(add, [.int(1)])]
            try database.wait { crossed.contains { $0.reply?.failure != nil } }
            let loser = crossed[0].reply?.failure != nil ? 0 : 1
            let failure = try #require(crossed[loser].reply?.failure)
            #expect(failure.failureClass == .conflict && failure.sqlstate == "40P01" && !failure.mayHaveRun)
            pair[loser].transaction.rollback()
            #expect(try database.wait(for: crossed[1 - loser]).failure == nil)
            #expect(try pair[1 - loser].commit() == nil)
            let again = Driven(database)
            #expect(try again.opening() == nil)
            for id in 1...2 { try again.run(add, [.int(Int64(id))]) }
            #expect(try again.commit() == nil)
            #expect(try database.json("SELECT sum(n) AS n FROM \(table)", [], .one) == #"{"n":4}"#)
            try expectReleased(database)
        }

        @Test func `of two serializable ones that read what the other writes one gets 40001`() throws {
            let database = try database(connections: 2)
            let table = try table(database)
            let place = try TestServer.shared().credentials
            let strict = try TestDatabase(
                ConnectionTarget(
                    conninfo: "host=\(place.host) port=\(place.port) user=\(place.username) password=\(place.password)"
                        + " dbname=\(place.database) options='-c default_transaction_isolation=serializable'"))
            let pair = [Driven(strict), Driven(strict)]
            for one in pair { #expect(try one.opening() == nil) }
            for (id, one) in pair.enumerated() {
                try one.run("INSERT INTO \(table) SELECT $1::int, count(*) FROM \(table)", [.int(Int64(id))])
            }
            let failures = try pair.map { try $0.commit() }.compactMap { $0 }
            #expect(failures.map(\.sqlstate) == ["40001"])
            #expect(failures.allSatisfy { $0.failureClass == .conflict && !$0.mayHaveRun })
            try expectReleased(strict)
        }

        // MARK: losses and deadlines

        @Test func `a connection that dies inside undoes all, and the next transaction has a new one`() throws {
            let database = try database(connections: 1)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES (1)")
            let failure = try #require(try one.run("SELECT pg_terminate_backend(pg_backend_pid())").failure)
            #expect(failure.failureClass == .unavailable)
            try database.wait { database.pool.statistics.transactions == 0 }
            #expect(try one.run("INSERT INTO \(table) VALUES (2)").failure?.mayHaveRun == false)
            #expect(try one.commit()?.failureClass != nil)
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":0}"#)
            let next = Driven(database)
            #expect(try next.opening() == nil)
            try next.run("INSERT INTO \(table) VALUES (3)")
            #expect(try next.commit() == nil)
            #expect(try count(table, database) == #"{"n":1}"#)
        }

        @Test func `a statement that waits for its description when the connection dies is not run elsewhere`() throws {
            let database = try database(connections: 2)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            let pid = try one.json("SELECT pg_backend_pid() AS a").filter(\.isNumber)
            // Its answer comes first: what is asked in the same turn goes to a connection that is already lost.
            #expect(try database.ask("SELECT pg_terminate_backend($1)", [.int(Int64(pid) ?? 0)]).failure == nil)
            let asked = one.start("INSERT INTO \(table) VALUES (7)")
            #expect(try database.wait(for: asked).failure?.failureClass == .unavailable)
            one.transaction.rollback()
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":0}"#)
        }

        @Test func `a deadline inside ends the statement; after the rollback the connection is used again`() throws {
            let database = try database(connections: 1)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES (1)")
            let failure = try #require(try one.run("SELECT pg_sleep(30)", within: .milliseconds(150)).failure)
            #expect(failure.failureClass == .timeout)
            one.transaction.rollback()
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":0}"#)
        }

        @Test func `one that is given up while its statement runs frees the connection, and nobody is answered`() throws
        {
            let database = try database(connections: 1)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("SELECT pg_sleep(0)")
            let slow = one.start("SELECT pg_sleep(30)")
            one.transaction.rollback()
            try expectReleased(database)
            #expect(slow.answers == 0)
        }

        // MARK: waiting

        @Test func `when all connections are taken the next one waits, up to its deadline`() throws {
            let database = try database(connections: 2)
            let pair = [Driven(database), Driven(database)]
            for one in pair { #expect(try one.opening() == nil) }
            let late = Driven(database, within: .milliseconds(100))
            let failure = try #require(try late.opening())
            #expect(failure.failureClass == .timeout && !failure.mayHaveRun)
            let waiting = Driven(database)
            let plain = database.start("SELECT 1 AS a")
            let given = Driven(database)
            given.transaction.rollback()
            #expect(database.pool.statistics.waiting == 2)
            #expect(!waiting.isAnswered && plain.reply == nil)
            pair[0].transaction.rollback()
            #expect(try waiting.opening() == nil)
            pair[1].transaction.rollback()
            #expect(try database.wait(for: plain).failure == nil)
            #expect(try waiting.commit() == nil)
            try expectReleased(database)
            #expect(!given.isAnswered)
            #expect(database.pool.statistics.waiting == 0)
        }

        @Test func `a transaction gets a connection that many statements share, when it is its turn`() throws {
            let database = try database(connections: 1)
            _ = try database.json("SELECT 1 AS a")
            let before = (0..<50).map { _ in database.start("SELECT 1 AS a") }
            let one = Driven(database)
            let after = (0..<50).map { _ in database.start("SELECT 1 AS a") }
            #expect(try one.opening() == nil)
            #expect(before.allSatisfy { $0.reply != nil } && after.allSatisfy { $0.reply == nil })
            #expect(try one.commit() == nil)
            try database.wait { after.allSatisfy { $0.reply != nil } }
        }

        @Test func `a statement that no longer fits its table is prepared anew by the next transaction`() throws {
            let database = try database(connections: 2)
            let table = try table(database)
            func read() throws -> PostgresFailure? {
                let one = Driven(database)
                #expect(try one.opening() == nil)
                let reply = try one.run("SELECT * FROM \(table)", [], .rows)
                if reply.failure == nil { return try one.commit() }
                one.transaction.rollback()
                return reply.failure
            }
            #expect(try read() == nil)
            _ = try database.json("ALTER TABLE \(table) ADD extra text", [], .execute)
            let failures = [try read(), try read(), try read()]
            #expect(failures.compactMap { $0?.sqlstate }.allSatisfy { $0 == "0A000" })
            #expect(failures[2] == nil)
            try expectReleased(database)
        }

        @Test func `a closing pool lets an open transaction finish`() throws {
            let database = try database(connections: 1)
            let table = try table(database)
            let one = Driven(database)
            #expect(try one.opening() == nil)
            try one.run("INSERT INTO \(table) VALUES (1)")
            var isClosed = false
            database.pool.close { isClosed = true }
            #expect(try one.commit() == nil)
            try database.wait { isClosed }
            let other = try self.database(connections: 1)
            #expect(try count(table, other) == #"{"n":1}"#)
        }

        @Test(arguments: 0..<8) func `any mix of ends leaves what was committed, and no connection taken`(seed: UInt64)
            throws
        {
            let database = try database(connections: 3)
            let table = try table(database)
            var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
            func random(_ below: UInt64) -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (state >> 33) % below
            }
            var committed = 0
            for number in 0..<25 {
                let one = Driven(database, within: .seconds(10))
                let side = (0..<random(4)).map { _ in database.start("SELECT 1 AS a") }
                if random(6) == 0 {
                    one.transaction.rollback()
                    continue
                }
                #expect(try one.opening() == nil)
                let insert = one.start("INSERT INTO \(table) VALUES ($1)", [.int(Int64(number))])
                switch random(6) {
                case 0: one.transaction.rollback()
                case 1:
                    _ = try database.wait(for: insert)
                    _ = try one.run("SELECT 1 / 0")
                    one.transaction.rollback()
                case 2:
                    _ = try database.wait(for: insert)
                    _ = try one.run("SELECT pg_terminate_backend(pg_backend_pid())")
                    one.transaction.rollback()
                case 3:
                    _ = try database.wait(for: insert)
                    one.transaction.commit(deadlineNanoseconds: database.loop.nowNanoseconds + 10_000_000_000) { _ in }
                    // Given up with the COMMIT under way: behind the rollback it is certain, and here it was first.
                    one.transaction.rollback()
                    try database.wait { database.pool.statistics.transactions == 0 }
                    committed += try database.json("SELECT 1 AS a FROM \(table) WHERE id = \(number)") == "[]" ? 0 : 1
                default:
                    _ = try database.wait(for: insert)
                    if try one.commit() == nil { committed += 1 }
                }
                try database.wait { side.allSatisfy { $0.reply != nil } }
            }
            try expectReleased(database)
            #expect(try count(table, database) == #"{"n":\#(committed)}"#)
            try database.wait { database.pool.statistics.inFlight == 0 && database.pool.statistics.waiting == 0 }
        }
    }
}
