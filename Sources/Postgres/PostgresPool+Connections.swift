// PostgresPool+Connections.swift: when connections are opened, what their loss means, and how the pool ends.

internal import Machine
internal import Transport

/// Pauses between attempts, and why the last one failed.
struct ReconnectState {
    var failures = 0
    var lastFailure: PostgresFailure?
    /// Until it fires nobody tries.
    var timer: TimerToken?

    /// Doubles from `min` to `max`; jitter takes up to half of it away, so that many pools do not come back in step.
    static func pauseNanoseconds(failures: Int, min: Duration, max: Duration, random: Double) -> UInt64 {
        let shift = UInt64(Swift.min(Swift.max(failures - 1, 0), 20))
        let whole = Swift.min(min.wholeNanoseconds << shift, max.wholeNanoseconds)
        return whole / 2 + UInt64(Double(whole / 2) * random)
    }
}

extension PostgresPool: ConnectionOwner {
    /// Opens the minimum, and one more at a time while statements wait.
    func keepEnoughConnections() {
        guard !isClosed, reconnect.timer == nil else { return }
        let usable = connections.filter { !$0.isDraining }
        let isOpening = usable.contains { $0.phase == .opening }
        let wanted = usable.count < options.connectionsMin || waitersCount > 0
        guard wanted, !isOpening, usable.count < options.connectionsMax else { return }
        let connection = Connection(loop: loop, target: target, options: options, owner: self)
        connections.append(connection)
        connection.open()
    }

    func connectionOpened(_ connection: Connection) {
        counters.connectionsOpened += 1
        reconnect.failures = 0
        reconnect.lastFailure = nil
        watchIdle()
        dispatch()
    }

    func connectionAdvanced(_ connection: Connection) { dispatch() }

    func connectionReceived(_ notices: [PostgresNotice]) {
        guard let onNotice else { return }
        for notice in notices { onNotice(notice) }
    }

    func connectionEnded(_ connection: Connection, failure: PostgresFailure?, unsent: [StatementRequest]) {
        let wasReady = connection.hasBeenReady
        connections.removeAll { $0 === connection }
        requeue(unsent)
        if let failure, connection.target == target {
            if wasReady { counters.connectionsLost += 1 } else { counters.connectionsFailed += 1 }
            // A lost connection is tried again at once; only attempts that fail make pauses.
            if !wasReady { pause(after: failure) }
        }
        finishClosing()
        dispatchSoon()
    }

    private func pause(after failure: PostgresFailure) {
        reconnect.failures += 1
        reconnect.lastFailure = failure
        let pause = ReconnectState.pauseNanoseconds(
            failures: reconnect.failures, min: options.backoffMin, max: options.backoffMax, random: options.random())
        if let timer = reconnect.timer { loop.cancel(timer) }
        reconnect.timer = loop.schedule(atNanoseconds: loop.nowNanoseconds &+ pause) { [weak self] in
            self?.reconnect.timer = nil
            self?.dispatch()
        }
        guard isDown else { return }
        if ConnectFailure.isLasting(sqlstate: failure.sqlstate) {
            loop.atEndOfTurn { [weak self] in self?.failWaiters(failure) }
        } else {
            shortenWaits()
        }
    }

    // MARK: idle connections

    private func watchIdle() {
        guard idleTimer == nil, !isClosed else { return }
        idleTimer = loop.schedule(after: options.idleTimeout) { [weak self] in
            guard let self else { return }
            idleTimer = nil
            closeIdle()
            if connections.count > options.connectionsMin { watchIdle() }
        }
    }

    private func closeIdle() {
        let timeout = options.idleTimeout.wholeNanoseconds
        var surplus = connections.count - options.connectionsMin
        for connection in connections where surplus > 0 && connection.phase == .ready && connection.isIdle {
            guard loop.nowNanoseconds &- connection.idleSinceNanoseconds >= timeout else { continue }
            connection.drain()
            surplus -= 1
        }
    }

    // MARK: change and end

    /// New credentials or another place: what is in flight finishes on the old connections, all else goes to new ones.
    package func replaceTarget(_ newTarget: ConnectionTarget) {
        guard newTarget != target, !isClosed else { return }
        target = newTarget
        if let timer = reconnect.timer { loop.cancel(timer) }
        reconnect = ReconnectState()
        for connection in connections { connection.drain() }
        dispatchSoon()
    }

    /// Waiting statements fail, those in flight finish by their deadlines; `completion` comes when all are closed.
    package func close(completion: @escaping () -> Void = {}) {
        guard !isClosed else { return completion() }
        isClosed = true
        onClosed = completion
        if let timer = reconnect.timer { loop.cancel(timer) }
        if let idleTimer { loop.cancel(idleTimer) }
        reconnect.timer = nil
        idleTimer = nil
        failWaiters(Self.closed(target))
        for connection in connections { connection.drain() }
        loop.atEndOfTurn { [self] in finishClosing() }
    }

    private func finishClosing() {
        guard isClosed, connections.isEmpty, let done = onClosed else { return }
        onClosed = nil
        failWaiters(Self.closed(target))
        done()
    }
}
