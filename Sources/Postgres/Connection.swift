// Connection.swift: one connection to the server, driven by the loop, and the statements in flight on it.
//
// Law: nothing here blocks; every statement has one Sync, which ends its transaction unless `PostgresTransaction` holds
// the connection, and is answered only when its Sync is. State first, callbacks last: answers are collected and
// delivered when the connection is whole again.
// Neighbours: Connection+Connecting, Connection+Statements, PostgresPool (owns it), LibpqConnection.

internal import Machine
internal import Transport

/// What a connection tells its pool. Called on the loop, never from inside of a call to the connection's `submit`.
protocol ConnectionOwner: AnyObject {
    /// It takes statements from now on.
    func connectionOpened(_ connection: Connection)
    /// Answers were delivered: it may have room again.
    func connectionAdvanced(_ connection: Connection)
    /// It is gone. `unsent` never left this process and may go to another connection.
    func connectionEnded(_ connection: Connection, failure: PostgresFailure?, unsent: [StatementRequest])
    func connectionReceived(_ notices: [PostgresNotice])
}

/// On its loop only.
final class Connection: DescriptorHandler {
    enum Phase: Equatable {
        /// Looking up names, connecting, authenticating.
        case opening
        case ready
        case ended
    }

    let loop: EventLoop
    let target: ConnectionTarget
    let options: PostgresPoolOptions
    weak var owner: (any ConnectionOwner)?

    var phase: Phase = .opening
    /// Its end is a loss, not a failed attempt.
    var hasBeenReady = false
    /// Finish what is in flight, take nothing new, then end.
    private(set) var isDraining = false
    var handle: LibpqConnection?
    private var lossReason: String?
    let noticeSink = NoticeSink()
    var registration: Registration?
    var watchedDescriptor: Int32 = -1
    private var isWatchingWrites = false
    var openTimer: TimerToken?

    var exchanges = ExchangeQueue()
    /// When the first exchange came to its turn.
    var headSinceNanoseconds: UInt64 = 0
    var prepared: PreparedStatements
    /// Requests that wait for a description.
    var describingCount = 0
    var encoded = EncodedParameters()
    var answers: [Answer] = []
    private var isDelivering = false

    /// A statement overran its deadline and may still run.
    var watch = OverdueWatch()
    var idleSinceNanoseconds: UInt64 = 0

    init(loop: EventLoop, target: ConnectionTarget, options: PostgresPoolOptions, owner: any ConnectionOwner) {
        self.loop = loop
        self.target = target
        self.options = options
        self.owner = owner
        prepared = PreparedStatements(countMax: options.preparedStatementsMax)
        idleSinceNanoseconds = loop.nowNanoseconds
    }

    /// Statements that it was given and that are not over.
    var load: Int { exchanges.count + describingCount }
    /// Statements in flight of which nobody knows yet how long they take, and the time that the others should take.
    var unknownCount = 0
    var expectedNanoseconds: UInt64 = 0

    /// Whether one more statement would soon get its turn.
    func isWorthSharing(atNanoseconds now: UInt64) -> Bool {
        let stall = options.pipelineStall.wholeNanoseconds
        return describingCount == 0 && unknownCount == 0 && expectedNanoseconds < stall
            && (exchanges.isEmpty || now &- headSinceNanoseconds < stall) && load < options.pipelineDepthMax
    }
    var isIdle: Bool { load == 0 && transaction == nil }
    /// Has this connection for itself until it is over.
    var transaction: PostgresTransaction?
    /// Statements that were forgotten inside of a transaction, where an error forbids to deallocate them.
    var forgottenInside: [PreparedStatement] = []

    /// The transaction is over: its server has said so.
    func unpin() {
        transaction = nil
        guard phase == .ready else { return }
        for statement in forgottenInside { deallocate(statement) }
        forgottenInside = []
    }

    /// A cancel request has done what it does.
    func cancelArrived() {
        watch.cancelArrived()
        if phase == .ready { owner?.connectionAdvanced(self) }
    }

    func drain() {
        isDraining = true
        if phase == .opening || isIdle { end(nil) }
    }

    // MARK: the loop's calls

    func descriptorReady(_ readiness: Readiness) {
        switch phase {
        case .opening: continueConnecting()
        case .ready: exchangeBytes()
        case .ended: break
        }
    }

    func exchangeBytes() {
        let isAlive = handle?.consumeInput() ?? false
        if !isAlive { noteLoss() }
        takeResults()
        guard phase == .ready else { return deliver() }
        guard isAlive, handle?.isBad == false else { return end(lost()) }
        handle?.discardNotifications()
        flush()
        deliver()
    }

