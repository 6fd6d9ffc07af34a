// DatabaseTables.swift: the tables that the engine keeps in a database of the deployment: inbox and outbox.
//
// Made at the first use where they are missing; a role that may not make them gets a failure that says what to run.
// Their layout is documented in docs/operations.md, for they are the operator's, too.
// Neighbours: Inbox.swift, Outbox.swift (their statements), DatabaseDoor.swift (one per door).

internal import Machine
internal import Postgres
internal import Transport

final class DatabaseTables {
    /// What `once` keeps: one row for each event and rule whose writing was committed.
    static let inbox = """
        CREATE TABLE IF NOT EXISTS patchbay_inbox (
          key bytea PRIMARY KEY,
          app text NOT NULL,
          topic text NOT NULL,
          rule text NOT NULL,
          source text NOT NULL,
          id text NOT NULL,
          value text,
          written_at timestamptz NOT NULL DEFAULT now()
        )
        """
    static let inboxIndex = """
        CREATE INDEX IF NOT EXISTS patchbay_inbox_written_at ON patchbay_inbox (written_at)
        """
    /// What a `transaction` published: rows wait here until the broker has them.
    static let outbox = """
        CREATE TABLE IF NOT EXISTS patchbay_outbox (
          position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          app text NOT NULL,
          pubsub text NOT NULL,
          topic text NOT NULL,
          event text NOT NULL,
          metadata text,
          traceparent text,
          written_at timestamptz NOT NULL DEFAULT now()
        )
        """
    private static let definitions = [inbox, inboxIndex, outbox].map { SQLStatement($0) }
    private static let look = SQLStatement(
        "SELECT to_regclass('patchbay_inbox') IS NOT NULL AND to_regclass('patchbay_outbox') IS NOT NULL AS made")
    /// unique_violation, duplicate_table, duplicate_object: somebody else made it at the same time.
    private static let madeByOthers: Set<String> = ["23505", "42P07", "42710"]

    typealias Visitor = (PostgresFailure?) -> Void

    private let pool: PostgresPool
    private let loop: EventLoop
    private let name: String
    private let log: Log
    private var areThere = false
    private var visitors: [Visitor] = []
    private static let timeoutNanoseconds: UInt64 = 5_000_000_000

    /// - Parameter name: the resource's, for messages.
    init(pool: PostgresPool, loop: EventLoop, name: String, log: Log) {
        self.pool = pool
        self.loop = loop
        self.name = name
        self.log = log
    }

    /// Calls back with nil once the tables are there.
    func ensure(_ visitor: @escaping Visitor) {
        guard !areThere else { return visitor(nil) }
        visitors.append(visitor)
        guard visitors.count == 1 else { return }
        pool.ask(Self.look, deadlineNanoseconds: deadline) { [self] reply in
            switch reply {
            case .failure(let failure): finish(failure)
            case .success(let rows): if rows.first?["made"] == true { finish(nil) } else { make(0) }
            }
        }
    }

    /// After a statement of ours failed: tables that somebody took away are looked for, and made, at the next use.
    func note(_ failure: PostgresFailure) {
        if failure.sqlstate == "42P01" { areThere = false }
    }

    private var deadline: UInt64 { loop.nowNanoseconds + Self.timeoutNanoseconds }

    private func make(_ position: Int) {
        guard position < Self.definitions.count else {
            log.info("the tables `patchbay_inbox` and `patchbay_outbox` were made", [("database", name)])
            return finish(nil)
        }
        pool.ask(Self.definitions[position], deadlineNanoseconds: deadline) { [self] reply in
            if case .failure(let failure) = reply, !Self.madeByOthers.contains(failure.sqlstate ?? "") {
                return finish(Self.explained(failure, in: name))
            }
            make(position + 1)
        }
    }

    private func finish(_ failure: PostgresFailure?) {
        areThere = failure == nil
        if let failure { log.error(failure.message, [("database", name)]) }
        let waiting = visitors
        visitors = []
        for visitor in waiting { visitor(failure) }
    }

    private static func explained(_ failure: PostgresFailure, in name: String) -> PostgresFailure {
        PostgresFailure(
            failure.failureClass,
            "`once` and `publish` in a `transaction` need the tables `patchbay_inbox` and `patchbay_outbox` in"
                + " `\(name)`, and they cannot be made: \(failure.message); docs/operations.md has the statements",
            mayHaveRun: failure.mayHaveRun)
    }
}
