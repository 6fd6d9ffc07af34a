// PostgresTransaction.swift: one connection for one transaction, from its BEGIN to its end.
//
// Statements go to the pinned connection one after the other, never pipelined with others', and are not sent again
// anywhere else. Law: every way out gives the connection back or ends it, and the server rolls back what was not
// committed. On its loop only. Neighbours: PostgresPool (hands out the connection), Connection (keeps others away).

package import Machine
internal import Transport

package final class PostgresTransaction {
    private enum Phase {
        /// Waiting for a connection, or for the answer to BEGIN.
        case opening
        case open
        /// COMMIT is on its way.
        case committing
        case ended
    }

    private let pool: PostgresPool
    private var phase = Phase.opening
    private weak var connection: Connection?
    /// What has been asked for and not been answered; at most one.
    private var current: StatementRequest?
    /// A COMMIT would be taken for a ROLLBACK, silently.
    private var hasFailed = false

    init(pool: PostgresPool) { self.pool = pool }

    // MARK: opening

    func opening(
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresFailure?) -> Void
    ) -> StatementRequest {
        let request = StatementRequest(
            statement: .begin, place: .opening(self), purpose: .run(.execute), parameters: .none,
            enqueuedNanoseconds: pool.loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds
        ) { [self] reply in
            current = nil
            guard phase == .opening else { return }
            if let failure = reply.failure {
                rollback()
                return completion(failure)
            }
            phase = .open
            completion(nil)
        }
        current = request
        return request
    }

    func pin(_ connection: Connection) {
        connection.transaction = self
        self.connection = connection
    }

    // MARK: statements

    /// Runs a statement inside; as `PostgresPool.execute`. The one before it must have been answered.
    package func execute(
        _ statement: SQLStatement, parameters: some Collection<Value>, in arena: Arena, mode: SQLStatement.Mode,
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void
    ) {
        do throws(PostgresFailure) {
            if let reason = statement.refusal { throw PostgresFailure(.invalid, reason, mayHaveRun: false) }
            let snapshot = try pool.snapshot(of: parameters, in: arena)
            submit(statement, .run(mode), snapshot, deadlineNanoseconds) { [self] reply in
                if reply.failure != nil { hasFailed = true }
                completion(reply)
            }
        } catch {
            hasFailed = true
            answerSoon(error, completion)
        }
    }

    /// Makes what was done last. After a failure nothing of it stays, but for one that `mayHaveRun`: then nobody knows.
    package func commit(deadlineNanoseconds: UInt64, completion: @escaping (PostgresFailure?) -> Void) {
        guard !hasFailed else {
            rollback()
            let failure = PostgresFailure(
                .internal, "a statement of the transaction failed: it was rolled back", mayHaveRun: false)
            return answerSoon(failure) { completion($0.failure) }
        }
        submit(.commit, .run(.execute), .none, deadlineNanoseconds) { [self] reply in
            finishCommit(reply.failure)
            completion(reply.failure)
        }
        if phase == .open { phase = .committing }
    }

    private func finishCommit(_ failure: PostgresFailure?) {
        guard phase == .committing else { return }
        // Only the server's own words end it. A deadline may have passed with the COMMIT under way: what has happened
        // is certain behind a ROLLBACK.
        if let failure, failure.sqlstate == nil || failure.mayHaveRun { return rollback() }
        phase = .ended
        release()
    }

    /// Sends a statement to the pinned connection, with a deadline.
    private func submit(
        _ statement: SQLStatement, _ purpose: StatementRequest.Purpose, _ parameters: ParameterSnapshot,
        _ deadlineNanoseconds: UInt64, _ completion: @escaping (PostgresReply) -> Void
    ) {
        precondition(current == nil, "a transaction was given a statement before the one before it was answered")
        guard phase == .open, let connection, connection.phase == .ready else {
            hasFailed = true
            let reason = phase == .open ? "the connection of the transaction was lost" : "the transaction is over"
            return answerSoon(PostgresFailure(.unavailable, reason, mayHaveRun: false), completion)
        }
        guard deadlineNanoseconds > pool.loop.nowNanoseconds else {
            hasFailed = true
            let reason = "the deadline had passed before the statement was sent"
            return answerSoon(PostgresFailure(.timeout, reason, mayHaveRun: false), completion)
        }
        let request = StatementRequest(
            statement: statement, place: .inside, purpose: purpose, parameters: parameters,
            enqueuedNanoseconds: pool.loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds
        ) { [self] reply in
            current = nil
            completion(reply)
        }
        current = request
        request.timer = pool.loop.schedule(atNanoseconds: deadlineNanoseconds) { [self, weak request] in
            guard let request, !request.isAnswered, request.connection != nil else { return }
            request.timer = nil
            let isSent = request.isSent
            request.connection = nil
            request.answer(
                .failure(
                    PostgresFailure(.timeout, "the statement was not done before its deadline", mayHaveRun: isSent)))
            if isSent { self.connection?.overdue(request) }
        }
        connection.submit(request)
    }

    private func answerSoon(_ failure: PostgresFailure, _ completion: @escaping (PostgresReply) -> Void) {
        pool.loop.atEndOfTurn { completion(.failure(failure)) }
    }

    // MARK: the end

    /// Undoes everything and gives the connection back as soon as the server has said so; nothing is answered any more.
    /// Does nothing when the transaction has ended.
    package func rollback() {
        guard phase != .ended else { return }
        phase = .ended
        let abandoned = current
        current = nil
        if let abandoned { pool.abandon(abandoned) }
        guard let connection, connection.transaction === self, connection.phase == .ready else { return }
        // What was sent and still runs would keep the connection until its own end.
        if let abandoned, abandoned.isSent { connection.overdue(abandoned) }
        let limit = pool.options.rollbackTimeout
        let request = StatementRequest(
            statement: .rollback, place: .inside, purpose: .run(.execute), parameters: .none,
            enqueuedNanoseconds: pool.loop.nowNanoseconds,
            deadlineNanoseconds: pool.loop.nowNanoseconds &+ limit.wholeNanoseconds
        ) { [self] reply in
            if let failure = reply.failure { end(because: failure.message) } else { release() }
        }
        request.timer = pool.loop.schedule(after: limit) { [weak request] in
            guard let request, !request.isAnswered, request.connection != nil else { return }
            request.timer = nil
            request.answer(.failure(PostgresFailure(.timeout, "no answer within \(limit)", mayHaveRun: true)))
        }
        connection.submit(request)
    }

    /// Gives the connection back to the pool.
    private func release() {
        guard let connection, connection.transaction === self else { return }
        if connection.phase == .ready, connection.handle?.isInsideTransaction == true {
            return end(because: "the transaction did not end")
        }
        connection.unpin()
        pool.dispatchSoon()
    }

    /// The server rolls back what a lost connection leaves.
    private func end(because reason: String) {
        guard let connection, connection.transaction === self, connection.phase == .ready else { return }
        connection.end(connection.lost(reason: "its transaction could not be rolled back: \(reason)"))
    }
}
