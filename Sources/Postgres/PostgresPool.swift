// PostgresPool.swift: the connections of one loop to one database, and the statements that wait for them.
//
// Statements are independent of each other: each is a transaction of its own, they share connections by pipelining,
// and their order is not kept; but a `PostgresTransaction` has a connection for itself. The pool outlives the database:
// it reconnects by itself, with jittered back-off.
// Law: on its loop only; answers never come from inside of `execute`. Operands are copied before `execute` returns.
// Neighbours: PostgresPool+Connections (opening, losing, draining), Connection, Engine's performer.

package import Machine
package import Transport

package final class PostgresPool {
    let loop: EventLoop
    let options: PostgresPoolOptions
    /// Hears what the server says beside its answers. Set once, before the first statement.
    package var onNotice: ((PostgresNotice) -> Void)?

    var target: ConnectionTarget
    var connections: [Connection] = []
    /// First come, first served; entries that were answered meanwhile are skipped.
    private var waiters: [StatementRequest] = []
    private var waitersHead = 0
    private(set) var waitersCount = 0
    var reconnect = ReconnectState()
    var isClosed = false
    var onClosed: (() -> Void)?
    var counters = PostgresPoolStatistics()
    private var scratch = OutputBuffer()
    private var isDispatching = false
    private var isDispatchDue = false
    var idleTimer: TimerToken?

    /// Begins to connect at once; a database that is down is no error here.
    package init(loop: EventLoop, target: ConnectionTarget, options: PostgresPoolOptions = PostgresPoolOptions()) {
        self.loop = loop
        self.target = target
        self.options = options
        dispatchSoon()
    }

    /// Runs a statement and answers once, on the loop, later.
    ///
    /// - Parameters:
    ///   - parameters: the values of `$1 …`, which live in `arena`; copied before this returns.
    ///   - deadlineNanoseconds: on the loop's monotonic clock; then the answer is a failure of class `timeout`.
    package func execute(
        _ statement: SQLStatement, parameters: some Collection<Value>, in arena: Arena, mode: SQLStatement.Mode,
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void
    ) {
        do throws(PostgresFailure) {
            let snapshot = try ParameterSnapshot(parameters, in: arena, scratch: &scratch)
            enqueue(
                StatementRequest(
                    statement: statement, purpose: .run(mode), parameters: snapshot,
                    enqueuedNanoseconds: loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds,
                    completion: completion))
        } catch {
            loop.atEndOfTurn { completion(.failure(error)) }
        }
    }

    /// Waits for an idle connection and opens a transaction on it. Whoever asks must end what comes of it: with `commit`,
    /// or with `rollback`, which is always right, at any time, before the answer too.
    ///
    /// - Parameters:
    ///   - deadlineNanoseconds: of the opening alone.
    ///   - completion: called once, on the loop, later, unless `rollback` came first: nil when the transaction is open.
    package func begin(
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresFailure?) -> Void
    ) -> PostgresTransaction {
        let transaction = PostgresTransaction(pool: self)
        enqueue(transaction.opening(deadlineNanoseconds: deadlineNanoseconds, completion: completion))
        return transaction
    }

    /// The same with the first statement on the same way, as in `execute`.
    ///
    /// - Parameter completion: gets the statement's reply, or why there is no transaction; unless `rollback` came first.
    package func begin(
        _ statement: SQLStatement, parameters: some Collection<Value>, in arena: Arena, mode: SQLStatement.Mode,
        deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void
    ) -> PostgresTransaction {
        let transaction = PostgresTransaction(pool: self)
        do throws(PostgresFailure) {
            let first = transaction.firstRequest(
                statement, try snapshot(of: parameters, in: arena), mode, deadlineNanoseconds, completion: completion)
            enqueue(
                transaction.opening(deadlineNanoseconds: deadlineNanoseconds, first: first) { failure in
                    if let failure { completion(.failure(failure)) }
                })
        } catch {
            transaction.rollback()
            loop.atEndOfTurn { completion(.failure(error)) }
        }
        return transaction
    }

    /// - Throws: for a value that no parameter can hold.
    func snapshot(of parameters: some Collection<Value>, in arena: Arena) throws(PostgresFailure) -> ParameterSnapshot {
        try ParameterSnapshot(parameters, in: arena, scratch: &scratch)
    }

    // MARK: waiting

    private func enqueue(_ request: StatementRequest) {
        if let failure = refusal(of: request) {
            loop.atEndOfTurn { request.answer(.failure(failure)) }
            return
        }
        request.timer = loop.schedule(atNanoseconds: firstDeadline(of: request)) { [weak self, request] in
            self?.timeIsUp(request)
        }
        waiters.append(request)
        waitersCount += 1
        dispatch()
    }

    private func refusal(of request: StatementRequest) -> PostgresFailure? {
        if let reason = request.statement.refusal { return PostgresFailure(.invalid, reason, mayHaveRun: false) }
        if isClosed { return Self.closed(target) }
        if waitersCount >= options.waitersMax {
            return PostgresFailure(
                .unavailable, "\(options.waitersMax) statements wait for \(target) already", mayHaveRun: false)
        }
        if request.deadlineNanoseconds <= loop.nowNanoseconds {
            return PostgresFailure(.timeout, "the deadline had passed before the statement was sent", mayHaveRun: false)
        }
        // Wrong credentials do not get right by waiting.
        if isDown, let failure = reconnect.lastFailure, ConnectFailure.isLasting(sqlstate: failure.sqlstate) {
            return failure
        }
        return nil
    }

    static func closed(_ target: ConnectionTarget) -> PostgresFailure {
        PostgresFailure(.unavailable, "the connections to \(target) are closed", mayHaveRun: false)
    }

    /// Nothing is open and the last attempt failed.
    var isDown: Bool { reconnect.lastFailure != nil && !connections.contains { $0.phase == .ready } }

    private func firstDeadline(of request: StatementRequest) -> UInt64 {
        isDown ? patienceEnd(of: request) : request.deadlineNanoseconds
    }

    private func patienceEnd(of request: StatementRequest) -> UInt64 {
        min(request.deadlineNanoseconds, request.enqueuedNanoseconds &+ options.downPatience.wholeNanoseconds)
    }

    /// The timer of a request: its deadline, or before that the end of the patience with a database that is down.
    private func timeIsUp(_ request: StatementRequest) {
        request.timer = nil
        guard !request.isAnswered else { return }
        if loop.nowNanoseconds < request.deadlineNanoseconds, !(request.connection == nil && isDown) {
            request.timer = loop.schedule(atNanoseconds: request.deadlineNanoseconds) { [weak self, request] in
                self?.timeIsUp(request)
            }
            return
        }
        let connection = request.connection
        request.connection = nil
        let isSent = request.isSent
        if connection == nil { waitersCount -= 1 }
        let failure: PostgresFailure
        if isSent {
            failure = PostgresFailure(.timeout, "the statement was not done before its deadline", mayHaveRun: true)
        } else if connection == nil, let reason = reconnect.lastFailure, isDown {
            failure = reason
        } else {
            failure = PostgresFailure(
                .timeout, "no connection to \(target) was free before the deadline", mayHaveRun: false)
        }
        request.answer(.failure(failure))
        if isSent { connection?.overdue(request) }
    }

    /// Nobody waits for its answer any more. What was not sent is never sent.
    func abandon(_ request: StatementRequest) {
        guard !request.isAnswered else { return }
        if let timer = request.timer { loop.cancel(timer) }
        request.timer = nil
        if case .opening = request.place, request.connection == nil,
            waiters[waitersHead...].contains(where: { $0 === request })
        {
            waitersCount -= 1
        }
        request.connection = nil
        request.forget()
    }

    /// The database was found to be down: waiters wait no longer than their patience with that.
    func shortenWaits() {
        for request in waiters[waitersHead...] where !request.isAnswered {
            if let timer = request.timer { loop.cancel(timer) }
            request.timer = loop.schedule(atNanoseconds: patienceEnd(of: request)) { [weak self, request] in
                self?.timeIsUp(request)
            }
        }
    }

    /// Back to the front: they waited the longest.
    func requeue(_ requests: [StatementRequest]) {
        for request in requests where request.timer == nil && !request.isAnswered {
            request.timer = loop.schedule(atNanoseconds: firstDeadline(of: request)) { [weak self, request] in
                self?.timeIsUp(request)
            }
        }
        waiters.replaceSubrange(0..<waitersHead, with: requests)
        waitersHead = 0
        waitersCount += requests.count
    }

    /// Every waiter fails, once the pool's own state is settled.
    func failWaiters(_ failure: PostgresFailure) {
        let failed = waiters[waitersHead...].filter { !$0.isAnswered }
        waiters = []
        waitersHead = 0
        waitersCount = 0
        for request in failed {
            if let timer = request.timer { loop.cancel(timer) }
            request.timer = nil
            request.answer(.failure(failure))
        }
    }

    // MARK: handing out

    func dispatchSoon() {
        guard !isDispatchDue else { return }
        isDispatchDue = true
        loop.atEndOfTurn { [weak self] in
            self?.isDispatchDue = false
            self?.dispatch()
        }
    }

    /// Gives waiters to connections while there is room, and sees that there are enough connections.
    func dispatch() {
        guard !isDispatching else { return dispatchSoon() }
        isDispatching = true
        defer { isDispatching = false }
        while let request = firstWaiter(), let connection = roomiest(for: request) {
            waitersHead += 1
            waitersCount -= 1
            if case .opening(let transaction) = request.place { transaction.pin(connection) }
            connection.submit(request)
            if case .opening(let transaction) = request.place { transaction.began() }
        }
        if waitersHead == waiters.count {
            waiters.removeAll(keepingCapacity: true)
            waitersHead = 0
        } else if waitersHead >= 256 {
            waiters.removeFirst(waitersHead)
            waitersHead = 0
        }
        keepEnoughConnections()
    }

    private func firstWaiter() -> StatementRequest? {
        while waitersHead < waiters.count {
            if !waiters[waitersHead].isAnswered { return waiters[waitersHead] }
            waitersHead += 1
        }
        return nil
    }

    /// An idle connection, else, when there cannot be more of them, the least loaded one on which it gets its turn
    /// soon. A statement of unknown length is never in front of another one: it may take seconds.
    /// A transaction waits for an idle connection, and those behind it wait with it: passed by, it might never have one.
    private func roomiest(for request: StatementRequest) -> Connection? {
        if case .opening = request.place { return connections.first { $0.takesTransaction } }
        let now = loop.nowNanoseconds
        let isFull = connections.count >= options.connectionsMax || reconnect.timer != nil
        var best: Connection?
        for connection in connections where connection.takesStatements {
            if connection.isIdle { return connection }
            guard isFull, connection.load < best?.load ?? .max, connection.isWorthSharing(atNanoseconds: now) else {
                continue
            }
            best = connection
        }
        return best
    }

    package var statistics: PostgresPoolStatistics {
        var statistics = counters
        for connection in connections {
            if connection.phase == .ready { statistics.connectionsReady += 1 }
            if connection.phase == .opening { statistics.connectionsOpening += 1 }
            statistics.inFlight += connection.load
            if connection.transaction != nil { statistics.transactions += 1 }
        }
        statistics.waiting = waitersCount
        return statistics
    }

    /// Why there is no connection, while there is none.
    package var lastFailure: PostgresFailure? { isDown ? reconnect.lastFailure : nil }
}

extension Connection {
    var takesStatements: Bool { phase == .ready && !isDraining && transaction == nil && !watch.isSuspect }

    var takesTransaction: Bool { takesStatements && isIdle && watch.cancelsUnderWay == 0 }

    /// Its caller has been told.
    func overdue(_ request: StatementRequest) {
        guard phase == .ready else { return }
        watch.overdue(request, on: self)
    }
}
