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
        enter(resource, for: request) { pool in
            let parameters = (0..<Int(request.site.positionalCount)).map { request.operand($0) }
            let answer = { (reply: PostgresReply) in request.receive { arena in self.reply(reply, in: arena) } }
            if let transaction = run.transaction(of: request.strand) {
                transaction.connection.execute(
                    statement, parameters: parameters, in: run.arena, mode: mode, deadlineNanoseconds: deadline,
                    completion: answer)
            } else {
                pool.execute(
                    statement, parameters: parameters, in: run.arena, mode: mode, deadlineNanoseconds: deadline,
                    completion: answer)
            }
        }
        return .pending
    }

    /// Goes on with the pool when the credentials are known; a refusal is the effect's reply.
    private static func enter(
        _ resource: ResourcePlan, for request: EffectRequest, _ body: @escaping (PostgresPool) -> Void
    ) {
        let run = request.run
        run.core.databases.door(for: resource).enter { entry in
            // Waiting for the credentials may have taken longer than the run lived; then its registers are gone.
            guard !run.isEnded else { return request.receive { _ in .value(.null) } }
            switch entry {
            case .failure(let refusal):
                request.receive { arena in
                    .failure(arena.failure(class: .unavailable, message: refusal.message, origin: .effect))
                }
            case .success(let pool): body(pool)
            }
        }
    }

    // MARK: Transactions

    static func begin(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let resource = request.resource else {
            return .replied(request.failure(.internal, "`\(request.site.label)` has no database behind it"))
        }
        let deadline = request.deadlineNanoseconds
        // A stated time-out is that of the whole transaction.
        let end = request.option(.timeout) == nil ? request.endNanoseconds : deadline
        enter(resource, for: request) { pool in
            let opening = pool.begin(deadlineNanoseconds: deadline) { failure in
                if failure != nil { run.rollBack(request.strand) }
                request.receive { arena in reply(failure, in: arena) }
            }
            run.opened(opening, by: request.strand, deadlineNanoseconds: end)
        }
        return .pending
    }

    static func commit(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let transaction = run.transaction(of: request.strand) else {
            return .replied(request.failure(.internal, "`\(request.site.label)` without a transaction"))
        }
        transaction.connection.commit(deadlineNanoseconds: request.deadlineNanoseconds) { failure in
            if failure == nil { run.closedTransaction(of: request.strand) } else { run.rollBack(request.strand) }
            request.receive { arena in reply(failure, in: arena) }
        }
        return .pending
    }

    /// The connection goes back by itself; the run need not wait for that.
    static func rollback(_ request: EffectRequest) -> EffectStart {
        request.run.rollBack(request.strand)
        return .replied(.value(.null))
    }

    private static func reply(_ failure: PostgresFailure?, in arena: Arena) -> EffectReply {
        failure.map { .failure(value(of: $0, in: arena)) } ?? .value(.null)
    }

    private static func reply(_ reply: PostgresReply, in arena: Arena) -> EffectReply {
        switch reply.value(in: arena) {
        case .success(let value): .value(value)
        case .failure(let failure): .failure(value(of: failure, in: arena))
        }
    }

    private static func value(of failure: PostgresFailure, in arena: Arena) -> Value {
        func text(_ value: String?) -> Value { value.map { arena.string($0) } ?? .null }
        let details = arena.object([
            ("sqlstate", text(failure.sqlstate)), ("constraint", text(failure.constraint)),
            ("column", text(failure.column)),
        ])
        return arena.failure(class: failure.failureClass, message: failure.message, details: details, origin: .effect)
    }
}
