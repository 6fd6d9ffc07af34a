// SQLiteTable.swift: a state store's table: its schema, its statements, and a batch of operations as one commit.
//
// Schema, statements and etags (random UUIDs) as Dapr's `state.sqlite` has them, so that a daprd may open the same
// file. Blocking: owned by SQLiteStore's thread.
// Neighbours: SQLiteConnection.swift (below), SQLiteStore.swift (queues the operations).

/// What `spec.metadata` of a `state.sqlite` component says.
struct SQLiteSettings: Sendable, Equatable {
    /// A file, `:memory:` or a `file:` URI; absolute once resolved.
    var path: String
    var tableName = "state"
    var metadataTableName = "metadata"
    var busyTimeout: Duration = .seconds(2)
    var usesWAL = true
    /// Nil: expired rows stay until they are written again, and are never read.
    var cleanupInterval: Duration?
}

/// The open table. Not Sendable: one thread.
final class SQLiteTable {
    private let connection: SQLiteConnection
    private let select: SQLiteStatement
    private let upsert: SQLiteStatement
    private let insert: SQLiteStatement
    private let update: SQLiteStatement
    private let remove: SQLiteStatement
    private let removeVersion: SQLiteStatement
    private let removeExpired: SQLiteStatement
    private let cleanupInterval: Duration?
    private var lastCleanup: ContinuousClock.Instant

    init(_ settings: SQLiteSettings) throws(SQLiteError) {
        let milliseconds = Int32(
            clamping: settings.busyTimeout.components.seconds * 1000
                + settings.busyTimeout.components.attoseconds / 1_000_000_000_000_000)
        connection = try SQLiteConnection(path: settings.path, busyTimeoutMilliseconds: milliseconds)
        // An acknowledged write survives a power cut: FULL syncs the log at every commit, which group commit shares.
        if settings.usesWAL { try connection.execute("PRAGMA journal_mode=WAL") }
        try connection.execute("PRAGMA synchronous=FULL")
        try Self.createTables(settings, on: connection)
        let table = settings.tableName
        let alive = "(expiration_time IS NULL OR expiration_time > CURRENT_TIMESTAMP)"
        let expiry =
            "CASE WHEN ?4 IS NULL THEN NULL ELSE DATETIME(CURRENT_TIMESTAMP, '+' || ?4 || ' seconds') END"
        let columns = "key, value, etag, expiration_time, is_binary, update_time"
        let replace = """
            DO UPDATE SET value = excluded.value, etag = excluded.etag, expiration_time = excluded.expiration_time,
            is_binary = 0, update_time = CURRENT_TIMESTAMP
            """
        let row = "INSERT INTO \(table) (\(columns)) VALUES (?1, ?2, ?3, \(expiry), 0, CURRENT_TIMESTAMP)"
        select = try connection.prepare(
            "SELECT value, etag, expiration_time, is_binary FROM \(table) WHERE key = ?1 AND \(alive)")
        upsert = try connection.prepare("\(row) ON CONFLICT (key) \(replace)")
        insert = try connection.prepare(
            "\(row) ON CONFLICT (key) \(replace) WHERE \(table).expiration_time <= CURRENT_TIMESTAMP")
        update = try connection.prepare(
            """
            UPDATE \(table) SET value = ?2, etag = ?3, expiration_time = \(expiry), is_binary = 0,
            update_time = CURRENT_TIMESTAMP WHERE key = ?1 AND etag = ?5 AND \(alive)
            """)
        remove = try connection.prepare("DELETE FROM \(table) WHERE key = ?1")
        removeVersion = try connection.prepare(
            "DELETE FROM \(table) WHERE key = ?1 AND etag = ?2 AND \(alive)")
        removeExpired = try connection.prepare(
            "DELETE FROM \(table) WHERE expiration_time <= CURRENT_TIMESTAMP")
        cleanupInterval = settings.cleanupInterval
        lastCleanup = .now
    }

