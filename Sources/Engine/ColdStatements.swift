// ColdStatements.swift: the engine's own SQL, off the event path: parameters and rows as JSON trees.
//
// Neighbours: DatabaseTables.swift, OutboxRelay.swift, InboxPruning.swift (ask), Postgres (runs it).

internal import Machine
internal import Postgres

/// The rows of a statement, as objects by column name; or why there are none.
typealias ColdReply = Result<[JSON], PostgresFailure>

/// What runs a statement: a pool, each in a transaction of its own, or an open transaction.
protocol StatementRunner {
    func execute(
        _ statement: SQLStatement, parameters: some Collection<Value>, in arena: Arena, mode: SQLStatement.Mode,
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void)
}

extension PostgresPool: StatementRunner {}
extension PostgresTransaction: StatementRunner {}

extension StatementRunner {
    /// Runs a statement of the engine's own; `completion` is called once, on the loop, later.
    func ask(
        _ statement: SQLStatement, _ parameters: [JSON] = [], deadlineNanoseconds: UInt64,
        completion: @escaping (ColdReply) -> Void
    ) {
        let memory = OwnedArena()
        defer { withExtendedLifetime(memory) {} }
        execute(
            statement, parameters: parameters.map { memory.arena.value(of: $0) }, in: memory.arena, mode: .rows,
            deadlineNanoseconds: deadlineNanoseconds
        ) { reply in
            let memory = OwnedArena()
            defer { withExtendedLifetime(memory) {} }
            completion(reply.value(in: memory.arena).map { JSON($0, in: memory.arena).array ?? [] })
        }
    }
}
