// RememberedEvents.swift: which events are done or under way on this loop, for `dedupe`.
//
// Bounded: beyond `rememberedEventsPerLoopMax` the oldest is forgotten before its time, and counted; its duplicate
// would run again, which at least once allows. Neighbours: Admission.swift (asks), DeliveryPolicies.swift (the keys).

internal import Machine

struct RememberedEvents {
    /// What is known of an event at a rule.
    enum Claim {
        /// Nothing: whoever asked has it now, and says by `settle` how it ended.
        case granted
        case done(OutcomeKind)
        /// Another delivery is at it.
        case underWay
    }

    private struct Memory {
        let outcome: OutcomeKind
        let expiresNanoseconds: UInt64
    }

    private let max: Int
    private var done: [KeyDigest: Memory] = [:]
    /// In the order in which they were done; what was renewed stands in it twice.
    private var order: [(key: KeyDigest, expiresNanoseconds: UInt64)] = []
    private var head = 0
    private var underWay: [KeyDigest: [Admission]] = [:]
    /// Forgotten before their time, for want of room.
    private(set) var forgottenEarly: UInt64 = 0

    init(max: Int) { self.max = max }

    var count: Int { done.count }

    mutating func claim(_ key: KeyDigest, now: UInt64) -> Claim {
        if let memory = done[key] {
            if memory.expiresNanoseconds > now { return .done(memory.outcome) }
            done[key] = nil
        }
        if underWay[key] != nil { return .underWay }
        underWay[key] = []
        return .granted
    }

    /// Told by `settle` when the delivery that is at it has ended.
    mutating func wait(_ admission: Admission, for key: KeyDigest) { underWay[key]?.append(admission) }

    mutating func stopWaiting(_ admission: Admission, for key: KeyDigest) {
        underWay[key]?.removeAll { $0 === admission }
    }

    /// Ends a claim; remembers what is told SUCCESS or DROP.
    ///
    /// - Returns: who waited for it.
    mutating func settle(_ key: KeyDigest, _ outcome: OutcomeKind, until expires: UInt64, now: UInt64) -> [Admission] {
        if outcome.told != .retry { remember(key, Memory(outcome: outcome, expiresNanoseconds: expires), now) }
        return underWay.removeValue(forKey: key) ?? []
    }

    private mutating func remember(_ key: KeyDigest, _ memory: Memory, _ now: UInt64) {
        done[key] = memory
        order.append((key, memory.expiresNanoseconds))
        while head < order.count, done.count > max || order[head].expiresNanoseconds <= now {
            let oldest = order[head]
            head += 1
            guard done[oldest.key]?.expiresNanoseconds == oldest.expiresNanoseconds else { continue }
            done[oldest.key] = nil
            if oldest.expiresNanoseconds > now { forgottenEarly += 1 }
        }
        // Amortised: each entry is moved at most once.
        if head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