    private static func createTables(
        _ settings: SQLiteSettings, on connection: borrowing SQLiteConnection
    ) throws(SQLiteError) {
        try connection.execute(
            """
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS \(settings.metadataTableName) (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS \(settings.tableName) (
              key TEXT NOT NULL PRIMARY KEY,
              value TEXT NOT NULL,
              is_binary BOOLEAN NOT NULL,
              etag TEXT NOT NULL,
              expiration_time TIMESTAMP DEFAULT NULL,
              update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            );
            INSERT OR IGNORE INTO \(settings.metadataTableName) (key, value) VALUES ('migrations', '1');
            COMMIT
            """)
    }

    /// Carries out the operations in order and commits once. Nothing is answered before it is durable.
    func perform(_ operations: [StateOperation]) -> [StateReply] {
        let writes = operations.contains { if case .get = $0 { false } else { true } }
        guard writes else { return operations.map(reply) }
        do {
            try connection.execute("BEGIN IMMEDIATE")
        } catch {
            return operations.map { _ in .failed(.store(error.message)) }
        }
        let replies = operations.map(reply)
        do throws(SQLiteError) {
            // SQLite rolls back by itself when the disk is full or failing; then no reply of this batch is true.
            guard !connection.isOutsideTransaction() else {
                throw SQLiteError(code: 0, message: "the disk failed and the transaction was rolled back")
            }
            try cleanUpWhenDue()
            try connection.execute("COMMIT")
            return replies
        } catch {
            if !connection.isOutsideTransaction() { try? connection.execute("ROLLBACK") }
            return operations.map { _ in .failed(.store(error.message)) }
        }
    }

    private func reply(to operation: StateOperation) -> StateReply {
        switch operation {
        case .get(let keys): items(keys)
        case .writeEach(let writes): .writes(writes.map(write))
        case .transact(let writes): transact(writes)
        }
    }

    private func items(_ keys: [String]) -> StateReply {
        var items: [StateItem?] = []
        for key in keys {
            var item: StateItem?
            do {
                try select.run([.text(key)]) { row in
                    let stored = row.bytes(0) ?? []
                    let value = row.integer(3) != 0 ? Base64.decode(stored) ?? stored : stored
                    item = StateItem(
                        value: value, etag: row.text(1) ?? "", expiresAt: row.text(2).map(Self.rfc3339))
                }
            } catch {
                return .failed(.store(error.message))
            }
            items.append(item)
        }
        return .items(items)
    }

    /// `2026-11-21 10:15:30`, which SQLite keeps in UTC, as RFC 3339.
    private static func rfc3339(_ text: String) -> String {
        CalendarTime(rfc3339: text + "Z")?.rfc3339 ?? text
    }

    /// One statement, so SQLite undoes a failed one by itself: no savepoint needed.
    private func write(_ write: StateWrite) -> StateFailure? {
        do {
            switch write.change {
            case .save(let value, let timeToLiveSeconds):
                let limit = timeToLiveSeconds.map { SQLiteStatement.Parameter.integer(Int64($0)) } ?? .null
                let row: [SQLiteStatement.Parameter] = [
                    .text(write.key), .bytes(value), .text(RandomUUID.string()), limit,
                ]
                if let etag = write.expectedETag {
                    try update.run(row + [.text(etag)])
                } else if write.isFirstWrite {
                    try insert.run(row)
                } else {
                    try upsert.run(row)
                    return nil
                }
            case .delete:
                guard let etag = write.expectedETag else {
                    try remove.run([.text(write.key)])
                    return nil
                }
                try removeVersion.run([.text(write.key), .text(etag)])
            }
            return connection.changedRows() == 0 ? .etagMismatch : nil
        } catch {
            return .store(error.message)
        }
    }

    private func transact(_ writes: [StateWrite]) -> StateReply {
        do {
            try connection.execute("SAVEPOINT one")
            for item in writes {
                guard let failure = write(item) else { continue }
                try connection.execute("ROLLBACK TO one; RELEASE one")
                return .transaction(failure: failure)
            }
            try connection.execute("RELEASE one")
            return .transaction(failure: nil)
        } catch {
            return .failed(.store(error.message))
        }
    }

    private func cleanUpWhenDue() throws(SQLiteError) {
        guard let cleanupInterval, lastCleanup.duration(to: .now) >= cleanupInterval else { return }
        lastCleanup = .now
        try removeExpired.run([])
    }
}
