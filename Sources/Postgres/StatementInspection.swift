// StatementInspection.swift: asks a database what statements want and give, without running them.
//
// One connection of its own, PREPARE and DESCRIBE of many statements in flight at once, each with a Sync of its own:
// one that fails does not spoil the others. Ends by its deadline whatever the database does: behind a migration's lock
// a PREPARE waits as long as any statement.
// Neighbours: Connection (prepares and describes), Engine/StatementCheck (says what came of it).

internal import Machine
package import Transport

/// On its loop only.
package final class StatementInspection: ConnectionOwner {
    /// One statement's: what the server makes of it, or why it refuses it (class `unavailable` never).
    package typealias Answer = Result<StatementDescription, PostgresFailure>
    /// Everything that the database said.
    package struct Answers: Sendable {
        /// In the order of the statements.
        package let each: [Answer]
        /// Empty unless a statement names what is not there.
        package let names: SchemaNames
    }
    /// Or why the database could not be asked.
    package typealias Outcome = Result<Answers, PostgresFailure>

    private let statements: [SQLStatement]
    private let loop: EventLoop
    private let target: ConnectionTarget
    private let deadlineNanoseconds: UInt64
    private var completion: ((Outcome) -> Void)?
    private var connection: Connection?
    private var deadline: TimerToken?
    private var answers: [Answer?]
    private var nextIndex = 0
    private var answeredCount = 0
    private var isAskingNames = false
    /// Statements in flight: enough to hide the way to the server, and few enough for a turn of the loop.
    private static let windowMax = 64

    /// Begins to connect. `completion` is called once, on the loop, later than this returns.
    ///
    /// - Parameter deadlineNanoseconds: on the loop's monotonic clock, for all of it.
    package static func begin(
        _ statements: [SQLStatement], at target: ConnectionTarget, on loop: EventLoop, deadlineNanoseconds: UInt64,
        completion: @escaping (Outcome) -> Void
    ) {
        StatementInspection(statements, at: target, on: loop, deadlineNanoseconds, completion).start()
    }

    private init(
        _ statements: [SQLStatement], at target: ConnectionTarget, on loop: EventLoop, _ deadlineNanoseconds: UInt64,
        _ completion: @escaping (Outcome) -> Void
    ) {
        self.statements = statements
        self.target = target
        self.loop = loop
        self.deadlineNanoseconds = deadlineNanoseconds
        self.completion = completion
        answers = Array(repeating: nil, count: statements.count)
    }

    private func start() {
        var options = PostgresPoolOptions()
        // The deadline below covers this too, and says more.
        options.connectTimeout = .seconds(3600)
        // What was described is not needed again; the server forgets it when the connection ends at the latest.
        options.preparedStatementsMax = Self.windowMax
        let opening = Connection(loop: loop, target: target, options: options, owner: self)
        connection = opening
        // The timer is what keeps this object until it is done.
        deadline = loop.schedule(atNanoseconds: deadlineNanoseconds) { [self] in
            deadline = nil
            finish(.failure(timeOut()))
        }
        opening.open()
    }

    private func timeOut() -> PostgresFailure {
        let message =
            connection?.hasBeenReady == true
            ? "\(target) has described \(answeredCount) of \(statements.count) statements in the time that there is"
            : "\(target) did not answer in the time that there is"
        return PostgresFailure(.timeout, message, mayHaveRun: false)
    }

    private func askMore() {
        while let connection, connection.phase == .ready, nextIndex < statements.count,
            nextIndex - answeredCount < Self.windowMax
        {
            let index = nextIndex
            nextIndex += 1
            if let reason = statements[index].refusal {
                note(.failure(PostgresFailure(.invalid, reason, mayHaveRun: false)), of: index)
                continue
            }
            connection.submit(
                StatementRequest(
                    statement: statements[index], purpose: .describe, parameters: .none,
                    enqueuedNanoseconds: loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds,
                    completion: { [weak self] reply in self?.note(reply.description, of: index) }))
        }
        if answeredCount == statements.count { askNames() }
    }

    /// What the names that are not there may have been meant to be.
    private func askNames() {
        guard !isAskingNames else { return }
        guard let connection, connection.phase == .ready, answers.contains(where: \.isOfUnknownName) else {
            return finish(.success(Answers(each: answers.compactMap { $0 }, names: .none)))
        }
        isAskingNames = true
        connection.submit(
            StatementRequest(
                statement: SchemaNames.question, purpose: .run(.rows), parameters: .none,
                enqueuedNanoseconds: loop.nowNanoseconds, deadlineNanoseconds: deadlineNanoseconds,
                completion: { [weak self] reply in
                    guard let self else { return }
                    finish(.success(Answers(each: answers.compactMap { $0 }, names: SchemaNames(reply))))
                }))
    }

    private func note(_ answer: Answer, of index: Int) {
        guard completion != nil else { return }
        // The server's end, told as an error of whatever was in flight: not this statement's fault.
        if case .failure(let failure) = answer, failure.failureClass == .unavailable {
            return finish(.failure(failure))
        }
        answers[index] = answer
        answeredCount += 1
    }

    private func finish(_ outcome: Outcome) {
        guard let completion else { return }
        self.completion = nil
        if let deadline { loop.cancel(deadline) }
        deadline = nil
        let ended = connection
        connection = nil
        // Not from inside of the connection's own calls.
        loop.atEndOfTurn {
            ended?.end(nil)
            completion(outcome)
        }
    }

    // MARK: what the connection tells

    func connectionOpened(_ connection: Connection) { askMore() }
    func connectionAdvanced(_ connection: Connection) { askMore() }
    func connectionReceived(_ notices: [PostgresNotice]) {}
    func connectionEnded(_ connection: Connection, failure: PostgresFailure?, unsent: [StatementRequest]) {
        finish(
            .failure(failure ?? PostgresFailure(.unavailable, "the connection to \(target) ended", mayHaveRun: false)))
    }
}

extension StatementInspection.Answer? {
    /// A table that is not there, or a column without a suggestion of the server's own.
    var isOfUnknownName: Bool {
        guard case .failure(let failure)? = self else { return false }
        return failure.sqlstate == "42P01" || failure.sqlstate == "42703" && failure.hint == nil
    }
}
