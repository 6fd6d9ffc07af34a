// SQLiteStore.swift: `state.sqlite`: a queue before the table, on a thread of its own, with group commit.
//
// Everything that queued while the last commit ran goes into the next one: under load hundreds of operations share
// one sync of the disk, alone an operation waits for nobody. An operation is answered only after its COMMIT.
// Neighbours: SQLiteTable.swift (carries a batch out).

internal import Synchronization
internal import Transport

/// SAFETY: `table` is touched by the store's own thread, after `init`; the rest is behind the mutex.
final class SQLiteStore: StateStore, @unchecked Sendable {
    private typealias Queued = (operation: StateOperation, completion: @Sendable (StateReply) -> Void)

    private struct Queue {
        var waiting: [Queued] = []
        var isDrainScheduled = false
        var isClosed = false
    }

    /// Operations in one commit: bounds how long the first of them waits.
    private static let batchMax = 512
    /// Operations that may wait; one more fails.
    static let queueMax = 100_000

    private let table: SQLiteTable
    private let queue = Mutex(Queue())
    private let thread: BackgroundThread

    init(_ settings: SQLiteSettings) throws(SQLiteStoreError) {
        do {
            table = try SQLiteTable(settings)
        } catch {
            throw .sqlite(error)
        }
        do {
            // At most one drain is queued at a time.
            thread = try BackgroundThread(name: "sidecar-sqlite", jobsMax: 4)
        } catch {
            throw .transport(error)
        }
    }

    func submit(_ operation: StateOperation, completion: @escaping @Sendable (StateReply) -> Void) {
        enum Admission { case schedule, scheduled, refused(String) }
        let admission = queue.withLock { queue -> Admission in
            guard !queue.isClosed else { return .refused("the store is closed") }
            guard queue.waiting.count < Self.queueMax else {
                return .refused("\(Self.queueMax) operations wait for the disk already")
            }
            queue.waiting.append((operation, completion))
            defer { queue.isDrainScheduled = true }
            return queue.isDrainScheduled ? .scheduled : .schedule
        }
        switch admission {
        case .schedule: scheduleDrain()
        case .scheduled: break
        case .refused(let reason): completion(.failed(.store(reason)))
        }
    }

    func close() {
        queue.withLock { $0.isClosed = true }
        thread.stop()
    }

    private func scheduleDrain() {
        do throws(BackgroundQueueFull) {
            try thread.submit { [self] in drain() }
        } catch {
            // Only a stopped thread refuses; whoever is still in the queue came too late.
            let late = queue.withLock { queue in
                defer { queue.waiting = [] }
                return queue.waiting
            }
            for queued in late { queued.completion(.failed(.store("the store is closed"))) }
        }
    }

    private func drain() {
        while true {
            let batch = queue.withLock { queue -> [Queued] in
                let batch = Array(queue.waiting.prefix(Self.batchMax))
                queue.waiting.removeFirst(batch.count)
                if batch.isEmpty { queue.isDrainScheduled = false }
                return batch
            }
            guard !batch.isEmpty else { return }
            for (reply, queued) in zip(table.perform(batch.map(\.operation)), batch) {
                queued.completion(reply)
            }
        }
    }
}

enum SQLiteStoreError: Error {
    case sqlite(SQLiteError)
    case transport(TransportError)

    var reason: String {
        switch self {
        case .sqlite(let error): error.message
        case .transport(let error): error.description
        }
    }
}
