// DatabaseServer.swift: a private PostgreSQL for a suite of engine tests; each test works in a schema of its own.

import DevEnvironment
import Foundation
import Machine
import Postgres
import Synchronization
import Testing
import Transport

@testable import Engine

/// SAFETY: the server and its pool are touched on the thread's loop only.
final class DatabaseServer: @unchecked Sendable {
    @TaskLocal static var running: DatabaseServer?

    private let folder: TemporaryFolder
    private let thread: LoopThread
    private let server: PrivatePostgres
    private var pool: PostgresPool?
    private var place: PrivatePostgres.Credentials?
    private let schemas = Atomic<Int>(0)

    init() throws {
        folder = try TemporaryFolder()
        let loop = try EventLoop()
        thread = try LoopThread.start(loop, name: "test-postgres")
        server = PrivatePostgres(loop: loop, folder: folder("postgres"), schemaFiles: [], log: { _ in })
    }

    func start() async throws {
        try await Task(executorPreference: thread.loop) { [self] in
            let place = try await server.start()
            self.place = place
            pool = PostgresPool(loop: thread.loop, target: try place.target())
        }.value
    }

    func stop() async {
        await Task(executorPreference: thread.loop) { [self] in
            pool?.close()
            await server.stop()
        }.value
        thread.stop()
    }

    /// A new schema, as the target of a `database`.
    func schema() async throws -> Schema {
        let number = schemas.add(1, ordering: .relaxed).newValue
        try await sql("CREATE SCHEMA s\(number)")
        return Schema(
            name: "s\(number)", conninfo: try conninfo(options: "options='-csearch_path=s\(number)'"), server: self)
    }

    /// - Parameter options: more words of libpq's.
    func conninfo(user: String? = nil, options: String) throws -> String {
        let place = try #require(place)
        return "host=\(place.host) port=\(place.port) user=\(user ?? place.username) password=\(place.password)"
            + " dbname=\(place.database) \(options)"
    }

    /// Its rows; what fails is thrown.
    @discardableResult
    func sql(_ text: String, _ parameters: [JSON] = []) async throws -> [JSON] {
        let result: ColdReply = await withCheckedContinuation { continuation in
            thread.loop.execute { [self] in
                guard let pool else { return continuation.resume(returning: .success([])) }
                pool.ask(
                    SQLStatement(text), parameters, deadlineNanoseconds: thread.loop.nowNanoseconds + 60_000_000_000
                ) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    /// Kills it as a power cut would; it is started again by itself.
    func kill() async throws {
        let process = await Task(executorPreference: thread.loop) { [self] in server.processID }.value
        Foundation.kill(try #require(process), SIGKILL)
    }

    struct Schema: Sendable {
        let name: String
        let conninfo: String
        let server: DatabaseServer

        /// As it is written in a route file.
        var target: String { "\"\(conninfo.replacing("\\", with: "\\\\"))\"" }

        /// The same with more options of a session, before the one of the schema.
        func with(options: String) -> Schema {
            Schema(
                name: name, conninfo: conninfo.replacing("options='", with: "options='\(options) "), server: server)
        }

        /// `$` stands for the schema's name before a table's.
        func number(_ query: String) async throws -> Int64 {
            let rows = try await server.sql(query.replacingOccurrences(of: "$", with: "\(name)."))
            return try #require(rows.first?.members?.first?.value.int)
        }

        func run(_ statement: String) async throws {
            try await server.sql(statement.replacingOccurrences(of: "$", with: "\(name)."))
        }
    }
}

/// Starts the server before the suite's first test and stops it after the last.
struct DatabaseServerTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try DatabaseServer()
        try await server.start()
        var failure: (any Error)?
        do {
            try await DatabaseServer.$running.withValue(server) { try await function() }
        } catch {
            failure = error
        }
        await server.stop()
        if let failure { throw failure }
    }
}

extension Trait where Self == DatabaseServerTrait {
    static var databaseServer: Self { Self() }
}
