// Outcomes.swift: how an event's delivery can end, and the counters that say how often it did.
//
// Law 6: every event ends as one counted outcome. Counters are per loop and summed when someone asks.

package import Machine

/// The one counted end of a delivery.
package enum OutcomeKind: Int, CaseIterable, Sendable {
    /// The handler ended, its effects are done.
    case success
    /// `retry`, or a failure whose class is told RETRY.
    case retry
    /// `drop`, or a failure whose class is told DROP.
    case drop
    /// The envelope or the data does not fit: DROP.
    case invalid
    /// No rule took it: SUCCESS, but never silent.
    case unmatched
    /// The topic is no longer subscribed here: RETRY.
    case unsubscribed
    /// A bug in the script: RETRY.
    case fault
    /// Out of fuel, memory or time: RETRY.
    case exhausted
    /// A job that is still at work was rung again, and its trigger says so: SUCCESS.
    case skipped
    /// Too many runs in flight, or no room before the delivery's time ended: RETRY.
    case overloaded

    /// What the sidecar is told.
    package var told: EventOutcome {
        switch self {
        case .success, .unmatched, .skipped: .success
        case .drop, .invalid: .drop
        case .retry, .unsubscribed, .fault, .exhausted, .overloaded: .retry
        }
    }

    /// RETRY over DROP over SUCCESS: the worst of several rules' outcomes is the delivery's.
    package var severity: Int {
        switch told {
        case .success: 0
        case .drop: 1
        case .retry: 2
        }
    }

    package var name: String { "\(self)" }
}

/// How often each outcome was reached on one loop, and what else is worth counting.
package struct LoopCounters: Sendable {
    private var outcomes = [UInt64](repeating: 0, count: OutcomeKind.allCases.count)
    private var refusals = [UInt64](repeating: 0, count: RefusalReason.allCases.count)
    /// In-engine repetitions of a run.
    package var repetitions: UInt64 = 0
    /// Replies that came for a run that had ended.
    package var lateReplies: UInt64 = 0
    /// Requests answered on the public port.
    package var requests: UInt64 = 0
    /// Runs in flight now.
    package var runsInFlight: Int = 0
    /// Deliveries that wait for their turn, for room or for another of the same event, now.
    package var waiting = 0
    /// Deliveries that went to the loop that owns their key.
    package var handedOver: UInt64 = 0
    /// Rules that did not run because the event had been there before.
    package var duplicates: UInt64 = 0
    /// Writings that `once` passed by, because they had been done for the event before.
    package var passedBy: UInt64 = 0
    /// Events that a `transaction` published and the broker has.
    package var relayed: UInt64 = 0
    /// Events that `dedupe` remembers now.
    package var remembered = 0
    /// Events that it forgot before their time, for want of room.
    package var forgottenEarly: UInt64 = 0

    package init() {}

    package subscript(kind: OutcomeKind) -> UInt64 { outcomes[kind.rawValue] }
    package mutating func count(_ kind: OutcomeKind) { outcomes[kind.rawValue] += 1 }

    /// Requests that did not get to an endpoint with `auth`.
    package subscript(reason: RefusalReason) -> UInt64 { refusals[reason.rawValue] }
    package mutating func count(_ reason: RefusalReason) { refusals[reason.rawValue] += 1 }

    package mutating func add(_ other: LoopCounters) {
        for index in outcomes.indices { outcomes[index] += other.outcomes[index] }
        for index in refusals.indices { refusals[index] += other.refusals[index] }
        repetitions += other.repetitions
        lateReplies += other.lateReplies
        requests += other.requests
        runsInFlight += other.runsInFlight
        waiting += other.waiting
        handedOver += other.handedOver
        duplicates += other.duplicates
        passedBy += other.passedBy
        relayed += other.relayed
        remembered += other.remembered
        forgottenEarly += other.forgottenEarly
    }
}
