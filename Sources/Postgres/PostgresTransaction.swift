// PostgresTransaction.swift: one connection for one transaction, from its BEGIN to its end.
//
// Statements go to the pinned connection one after the other, never pipelined with others', and are not sent again
// anywhere else. The first one may go together with the BEGIN, and the last one with the COMMIT. Law: every way out gives the connection back or ends it, and the server rolls back what was not
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
    /// What has been asked for and not been answered: one statement, with the BEGIN before it or the COMMIT behind it.
    private var inFlight: [StatementRequest] = []
    /// Goes with the BEGIN.
    private var first: StatementRequest?
    /// A COMMIT would be taken for a ROLLBACK, silently.
    private var hasFailed = false

    init(pool: PostgresPool) { self.pool = pool }

    // MARK: opening

    /// - Parameter completion: with a first statement called only when there is no transaction.
    func opening(
        deadlineNanoseconds: UInt64, first: StatementRequest? = nil, completion: @escaping (PostgresFailure?) -> Void
    ) -> StatementRequest {
        self.first = first
        let request = StatementRequest(
            statement: .begin, place: .opening(self), purpose: .run(.execute), parameters: .none,
            enqueuedNanoseconds: pool.loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds
        ) { [self] reply in
            inFlight.removeFirst()
            guard phase == .opening else { return }
            if let failure = reply.failure {
                rollback()
                return completion(failure)
            }
            phase = .open
            if let waiting = self.first {
                self.first = nil
                hand(waiting)
            } else if first == nil {
                completion(nil)
            }
        }
        inFlight = [request]
        return request
    }

    func pin(_ connection: Connection) {
        connection.transaction = self
        self.connection = connection
    }

    /// The BEGIN was given to the connection. Behind one that is on its way the first statement follows at once; behind
    /// one that has to be prepared first it would overtake.
    func began() {
        guard phase == .opening, inFlight.first?.isSent == true, let first else { return }
        self.first = nil
        hand(first)
    }

    /// The statement that goes with the BEGIN.
    ///
    /// - Parameter completion: gets its reply, unless there is no transaction.
    func firstRequest(
        _ statement: SQLStatement, _ parameters: ParameterSnapshot, _ mode: SQLStatement.Mode,
        _ deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void
    ) -> StatementRequest {
        request(statement, .run(mode), parameters, deadlineNanoseconds) { [self] reply in
            guard phase == .open else { return }
            if reply.failure != nil { hasFailed = true }
            completion(reply)
        }
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

    /// The same behind one more statement, both on one way; when that fails nothing stays.
    ///
    /// - Parameter parameters: as of `execute`.
    package func commit(
        after statement: SQLStatement, parameters: some Collection<Value>, in arena: Arena,
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresFailure?) -> Void
    ) {
        var failure: PostgresFailure?
        var isCommitUnderWay = false
        func commitNow() { commit(deadlineNanoseconds: deadlineNanoseconds) { completion(failure ?? $0) } }
        execute(
            statement, parameters: parameters, in: arena, mode: .execute, deadlineNanoseconds: deadlineNanoseconds
        ) { reply in
            failure = reply.failure
            // The COMMIT that follows it is taken for a ROLLBACK, and tells of the failure.
            if !isCommitUnderWay { commitNow() }
        }
        guard inFlight.last?.isSent == true else { return }
        isCommitUnderWay = true
        commitNow()
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
        precondition(
            inFlight.isEmpty || statement == .commit,
            "a transaction was given a statement before the one before it was answered")
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
        hand(request(statement, purpose, parameters, deadlineNanoseconds, completion))
    }

    private func request(
        _ statement: SQLStatement, _ purpose: StatementRequest.Purpose, _ parameters: ParameterSnapshot,
        _ deadlineNanoseconds: UInt64, _ completion: @escaping (PostgresReply) -> Void
    ) -> StatementRequest {
        StatementRequest(
            statement: statement, place: .inside, purpose: purpose, parameters: parameters,
            enqueuedNanoseconds: pool.loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds
        ) { [self] reply in
            inFlight.removeFirst()
            completion(reply)
        }
    }

    /// Gives the pinned connection a statement, and watches its deadline.
    private func hand(_ request: StatementRequest) {
        inFlight.append(request)
        guard let connection, connection.phase == .ready else {
            let lost = PostgresFailure(.unavailable, "the connection of the transaction was lost", mayHaveRun: false)
            return pool.loop.atEndOfTurn { request.answer(.failure(lost)) }
        }
        request.timer = pool.loop.schedule(atNanoseconds: request.deadlineNanoseconds) { [self, weak request] in
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
        let abandoned = inFlight
        inFlight = []
        first = nil
        for request in abandoned { pool.abandon(request) }
        guard let connection, connection.transaction === self, connection.phase == .ready else { return }
        // What was sent and still runs would keep the connection until its own end.
        for request in abandoned where request.isSent { connection.overdue(request) }
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
