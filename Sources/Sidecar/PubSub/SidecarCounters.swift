// SidecarCounters.swift: what a sidecar counted since it started.

internal import Synchronization

/// A picture of the counters.
package struct SidecarCounters: Sendable, Equatable {
    /// Events accepted by the publish API of this sidecar.
    package var published: UInt64 = 0
    /// Events refused because a group's queue was full.
    package var publishRefused: UInt64 = 0
    /// Calls of the app with an event, each try counted.
    package var deliveryCalls: UInt64 = 0
    /// Events that the app took.
    package var acknowledged: UInt64 = 0
    /// Calls that failed and were, or are to be, tried again.
    package var retried: UInt64 = 0
    /// Events published to a dead-letter topic.
    package var deadLettered: UInt64 = 0
    /// Events that ended without the app's consent and without a dead-letter topic: gone.
    package var dropped: UInt64 = 0
    /// Of those that ended, the ones past their `expiration`.
    package var expired: UInt64 = 0
    /// Events being delivered right now.
    package var inFlight: Int = 0
    /// API requests, of any kind.
    package var requests: UInt64 = 0

    package init() {}
}

/// The counters, from any thread.
final class CounterBox: Sendable {
    private let counters = Mutex(SidecarCounters())

    var snapshot: SidecarCounters { counters.withLock { $0 } }

    func update(_ change: (inout SidecarCounters) -> Void) { counters.withLock { change(&$0) } }
}
