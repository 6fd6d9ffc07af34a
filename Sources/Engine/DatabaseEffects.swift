// DatabaseEffects.swift: SQL, through the door of the database that the resource declares.
//
// Neighbours: DatabaseDoor.swift (credentials and pool), Postgres/PostgresPool (runs the statement).

internal import Machine
internal import Postgres

enum DatabaseEffects {
    static func run(_ mode: SQLStatement.Mode, _ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let resource = request.resource, let statement = run.deployment.statement(at: request.index) else {
            return .replied(request.failure(.internal, "`\(request.site.label)` has no database behind it"))
        }
        let deadline = request.deadlineNanoseconds
        run.core.databases.door(for: resource).enter { entry in
            // Waiting for the credentials may have taken longer than the run lived; then its registers are gone.
            guard !run.isEnded else { return run.receive { _ in .value(.null) } }
            switch entry {
            case .failure(let refusal):
                run.receive { arena in
                    .failure(arena.failure(class: .unavailable, message: refusal.message, origin: .effect))
                }
            case .success(let pool):
                let parameters = (0..<Int(request.site.positionalCount)).map { request.operand($0) }
                pool.execute(
                    statement, parameters: parameters, in: run.arena, mode: mode, deadlineNanoseconds: deadline
                ) { reply in
                    run.receive { arena in self.reply(reply, in: arena) }
                }
            }
        }
        return .pending
    }

    private static func reply(_ reply: PostgresReply, in arena: Arena) -> EffectReply {
        switch reply.value(in: arena) {
        case .success(let value): return .value(value)
        case .failure(let failure):
            func text(_ value: String?) -> Value { value.map { arena.string($0) } ?? .null }
            let details = arena.object([
                ("sqlstate", text(failure.sqlstate)), ("constraint", text(failure.constraint)),
                ("column", text(failure.column)),
            ])
            return .failure(
                arena.failure(
                    class: failure.failureClass, message: failure.message, details: details, origin: .effect))
        }
    }
}
