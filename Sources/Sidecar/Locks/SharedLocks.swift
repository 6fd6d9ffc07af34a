// SharedLocks.swift: `lock.in-memory`: who has which lock, and until when; shared by the sidecars of one session.
//
// As Redis does for daprd: a lock is taken when it is free or has ended, by its own owner neither; only the owner gives
// it back. Neighbours: API/LockAPI.swift (asks).

internal import DaprContract
internal import Synchronization

/// SAFETY of sharing: everything is behind the mutex.
package final class SharedLocks: Sendable {
    private struct Held {
        let owner: String
        let endsAt: ContinuousClock.Instant
    }

    /// Locks held at once; a store that is full refuses with an error, not with "somebody has it".
    static let locksMax = 100_000

    private let held = Mutex<[String: Held]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    package init() { now = { .now } }
    init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

    enum Answer: Equatable {
        case taken, refused, full
    }

    func take(_ key: String, owner: String, seconds: Int) -> Answer {
        let now = now()
        return held.withLock { held in
            if let other = held[key], other.endsAt > now { return .refused }
            if held.count >= Self.locksMax { held = held.filter { $0.value.endsAt > now } }
            guard held.count < Self.locksMax else { return .full }
            held[key] = Held(owner: owner, endsAt: now + .seconds(seconds))
            return .taken
        }
    }

    func giveBack(_ key: String, owner: String) -> UnlockStatus {
        let now = now()
        return held.withLock { held in
            guard let lock = held[key], lock.endsAt > now else { return .lockDoesNotExist }
            guard lock.owner == owner else { return .lockBelongsToOthers }
            held[key] = nil
            return .success
        }
    }
}
