// DatabaseUnderTest.swift: a private PostgreSQL beside an engine or the program, with tables of the test's own.

import DevEnvironment
import Foundation
import Machine
import Postgres
import Transport

/// SAFETY: `server` is touched on the thread's loop only, all else is constant.
final class DatabaseUnderTest: @unchecked Sendable {
    private let thread: LoopThread
    private let server: PrivatePostgres
    private let folder: TemporaryFolder
    private(set) var conninfo = ""

    private init() throws {
        folder = try TemporaryFolder()
        let loop = try EventLoop()
        thread = try LoopThread.start(loop, name: "database-under-test")
        server = PrivatePostgres(loop: loop, folder: folder("postgres"), schemaFiles: [], log: { _ in })
    }

    /// Starts one, runs `test`, and stops it, however that ended.
    static func with(_ schema: String, _ test: (DatabaseUnderTest) async throws -> Void) async throws {
        let made = try DatabaseUnderTest()
        var failure: (any Error)?
        do {
            try await made.start()
            for statement in schema.components(separatedBy: ";\n") { try await made.run(statement) }
            try await test(made)
        } catch {
            failure = error
        }
        await made.stop()
        if let failure { throw failure }
    }

    private func start() async throws {
        let place = try await Task(executorPreference: thread.loop) { [self] in try await server.start() }.value
        conninfo =
            "host=\(place.host) port=\(place.port) user=\(place.username) password=\(place.password)"
            + " dbname=\(place.database)"
    }

    private func stop() async {
        await Task(executorPreference: thread.loop) { [self] in await server.stop() }.value
        thread.stop()
    }

    /// The postmaster's process.
    var processID: Int32? {
        get async { await Task(executorPreference: thread.loop) { [self] in server.processID }.value }
    }

    /// Runs a statement without parameters on a connection of its own.
    func run(_ text: String) async throws {
        let target = try ConnectionTarget(conninfo: conninfo)
        let loop = thread.loop
        let failure: PostgresFailure? = await withCheckedContinuation { continuation in
            loop.execute {
                let pool = PostgresPool(loop: loop, target: target)
                let memory = OwnedArena()
                pool.execute(
                    SQLStatement(text), parameters: [], in: memory.arena, mode: .execute,
                    deadlineNanoseconds: loop.nowNanoseconds + 20_000_000_000
                ) { reply in
                    pool.close()
                    continuation.resume(returning: reply.failure)
                }
            }
        }
        if let failure { throw failure }
    }
}
