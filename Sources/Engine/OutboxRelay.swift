// OutboxRelay.swift: what transactions published goes to the broker, in the order in which it was committed.
//
// One relay of an app is at work at a time, in whichever process: it holds a lock of the database while it sends. Within
// a topic one event after another; a topic that the broker refuses waits by itself, with a growing pause, and holds up no
// other. A row goes only when the broker has its event, so an event may be sent twice, with the same id, and never not.
// Neighbours: Outbox.swift (writes the rows), DatabaseUpkeep.swift (owns this), Dapr/SidecarCall+PubSub (sends).

internal import Dapr
internal import Machine
internal import Postgres
internal import Transport

final class OutboxRelay {
    /// A row on its way.
    private struct Row {
        let position: Int64
        let topic: TopicName
        let envelope: [UInt8]
        let metadata: [(name: String, value: String)]
        let traceparent: String?

        init?(_ row: JSON) {
            guard let position = row["position"]?.int, let pubsub = row["pubsub"]?.string,
                let topic = row["topic"]?.string, let event = row["event"]?.string
            else { return nil }
            self.position = position
            self.topic = TopicName(pubsub: pubsub, topic: topic)
            envelope = Array(event.utf8)
            let pairs = row["metadata"]?.string.flatMap { try? JSON.parse($0).members } ?? []
            metadata = pairs.map { ($0.key, $0.value.string ?? "") }
            traceparent = row["traceparent"]?.string
        }
    }

    /// A topic that the broker refused.
    private struct Refused {
        var until: UInt64
        var pause: UInt64
        var times: Int
    }

    private static let anyRow = SQLStatement(
        "SELECT EXISTS (SELECT FROM patchbay_outbox WHERE app = $1) AS waits")
    private static let exists = SQLStatement("SELECT to_regclass('patchbay_outbox') IS NOT NULL AS made")
    private static let lock = SQLStatement(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('patchbay outbox of ' || $1::text, 0)) AS mine")
    /// No more than eight megabytes at a time, but always one.
    private static let read = SQLStatement(
        """
        SELECT position, pubsub, topic, event, metadata, traceparent FROM (\
        SELECT *, sum(octet_length(event)) OVER (ORDER BY position) AS bytes, row_number() OVER (ORDER BY position) AS place \
        FROM (SELECT * FROM patchbay_outbox WHERE app = $1 AND NOT (pubsub || '/' || topic = ANY ($2::text[])) \
        ORDER BY position LIMIT 100) AS first) AS measured \
        WHERE place = 1 OR bytes <= 8388608 ORDER BY position
        """)
    private static let remove = SQLStatement("DELETE FROM patchbay_outbox WHERE position = ANY ($1::bigint[])")

    private static let poll = Duration.seconds(1)
    /// While another process is at work.
    private static let contended = Duration.milliseconds(50)
    private static let pauseMin: UInt64 = 100_000_000
    private static let pauseMax: UInt64 = 30_000_000_000
    private static let turnNanoseconds: UInt64 = 20_000_000_000

    private unowned let core: EngineLoop
    private let database: ResourcePlan
    private var refused: [TopicName: Refused] = [:]
    private var timer: TimerToken?
    private var isAtWork = false
    /// Something was committed while a turn was under way.
    private var isAskedAgain = false
    private var isUsed = false
    private var isTableThere = false
    private var isStopped = false

    init(core: EngineLoop, database: ResourcePlan) {
        self.core = core
        self.database = database
    }

    /// - Parameter isUsed: whether the live deployment publishes there; otherwise only what still waits is sent.
    func follow(isUsed: Bool) {
        self.isUsed = isUsed
        look()
    }

    func stop() {
        isStopped = true
        if let timer { core.loop.cancel(timer) }
        timer = nil
    }

    // MARK: Looking

