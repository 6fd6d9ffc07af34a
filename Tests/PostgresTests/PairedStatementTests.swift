// PairedStatementTests.swift: a transaction's first statement goes with its BEGIN, its last one with the COMMIT.

import DevEnvironment
import Foundation
import Machine
import Testing
import Transport

@testable import Postgres

/// Inside of the other suite, so that of all one test at a time waits on a thread of Swift's small pool.
extension PoolTests {
    @Suite(.serialized) struct PairedStatementTests {
        /// A transaction from its first to its last statement, with what was answered.
        private final class Pair {
            private(set) var transaction: PostgresTransaction?
            private(set) var first: PostgresReply?
            private(set) var end: PostgresFailure??
            private(set) var answers = 0
            private let database: TestDatabase
            private let limit: Duration

            init(
                _ database: TestDatabase, _ sql: String, _ parameters: [Value] = [],
                within limit: Duration = .seconds(20)
            ) {
                self.database = database
                self.limit = limit
                transaction = database.pool.begin(
                    SQLStatement(sql), parameters: parameters, in: database.arena, mode: .execute,
                    deadlineNanoseconds: deadline
                ) { [unowned self] reply in
                    first = reply
                    answers += 1
                }
            }

            private var deadline: UInt64 { database.loop.nowNanoseconds + limit.wholeNanoseconds }

            func begun() throws -> PostgresFailure? {
                try database.wait { first != nil }
                return first?.failure
            }

            func commit(after sql: String, _ parameters: [Value] = []) throws -> PostgresFailure? {
                transaction?.commit(
                    after: SQLStatement(sql), parameters: parameters, in: database.arena, deadlineNanoseconds: deadline
                ) { [unowned self] failure in
                    end = .some(failure)
                    answers += 1
                }
                try database.wait { end != nil }
                return end ?? nil
            }
        }

        private func database(prepared: Int = 100) throws -> (TestDatabase, table: String) {
            var options = PostgresPoolOptions()
            options.connectionsMax = 1
            options.preparedStatementsMax = prepared
            let database = try TestDatabase.shared(options: options)
            let table = "\(try database.newSchema()).t"
            _ = try database.json("CREATE TABLE \(table) (id int PRIMARY KEY, n int NOT NULL)", [], .execute)
            return (database, table)
        }

        private func expect(_ rows: String, in table: String, _ database: TestDatabase) throws {
            try database.wait { database.pool.statistics.transactions == 0 }
            #expect(try database.json("SELECT id, n FROM \(table) ORDER BY id") == rows)
        }

        /// With room for one prepared statement each is prepared anew, and nothing may overtake the BEGIN or the COMMIT.
        @Test(arguments: [100, 3, 2, 1])
        func `all of it is done, or nothing`(prepared: Int) throws {
            let (database, table) = try database(prepared: prepared)
            for id in 1...3 {
                let pair = Pair(database, "INSERT INTO \(table) VALUES ($1, 0)", [.int(id)])
                #expect(try pair.begun() == nil)
                #expect(
                    try pair.commit(after: "UPDATE \(table) SET n = $1 WHERE id = $2", [.int(id * 10), .int(id)]) == nil
                )
                #expect(pair.answers == 2)
            }
            let refused = Pair(database, "INSERT INTO \(table) VALUES ($1, 0)", [.int(4)])
            #expect(try refused.begun() == nil)
            let failure = try refused.commit(after: "UPDATE \(table) SET id = 1 WHERE id = $1", [.int(4)])
            #expect(failure?.sqlstate == "23505" && failure?.failureClass == .conflict)
            let again = Pair(database, "INSERT INTO \(table) VALUES ($1, 0)", [.int(1)])
            #expect(try again.begun()?.sqlstate == "23505")
            #expect(try again.commit(after: "UPDATE \(table) SET n = 99") != nil)
            let wrong = Pair(database, "INSERT INTO \(table) VALUES ($1, 0)", [database.arena.string("no number")])
            #expect(try wrong.begun()?.failureClass == .invalid)
            wrong.transaction?.rollback()
            try expect(#"[{"id":1,"n":10},{"id":2,"n":20},{"id":3,"n":30}]"#, in: table, database)
            #expect(database.pool.statistics.connectionsLost == 0)
        }

