// InboxPruning.swift: rows of `once` are forgotten when no redelivery can come any more.
//
// Now and then, in batches that lock nothing for long; every process of an app may do it at the same time.
// Neighbours: Inbox.swift (writes them), DatabaseUpkeep.swift (owns this).

internal import Machine
internal import Postgres
internal import Transport

final class InboxPruning {
    private static let statement = SQLStatement(
        """
        WITH old AS (\
        SELECT key FROM patchbay_inbox WHERE app = $1 AND written_at < now() - make_interval(secs => $2) \
        LIMIT 5000 FOR UPDATE SKIP LOCKED) \
        DELETE FROM patchbay_inbox WHERE key IN (SELECT key FROM old) RETURNING 1 AS gone
        """)
    private static let batch = 5000
    private static let interval = Duration.seconds(600)
    private static let first = Duration.seconds(60)
    private static let timeoutNanoseconds: UInt64 = 30_000_000_000

    private unowned let core: EngineLoop
    private let database: ResourcePlan
    private var timer: TimerToken?

    init(core: EngineLoop, database: ResourcePlan) {
        self.core = core
        self.database = database
        wait(Self.first)
    }

    func stop() {
        if let timer { core.loop.cancel(timer) }
        timer = nil
    }

    private func wait(_ pause: Duration) {
        timer = core.loop.schedule(after: pause) { [weak self] in
            self?.wait(Self.interval)
            self?.prune { _ in }
        }
    }

    /// Forgets all that is old enough; calls back with how many rows that were.
    func prune(_ completion: @escaping (Int) -> Void) {
        core.databases.door(for: database).enter { [weak self] entry in
            guard let self, case .success(let room) = entry else { return completion(0) }
            batch(room, 0, completion)
        }
    }

    private func batch(_ room: DatabaseDoor.Room, _ before: Int, _ completion: @escaping (Int) -> Void) {
        let seconds = Double(core.configuration.inboxKeepNanoseconds) / 1e9
        room.pool.ask(
            Self.statement, [.string(core.configuration.appID), .double(seconds)],
            deadlineNanoseconds: core.loop.nowNanoseconds + Self.timeoutNanoseconds
        ) { [weak self] reply in
            guard let self else { return completion(before) }
            switch reply {
            case .failure(let failure):
                // Nothing was ever done once.
                if failure.sqlstate != "42P01" {
                    core.log.warn(
                        "the inbox was not pruned: \(failure.message)", [("database", database.name)])
                }
                completion(before)
            case .success(let rows):
                let gone = before + rows.count
                if rows.count == Self.batch { return batch(room, gone, completion) }
                if gone > 0 {
                    core.log.info(
                        "rows of events long past left the inbox", [("database", database.name), ("rows", "\(gone)")])
                }
                completion(gone)
            }
        }
    }
}