    /// Something waits: goes to work at once.
    func begin() {
        guard !isStopped else { return }
        guard !isAtWork else {
            isAskedAgain = true
            return
        }
        isAtWork = true
        // The engine's end waits for the turn.
        let parted = core.beginParting()
        turn { [self] next in
            isAtWork = false
            parted()
            if isAskedAgain || next == .zero {
                isAskedAgain = false
                core.loop.atEndOfTurn { [self] in begin() }
            } else {
                wait(next)
            }
        }
    }

    private func wait(_ pause: Duration) {
        guard !isStopped else { return }
        if let timer { core.loop.cancel(timer) }
        timer = core.loop.schedule(after: pause) { [weak self] in self?.look() }
    }

    /// Looks whether anything waits; another process may have left it.
    private func look() {
        guard !isStopped, !isAtWork else { return }
        core.databases.door(for: database).enter { [weak self] entry in
            guard let self, !isStopped else { return }
            guard case .success(let room) = entry else { return wait(Self.poll) }
            guard !isTableThere else { return lookInside(room) }
            room.pool.ask(Self.exists, deadlineNanoseconds: deadline) { [weak self] reply in
                guard let self else { return }
                switch reply {
                case .failure: wait(Self.poll)
                case .success(let rows):
                    // The first transaction that publishes makes the table.
                    guard rows.first?["made"] == true else { return isUsed ? wait(Self.poll) : () }
                    isTableThere = true
                    lookInside(room)
                }
            }
        }
    }

    private func lookInside(_ room: DatabaseDoor.Room) {
        room.pool.ask(Self.anyRow, [.string(core.configuration.appID)], deadlineNanoseconds: deadline) {
            [weak self] reply in
            guard let self else { return }
            switch reply {
            case .success(let rows) where rows.first?["waits"] == true: begin()
            case .success: if isUsed { wait(Self.poll) }
            case .failure(let failure):
                if failure.sqlstate == "42P01" { isTableThere = false }
                wait(Self.poll)
            }
        }
    }

    private var deadline: UInt64 { core.loop.nowNanoseconds + Self.turnNanoseconds }

    // MARK: A turn

    /// Sends what waits, a hundred events at most; calls back with the pause before the next look, zero when there is
    /// more to do.
    private func turn(_ completion: @escaping (Duration) -> Void) {
        core.databases.door(for: database).enter { [weak self] entry in
            guard let self, case .success(let room) = entry else { return completion(Self.poll) }
            let box = TransactionBox()
            box.transaction = room.pool.begin(deadlineNanoseconds: deadline) { [weak self] failure in
                guard let self, let transaction = box.transaction, failure == nil else {
                    box.transaction?.rollback()
                    return completion(Self.poll)
                }
                lock(transaction, completion)
            }
        }
    }

    /// A transaction that its own opening tells of.
    private final class TransactionBox {
        var transaction: PostgresTransaction?
    }

    private func lock(_ transaction: PostgresTransaction, _ completion: @escaping (Duration) -> Void) {
        let app = JSON.string(core.configuration.appID)
        transaction.ask(Self.lock, [app], deadlineNanoseconds: deadline) { [self] reply in
            guard case .success(let rows) = reply, rows.first?["mine"] == true else {
                transaction.rollback()
                return completion(Self.contended)
            }
            let now = core.loop.nowNanoseconds
            let waiting = refused.filter { $0.value.until > now }.map { JSON.string($0.key.text) }
            transaction.ask(Self.read, [app, .array(waiting)], deadlineNanoseconds: deadline) { [self] reply in
                guard case .success(let rows) = reply else {
                    transaction.rollback()
                    return completion(Self.poll)
                }
                send(rows.compactMap(Row.init), transaction, completion)
            }
        }
    }

    private func send(
        _ rows: [Row], _ transaction: PostgresTransaction, _ completion: @escaping (Duration) -> Void
    ) {
        guard !rows.isEmpty else {
            transaction.rollback()
            return completion(pauseWhenEmpty)
        }
        let queues = Dictionary(grouping: rows, by: \.topic)
        let end = core.loop.nowNanoseconds + Self.turnNanoseconds
        var sent: [Int64] = []
        var open = queues.count
        for (topic, queue) in queues {
            send(queue[...], to: topic, until: end) { [self] row in
                if let row { return sent.append(row.position) }
                open -= 1
                if open == 0 { remove(sent, transaction, isMore: rows.count == 100 || !refused.isEmpty, completion) }
            }
        }
    }

