// DatabaseEffects.swift: SQL, through the door of the database that the resource declares.
//
// Neighbours: DatabaseDoor.swift (credentials and pool), Inbox.swift (`once`), Postgres/PostgresPool (runs the statement).

internal import Machine
internal import Postgres

enum DatabaseEffects {
    static func run(_ mode: SQLStatement.Mode, _ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let resource = request.resource, let statement = run.deployment.statement(at: request.index) else {
            return .replied(request.failure(.internal, "`\(request.site.label)` has no database behind it"))
        }
        let deadline = request.deadlineNanoseconds
        let transaction = run.transaction(of: request.strand)
        if transaction == nil, let claim = request.claim, run.deployment.changesRows(at: request.index) {
            return runOnce(mode, statement, claim, of: resource, request)
        }
        enter(resource, for: request) { room in
            let parameters = parameters(of: request)
            let answer = { (reply: PostgresReply) in request.receive { arena in self.reply(reply, in: arena) } }
            if let transaction {
                transaction.connection.execute(
                    statement, parameters: parameters, in: run.arena, mode: mode, deadlineNanoseconds: deadline,
                    completion: answer)
            } else {
                room.pool.execute(
                    statement, parameters: parameters, in: run.arena, mode: mode, deadlineNanoseconds: deadline,
                    completion: answer)
            }
        }
        return .pending
    }

    private static func parameters(of request: EffectRequest) -> [Value] {
        (0..<Int(request.site.positionalCount)).map { request.operand($0) }
    }

    /// Goes on with the pool when the credentials are known; a refusal is the effect's reply.
    private static func enter(
        _ resource: ResourcePlan, for request: EffectRequest, _ body: @escaping (DatabaseDoor.Room) -> Void
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
            case .success(let room): body(room)
            }
        }
    }

    /// The same, with the tables of `once` and the outbox there.
    private static func enterWithTables(
        _ resource: ResourcePlan, for request: EffectRequest, _ body: @escaping (DatabaseDoor.Room) -> Void
    ) {
        enter(resource, for: request) { room in
            room.tables.ensure { failure in
                guard !request.run.isEnded else { return request.receive { _ in .value(.null) } }
                if let failure { return request.receive { arena in reply(failure, in: arena) } }
                body(room)
            }
        }
    }

    // MARK: Once

    /// A statement that changes rows, in a transaction of its own with the event's row in the inbox.
    private static func runOnce(
        _ mode: SQLStatement.Mode, _ statement: SQLStatement, _ claim: OnceClaim, of resource: ResourcePlan,
        _ request: EffectRequest
    ) -> EffectStart {
        let run = request.run
        let deadline = request.deadlineNanoseconds
        enterWithTables(resource, for: request) { room in
            Inbox.open(claim, in: room, for: request, until: deadline) {
                guard let transaction = run.transaction(of: request.strand)?.connection else { return }
                transaction.execute(
                    statement, parameters: parameters(of: request), in: run.arena, mode: mode,
                    deadlineNanoseconds: deadline
                ) { answer in keep(answer, claim, request) }
            } done: { value in
                request.receive { _ in .value(value) }
            }
        }
        return .pending
    }

    private static func keep(_ answer: PostgresReply, _ claim: OnceClaim, _ request: EffectRequest) {
        let run = request.run
        guard !run.isEnded else { return request.receive { _ in .value(.null) } }
        do throws(Fault) {
            switch answer.value(in: run.arena) {
            case .failure(let failure):
                run.rollBack(request.strand)
                request.receive { arena in .failure(value(of: failure, in: arena)) }
            case .success(let value):
                let row = try Inbox.parameters(keeping: value, claim, in: run.arena)
                finish(request, keeping: row) { _ in .value(value) }
            }
        } catch {
            run.rollBack(request.strand)
            request.receive { arena in
                .failure(arena.failure(class: .internal, message: error.message, origin: .effect))
            }
        }
    }

    // MARK: Transactions

    static func begin(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let resource = request.resource, let index = request.site.resource else {
            return .replied(request.failure(.internal, "`\(request.site.label)` has no database behind it"))
        }
        // A stated time-out is that of the whole transaction.
        let end = request.option(.timeout) == nil ? request.endNanoseconds : request.deadlineNanoseconds
        let entering = run.deployment.usesTables(of: index) ? enterWithTables : enter
        entering(resource, request) { room in
            guard let claim = request.claim else { return open(in: room, for: request, until: end) }
            Inbox.open(claim, in: room, for: request, until: end) {
                request.receive { _ in .value(.null) }
            } done: { value in
                request.receive { arena in .value(arena.list([value])) }
            }
        }
        return .pending
    }

    /// - Parameter end: of the whole transaction; the opening has the effect's own time.
    private static func open(in room: DatabaseDoor.Room, for request: EffectRequest, until end: UInt64) {
        let run = request.run
        let opening = room.pool.begin(deadlineNanoseconds: request.deadlineNanoseconds) { failure in
            if failure != nil { run.rollBack(request.strand) }
            request.receive { arena in reply(failure, in: arena) }
        }
        run.opened(opening, room.tables, by: request.strand, deadlineNanoseconds: end)
    }

    static func commit(_ request: EffectRequest) -> EffectStart {
        guard request.run.transaction(of: request.strand) != nil else {
            return .replied(request.failure(.internal, "`\(request.site.label)` without a transaction"))
        }
        guard let claim = request.claim else {
            finish(request) { _ in .value(.null) }
            return .pending
        }
        do throws(Fault) {
            let row = try Inbox.parameters(keeping: request.operand(0), claim, in: request.run.arena)
            finish(request, keeping: row) { _ in .value(.null) }
            return .pending
        } catch {
            return .refused(error)
        }
    }

    /// Commits, and gives the strand its reply.
    ///
    /// - Parameter row: what goes into the event's row before that; nil without `once`.
    private static func finish(
        _ request: EffectRequest, keeping row: [Value]? = nil, _ decode: @escaping (Arena) -> EffectReply
    ) {
        let run = request.run
        guard let open = run.transaction(of: request.strand) else { return request.receive(decode) }
        let deadline = request.deadlineNanoseconds
        let committed = { (failure: PostgresFailure?) in
            // What is committed is relayed, whatever has become of the run.
            if failure == nil, open.hasPublished, let resource = request.resource { run.core.relay(resource) }
            guard let failure else {
                run.closedTransaction(of: request.strand)
                return request.receive(decode)
            }
            open.tables.note(failure)
            run.rollBack(request.strand)
            request.receive { arena in reply(failure, in: arena) }
        }
        if let row {
            open.connection.commit(
                after: Inbox.keep, parameters: row, in: run.arena, deadlineNanoseconds: deadline, completion: committed)
        } else {
            open.connection.commit(deadlineNanoseconds: deadline, completion: committed)
        }
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

    static func value(of failure: PostgresFailure, in arena: Arena) -> Value {
        func text(_ value: String?) -> Value { value.map { arena.string($0) } ?? .null }
        let details = arena.object([
            ("sqlstate", text(failure.sqlstate)), ("constraint", text(failure.constraint)),
            ("column", text(failure.column)),
        ])
        return arena.failure(class: failure.failureClass, message: failure.message, details: details, origin: .effect)
    }
}
