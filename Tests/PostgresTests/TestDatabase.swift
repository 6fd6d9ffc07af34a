// TestDatabase.swift: a loop and a pool that a test can ask and wait for.

import Foundation
import Machine
import Synchronization
import Testing
import Transport

@testable import Postgres

/// One loop, one pool, driven by the test's own thread.
final class TestDatabase {
    let loop: EventLoop
    let pool: PostgresPool
    private let memory = OwnedArena()
    var arena: Arena { memory.arena }
    var notices: [PostgresNotice] = []

    init(_ target: ConnectionTarget, options: PostgresPoolOptions = .init()) throws {
        loop = try EventLoop()
        pool = PostgresPool(loop: loop, target: target, options: options)
        pool.onNotice = { [unowned self] in notices.append($0) }
    }

    deinit {
        var isClosed = false
        pool.close { isClosed = true }
        _ = loop.run(until: { isClosed }, atMost: .seconds(10))
    }

    /// A pool of its own on the server that all tests share.
    static func shared(options: PostgresPoolOptions = .init()) throws -> TestDatabase {
        try TestDatabase(TestServer.shared().target(), options: options)
    }

    private static let schemas = Atomic<Int>(0)

    /// An empty schema, so that tests do not meet.
    func newSchema() throws -> String {
        let number = Self.schemas.wrappingAdd(1, ordering: .relaxed).newValue
        let name = "test_\(getpid())_\(number)"
        _ = try json("CREATE SCHEMA \(name)", [], .execute)
        return name
    }

    /// A statement on its way; `reply` is set when it is answered.
    final class Asked {
        var reply: PostgresReply?
        var answers = 0
    }

    func start(
        _ sql: String, _ parameters: [Value] = [], _ mode: SQLStatement.Mode = .rows,
        within limit: Duration = .seconds(20)
    ) -> Asked {
        let asked = Asked()
        pool.execute(
            SQLStatement(sql), parameters: parameters, in: arena, mode: mode,
            deadlineNanoseconds: loop.nowNanoseconds + limit.wholeNanoseconds
        ) { reply in
            asked.reply = reply
            asked.answers += 1
        }
        return asked
    }

    func wait(for asked: Asked, sourceLocation: SourceLocation = #_sourceLocation) throws -> PostgresReply {
        _ = loop.run(until: { asked.reply != nil }, atMost: .seconds(30))
        return try #require(asked.reply, "no answer", sourceLocation: sourceLocation)
    }

    func wait(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let isFulfilled = loop.run(until: condition, atMost: .seconds(30))
        try #require(isFulfilled, sourceLocation: sourceLocation)
    }

    func ask(
        _ sql: String, _ parameters: [Value] = [], _ mode: SQLStatement.Mode = .rows,
        within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> PostgresReply {
        try wait(for: start(sql, parameters, mode, within: limit), sourceLocation: sourceLocation)
    }

    /// The answer as JSON text.
    func json(
        _ sql: String, _ parameters: [Value] = [], _ mode: SQLStatement.Mode = .rows,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let value = try ask(sql, parameters, mode, sourceLocation: sourceLocation).value(in: arena).get()
        return text(value)
    }

    func failure(
        _ sql: String, _ parameters: [Value] = [], within limit: Duration = .seconds(20),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> PostgresFailure {
        let reply = try ask(sql, parameters, within: limit, sourceLocation: sourceLocation)
        switch reply.value(in: arena) {
        case .failure(let failure): return failure
        case .success(let value):
            Issue.record("no failure, but \(text(value))", sourceLocation: sourceLocation)
            return PostgresFailure(.internal, "", mayHaveRun: false)
        }
    }

    func text(_ value: Value) -> String {
        String(decoding: (try? value.json()) ?? [], as: UTF8.self)
    }
}