    /// Sends a topic's events one after another, until one is not taken.
    ///
    /// - Parameter note: is given each row whose event the broker has, then nil.
    private func send(
        _ rows: ArraySlice<Row>, to topic: TopicName, until end: UInt64, _ note: @escaping (Row?) -> Void
    ) {
        guard let row = rows.first, core.loop.nowNanoseconds < end else { return note(nil) }
        let call = SidecarCall.publish(
            pubsub: topic.pubsub, topic: topic.topic, envelope: row.envelope, metadata: row.metadata)
        let deadline = core.loop.nowNanoseconds + core.configuration.limits.effectTimeoutNanoseconds
        core.sidecar.perform(call, traceparent: row.traceparent, deadlineNanoseconds: deadline) { [self] reply in
            let memory = OwnedArena()
            defer { withExtendedLifetime(memory) {} }
            switch reply.value(in: memory.arena) {
            case .success:
                core.counters.relayed += 1
                taken(topic)
                note(row)
                send(rows.dropFirst(), to: topic, until: end, note)
            case .failure(let failure):
                refuse(topic, failure.message)
                note(nil)
            }
        }
    }

    private func remove(
        _ sent: [Int64], _ transaction: PostgresTransaction, isMore: Bool, _ completion: @escaping (Duration) -> Void
    ) {
        guard !sent.isEmpty else {
            transaction.rollback()
            return completion(pauseWhenEmpty)
        }
        let positions = JSON.array(sent.map { .int($0) })
        transaction.ask(Self.remove, [positions], deadlineNanoseconds: deadline) { [self] reply in
            if case .failure(let failure) = reply { return goesAgain(failure, transaction, completion) }
            transaction.commit(deadlineNanoseconds: deadline) { [self] failure in
                if let failure { return goesAgain(failure, transaction, completion) }
                completion(isMore ? .zero : Self.poll)
            }
        }
    }

    /// The broker has the events, and the rows are still there.
    private func goesAgain(
        _ failure: PostgresFailure, _ transaction: PostgresTransaction, _ completion: @escaping (Duration) -> Void
    ) {
        transaction.rollback()
        core.log.warn(
            "events of the outbox will be sent again, with the same ids: \(failure.message)",
            [("database", database.name)])
        completion(Self.poll)
    }

    // MARK: Topics that are refused

    /// Until the first of the refused topics is tried again.
    private var pauseWhenEmpty: Duration {
        let now = core.loop.nowNanoseconds
        guard let first = refused.values.map(\.until).min() else { return Self.poll }
        return min(Self.poll, .nanoseconds(Int64(first > now ? first - now : 0) + 1_000_000))
    }

    private func taken(_ topic: TopicName) {
        guard let was = refused.removeValue(forKey: topic), was.times > 0 else { return }
        core.log.info("the topic takes events of the outbox again", [("topic", topic.text)])
    }

    private func refuse(_ topic: TopicName, _ why: String) {
        var state = refused[topic] ?? Refused(until: 0, pause: Self.pauseMin / 2, times: 0)
        state.pause = min(state.pause * 2, Self.pauseMax)
        state.times += 1
        state.until = core.loop.nowNanoseconds + state.pause
        refused[topic] = state
        // The first time, then at growing distances: after a minute, and every ten minutes.
        guard state.times == 1 || state.times == 10 || state.times % 30 == 0 else { return }
        core.log.warn(
            "an event of the outbox was not taken; it and those behind it wait in `patchbay_outbox`: \(why)",
            [("topic", topic.text), ("database", database.name), ("tries", "\(state.times)")])
    }
}