    /// Sends what libpq holds, and watches for room while there is more: reading goes on meanwhile, or both sides
    /// could wait for the other.
    func flush() {
        guard phase == .ready, let registration else { return }
        switch handle?.flush() ?? .failed {
        case .done: watchWrites(false, registration)
        case .blocked: watchWrites(true, registration)
        case .failed: loseSoon()
        }
    }

    private func watchWrites(_ wanted: Bool, _ registration: Registration) {
        guard wanted != isWatchingWrites else { return }
        isWatchingWrites = wanted
        loop.modify(registration, to: wanted ? [.readable, .writable] : .readable)
    }

    // MARK: watching the socket

    /// libpq may change its socket between two polls; the old registration goes before it can.
    func unwatch() {
        if let registration { loop.deregister(registration) }
        registration = nil
        isWatchingWrites = false
    }

    func watch(_ descriptor: Int32, for interest: Interest) -> Bool {
        guard descriptor >= 0 else { return false }
        registration = try? loop.register(descriptor, for: interest, handler: self)
        return registration != nil
    }

    // MARK: answers

    func answer(_ request: StatementRequest, _ reply: PostgresReply) {
        request.connection = nil
        answers.append(Answer(request: request, reply: reply))
    }

    /// Callbacks may submit to this connection, drain it or end it.
    func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while !answers.isEmpty {
            let due = answers
            answers.removeAll(keepingCapacity: true)
            for answer in due {
                if let timer = answer.request.timer { loop.cancel(timer) }
                answer.request.timer = nil
                answer.request.answer(answer.reply)
            }
        }
        isDelivering = false
        let notices = noticeSink.take()
        if !notices.isEmpty { owner?.connectionReceived(notices) }
        guard phase == .ready else { return }
        if isIdle { idleSinceNanoseconds = loop.nowNanoseconds }
        if isDraining, isIdle { return end(nil) }
        owner?.connectionAdvanced(self)
    }

    // MARK: the end

    /// Closes. What was sent and not answered fails: nobody knows whether it ran.
    func end(_ failure: PostgresFailure?) {
        guard phase != .ended else { return }
        phase = .ended
        unwatch()
        if let openTimer { loop.cancel(openTimer) }
        openTimer = nil
        watch.end(on: loop)
        handle = nil
        var unsent: [StatementRequest] = []
        while let exchange = exchanges.popFirst() {
            switch exchange.work {
            case .run(let request, _) where !request.isAnswered:
                answer(request, .failure(unknownOutcome(of: exchange, failure)))
            case .prepare(let statement): unsent += takeWaiting(of: statement)
            default: break
            }
        }
        // Its transaction died with the connection; on another one it would run by itself.
        for request in unsent where request.isInside { answer(request, .failure(brokenTransaction(failure))) }
        unsent.removeAll { $0.isInside }
        transaction = nil
        for request in unsent { request.connection = nil }
        deliver()
        owner?.connectionEnded(self, failure: failure, unsent: unsent.filter { !$0.isAnswered })
        owner = nil
    }

    private func brokenTransaction(_ failure: PostgresFailure?) -> PostgresFailure {
        PostgresFailure(
            .unavailable, failure?.message ?? "the connection to \(target) was closed", sqlstate: failure?.sqlstate,
            mayHaveRun: false)
    }

    private func unknownOutcome(of exchange: Exchange, _ failure: PostgresFailure?) -> PostgresFailure {
        // The server's last words came as this statement's error: "terminating connection due to …".
        if let error = exchange.failure, error.sqlstate != nil { return error.failure(mayHaveRun: true) }
        let message = failure?.message ?? "the connection to \(target) was closed"
        return PostgresFailure(.unavailable, message, sqlstate: failure?.sqlstate, mayHaveRun: true)
    }

    /// libpq has other words for a loss as soon as it is asked for anything more: the first ones are kept.
    func noteLoss() {
        if lossReason == nil { lossReason = handle?.errorMessage }
    }

    func lost(reason: String? = nil) -> PostgresFailure {
        noteLoss()
        let line = ServerError.firstLine(of: reason ?? lossReason ?? "")
        return PostgresFailure(
            .unavailable, "the connection to \(target) was lost\(line.isEmpty ? "" : ": \(line)")",
            sqlstate: "08006", mayHaveRun: true)
    }
}