        @Test func `one that is given up before its first answer leaves nothing, and nobody is answered`() throws {
            let (database, table) = try database()
            _ = try database.json("SELECT 1 AS a")
            for turns in 0..<6 {
                let pair = Pair(database, "INSERT INTO \(table) VALUES ($1, 0)", [.int(turns)])
                _ = database.loop.run(until: { false }, atMost: .milliseconds(turns / 2))
                let before = pair.answers
                pair.transaction?.rollback()
                try expect("[]", in: table, database)
                #expect(pair.answers == before)
            }
        }

        @Test func `a first statement that waits for another transaction ends at its deadline`() throws {
            var options = PostgresPoolOptions()
            options.connectionsMax = 2
            let database = try TestDatabase.shared(options: options)
            let table = "\(try database.newSchema()).t"
            _ = try database.json("CREATE TABLE \(table) (id int PRIMARY KEY, n int NOT NULL)", [], .execute)
            let holder = Pair(database, "INSERT INTO \(table) VALUES (1, 1)")
            #expect(try holder.begun() == nil)
            let late = Pair(database, "INSERT INTO \(table) VALUES (1, 2)", within: .milliseconds(150))
            #expect(try late.begun()?.failureClass == .timeout)
            late.transaction?.rollback()
            let patient = Pair(database, "INSERT INTO \(table) VALUES (1, 3) ON CONFLICT DO NOTHING")
            #expect(try holder.commit(after: "UPDATE \(table) SET n = 5") == nil)
            #expect(try patient.begun() == nil)
            #expect(try patient.first?.value(in: database.arena).get().asInt == 0)
            patient.transaction?.rollback()
            try expect(#"[{"id":1,"n":5}]"#, in: table, database)
        }

        /// Whatever the server's bytes are cut behind: told done is done, told certainly undone is undone.
        @Test func `a connection that is cut anywhere leaves all or nothing, and the answer is true`() throws {
            let (database, table) = try database()
            let place = try TestServer.shared().credentials
            var outcomes: Set<String> = []
            for (round, cut) in stride(from: 300, to: 1500, by: 11).enumerated() {
                let proxy = try DribblingProxy(
                    to: TestServer.shared().socketPath, faults: .init(chunk: 64, cutAfterServerBytes: cut))
                var options = PostgresPoolOptions()
                options.connectionsMax = 1
                options.downPatience = .milliseconds(1)
                let target = try ConnectionTarget(
                    conninfo: "host=127.0.0.1 port=\(proxy.port) user=\(place.username) password=\(place.password)"
                        + " dbname=\(place.database)")
                let cutting = try TestDatabase(target, options: options)
                let pair = Pair(cutting, "INSERT INTO \(table) VALUES ($1, 0)", [.int(round)], within: .seconds(2))
                var failure = try pair.begun()
                if failure == nil {
                    failure = try pair.commit(after: "UPDATE \(table) SET n = 1 WHERE id = $1", [.int(round)])
                }
                pair.transaction?.rollback()
                let row = try database.json("SELECT n FROM \(table) WHERE id = \(round)")
                #expect(row == "[]" || row == #"[{"n":1}]"#)
                if failure == nil { #expect(row == #"[{"n":1}]"#) }
                if failure?.mayHaveRun == false { #expect(row == "[]") }
                outcomes.insert("\(failure == nil) \(failure?.mayHaveRun ?? false) \(row)")
                proxy.stop()
            }
            #expect(outcomes.contains("false false []") && outcomes.contains(#"true false [{"n":1}]"#), "\(outcomes)")
        }
    }
}
