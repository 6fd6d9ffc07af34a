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
    static let keep = SQLStatement("UPDATE patchbay_inbox SET value = $2 WHERE key = $1")

    /// Opens a transaction for the strand and takes the event's row in it.
    ///
    /// - Parameters:
    ///   - end: of the whole transaction; the opening has the effect's own time.
    ///   - fresh: goes on when nobody has done it.
    ///   - done: goes on with what was kept, after a rollback.
    static func open(
        _ claim: OnceClaim, in room: DatabaseDoor.Room, for request: EffectRequest, until end: UInt64,
        fresh: @escaping () -> Void, done: @escaping (Value) -> Void
    ) {
        let run = request.run
        let parts = [claim.app, claim.topic, claim.rule, claim.source, claim.id].map { run.arena.string($0) }
        let opening = room.pool.begin(
            take, parameters: [claim.key(in: run.arena)] + parts, in: run.arena, mode: .execute,
            deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            accept(reply, for: request) { count in
                if count.asInt == 1 { fresh() } else { look(claim, for: request, done) }
            }
        }
        run.opened(opening, room.tables, by: request.strand, deadlineNanoseconds: end)
    }

    /// What is written into the row that was taken, for `keep`.
    ///
    /// - Throws: for a value that cannot be kept.
    static func parameters(
        keeping value: Value, _ claim: OnceClaim, in arena: Arena
    ) throws(Fault) -> [Value] {
        [claim.key(in: arena), arena.string(utf8: try value.keptText(in: arena))]
    }

    private static func look(_ claim: OnceClaim, for request: EffectRequest, _ done: @escaping (Value) -> Void) {
        let run = request.run
        guard let open = run.transaction(of: request.strand) else { return }
        open.connection.execute(
            find, parameters: [claim.key(in: run.arena)], in: run.arena, mode: .one,
            deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            accept(reply, for: request) { row in
                run.rollBack(request.strand)
                guard let text = row.field("value", in: run.arena).asString,
                    let value = run.arena.value(kept: Array(text.utf8))
                else {
                    return request.receive { arena in
                        let why = "what was kept of this event in `patchbay_inbox` is gone or cannot be read"
                        return .failure(arena.failure(class: .conflict, message: why, origin: .effect))
                    }
                }
                run.core.counters.passedBy += 1
                done(value)
            }
        }
    }

    /// Takes the reply to a statement of ours; what fails ends the transaction, and is the effect's reply.
    private static func accept(_ reply: PostgresReply, for request: EffectRequest, _ then: (Value) -> Void) {
        let run = request.run
        guard !run.isEnded else { return request.receive { _ in .value(.null) } }
        switch reply.value(in: run.arena) {
        case .success(let value): then(value)
        case .failure(let failure):
            run.transaction(of: request.strand)?.tables.note(failure)
            run.rollBack(request.strand)
            request.receive { arena in .failure(DatabaseEffects.value(of: failure, in: arena)) }
        }
    }
}
