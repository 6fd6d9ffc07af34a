// DatabaseUnderTest.swift: a private PostgreSQL beside an engine or the program, with tables of the test's own.

import DevEnvironment
import Foundation
import Machine
import Postgres
import Synchronization
import Transport

/// SAFETY: `server` is touched on the thread's loop only, all else is constant once it has started.
final class DatabaseUnderTest: @unchecked Sendable {
    private let thread: LoopThread
    private let server: PrivatePostgres
    private let folder: TemporaryFolder
    /// How to reach it; of a shared one also the schema that is the test's own.
    private(set) var conninfo = ""

    private init() throws {
        folder = try TemporaryFolder()
        let loop = try EventLoop()
        thread = try LoopThread.start(loop, name: "database-under-test")
        server = PrivatePostgres(loop: loop, folder: folder("postgres"), schemaFiles: [], log: { _ in })
    }

    /// Another test's server, with a schema of its own.
    private init(_ other: DatabaseUnderTest, schema: String) {
        (folder, thread, server) = (other.folder, other.thread, other.server)
        conninfo = other.conninfo + " options=-csearch_path=\(schema)"
    }

    /// Lends a database with these tables to `test`: an empty schema of a server that tests share.
    static func with(_ schema: String, _ test: (DatabaseUnderTest) async throws -> Void) async throws {
        let server = try await shared.value
        let name = "test_\(schemas.wrappingAdd(1, ordering: .relaxed).newValue)"
        try await server.run("CREATE SCHEMA \(name)")
        let own = DatabaseUnderTest(server, schema: name)
        for statement in statements(schema) { try await own.run(statement) }
        try await test(own)
    }

    /// Starts a server for `test` alone, who may kill it, and stops it, however that ended.
    static func withServer(_ schema: String, _ test: (DatabaseUnderTest) async throws -> Void) async throws {
        let made = try DatabaseUnderTest()
        var failure: (any Error)?
        do {
            try await made.start()
            for statement in statements(schema) { try await made.run(statement) }
            try await test(made)
        } catch {
            failure = error
        }
        await made.stop()
        if let failure { throw failure }
    }

    private static func statements(_ schema: String) -> [String] {
        schema.components(separatedBy: ";\n").filter { !$0.allSatisfy(\.isWhitespace) }
    }

    private static let schemas = Atomic<Int>(0)
    private static let started = Mutex<DatabaseUnderTest?>(nil)
    private static let shared = Task {
        let made = try DatabaseUnderTest()
        try await made.start()
        started.withLock { $0 = made }
        atexit { DatabaseUnderTest.stopShared() }
        return made
    }

    /// At the end of the run.
    private static func stopShared() {
        guard let made = started.withLock({ $0 }) else { return }
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: made.thread.loop) {
            await made.server.stop()
            done.signal()
        }
        done.wait()
        try? FileManager.default.removeItem(atPath: made.folder.path)
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
