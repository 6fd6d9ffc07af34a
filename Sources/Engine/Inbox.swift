// Inbox.swift: `once`: what a rule writes for an event is committed together with a row that says so.
//
// The row is taken first, in the transaction of the writing: whoever comes second waits there until the first one has
// ended, and then finds either no row and does it, or the value that was kept, and passes it by. The value goes in
// before the commit, so a row that can be seen has one. A lost connection, a killed server, a killed engine: either
// both are there or neither. Neighbours: DatabaseEffects.swift (asks), DatabaseTables.swift (the table),
// Machine/KeptValue.swift (the value as text).

internal import Language
internal import Machine
internal import Postgres

/// What a run's writing to one database is kept under.
struct OnceClaim {
    let database: ResourceIndex
    let app: String
    let topic: String
    /// As the rule is remembered across reloads.
    let rule: String
    let source: String
    let id: String

    func key(in arena: Arena) -> Value {
        arena.bytes(KeyDigest.digest([app, topic, rule, source, id].map { Array($0.utf8) }))
    }
}

enum Inbox {
    private static let take = SQLStatement(
        """
        INSERT INTO patchbay_inbox (key, app, topic, rule, source, id) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (key) DO NOTHING
        """)
    private static let find = SQLStatement("SELECT value FROM patchbay_inbox WHERE key = $1")
    private static let keep = SQLStatement("UPDATE patchbay_inbox SET value = $2 WHERE key = $1")

    /// Takes the event's row in the strand's open transaction.
    ///
    /// - Parameters:
    ///   - fresh: goes on when nobody has done it.
    ///   - done: goes on with what was kept, after a rollback.
    static func take(
        _ claim: OnceClaim, for request: EffectRequest, fresh: @escaping () -> Void, done: @escaping (Value) -> Void
    ) {
        let arena = request.run.arena
        let parts = [claim.app, claim.topic, claim.rule, claim.source, claim.id].map { arena.string($0) }
        execute(take, [claim.key(in: arena)] + parts, for: request) { count in
            if count.asInt == 1 { return fresh() }
            execute(find, [claim.key(in: arena)], .one, for: request) { row in
                request.run.rollBack(request.strand)
                guard let text = row.field("value", in: arena).asString, let value = arena.value(kept: Array(text.utf8))
                else {
                    return fail(
                        request, .conflict, "what was kept of this event in `patchbay_inbox` is gone or cannot be read")
                }
                request.run.core.counters.passedBy += 1
                done(value)
            }
        }
    }

    /// Puts the value into the row that was taken.
    ///
    /// - Throws: for a value that cannot be kept.
    static func keep(
        _ value: Value, _ claim: OnceClaim, for request: EffectRequest, then: @escaping () -> Void
    ) throws(Fault) {
        let arena = request.run.arena
        let text = arena.string(utf8: try value.keptText(in: arena))
        execute(keep, [claim.key(in: arena), text], for: request) { _ in then() }
    }

    /// Runs a statement of our own in the strand's transaction; what fails ends that, and is the effect's reply.
    private static func execute(
        _ statement: SQLStatement, _ parameters: [Value], _ mode: SQLStatement.Mode = .execute,
        for request: EffectRequest, _ then: @escaping (Value) -> Void
    ) {
        let run = request.run
        guard let open = run.transaction(of: request.strand) else {
            return fail(request, .unavailable, "the transaction of `\(request.site.label)` is over")
        }
        open.connection.execute(
            statement, parameters: parameters, in: run.arena, mode: mode,
            deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            guard !run.isEnded else { return request.receive { _ in .value(.null) } }
            switch reply.value(in: run.arena) {
            case .success(let value): then(value)
            case .failure(let failure):
                run.rollBack(request.strand)
                open.tables.note(failure)
                request.receive { arena in .failure(DatabaseEffects.value(of: failure, in: arena)) }
            }
        }
    }

    private static func fail(_ request: EffectRequest, _ kind: FailureClass, _ message: String) {
        request.receive { arena in .failure(arena.failure(class: kind, message: message, origin: .effect)) }
    }
}
