// MemoryStore.swift: `state.in-memory`: a dictionary that behaves as the other stores do, and ends with the sidecar.

internal import Synchronization

/// SAFETY of sharing: everything is behind the mutex.
final class MemoryStore: StateStore {
    private struct Stored {
        var value: [UInt8]
        var etag: String
        var expiresAt: CalendarTime?
    }

    private let items = Mutex<[String: Stored]>([:])
    private let now: @Sendable () -> CalendarTime

    init(now: @escaping @Sendable () -> CalendarTime = { .now() }) { self.now = now }

    func submit(_ operation: StateOperation, completion: @escaping @Sendable (StateReply) -> Void) {
        let now = now()
        let reply = items.withLock { items -> StateReply in
            switch operation {
            case .get(let keys):
                return .items(
                    keys.map { key in
                        Self.alive(items[key], at: now).map {
                            StateItem(value: $0.value, etag: $0.etag, expiresAt: $0.expiresAt?.rfc3339)
                        }
                    })
            case .writeEach(let writes):
                return .writes(writes.map { Self.apply($0, to: &items, at: now) })
            case .transact(let writes):
                var copy = items
                for write in writes {
                    if let failure = Self.apply(write, to: &copy, at: now) {
                        return .transaction(failure: failure)
                    }
                }
                items = copy
                return .transaction(failure: nil)
            }
        }
        completion(reply)
    }

    func close() {}

    private static func alive(_ stored: Stored?, at now: CalendarTime) -> Stored? {
        guard let stored, stored.expiresAt.map({ $0 > now }) ?? true else { return nil }
        return stored
    }

    private static func apply(
        _ write: StateWrite, to items: inout [String: Stored], at now: CalendarTime
    ) -> StateFailure? {
        let present = alive(items[write.key], at: now)
        if let expected = write.expectedETag, present?.etag != expected { return .etagMismatch }
        switch write.change {
        case .save(let value, let timeToLiveSeconds):
            if write.isFirstWrite, write.expectedETag == nil, present != nil { return .etagMismatch }
            items[write.key] = Stored(
                value: value, etag: RandomUUID.string(),
                expiresAt: timeToLiveSeconds.map { now.adding(seconds: Int64($0)) })
        case .delete:
            items[write.key] = nil
        }
        return nil
    }
}
