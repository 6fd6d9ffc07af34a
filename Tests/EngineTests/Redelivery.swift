// Redelivery.swift: events that a broker delivers until they are taken, while something is killed three times.

import Synchronization
import Testing

/// How often something has happened, on any thread.
final class Tally: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
}

enum Redelivery {
    /// Six workers deliver forty events each, every fifth of them once more; gives how many were not taken at once.
    ///
    /// - Parameters:
    ///   - deliver: one delivery of the event of this id; whether it was taken.
    ///   - kill: what happens three times meanwhile.
    static func run(
        deliver: @escaping @Sendable (String) async throws -> Bool, kill: @escaping @Sendable () async throws -> Void
    ) async throws -> Int {
        let done = Tally()
        let again = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    for number in 0..<40 {
                        let id = "\(worker)-\(number)"
                        if try await !deliver(id) {
                            again.add()
                            try await eventually("event \(id) is taken") { try await deliver(id) }
                        }
                        if number % 5 == 0 { _ = try await deliver(id) }
                        done.add()
                    }
                }
            }
            group.addTask {
                for step in 1...3 {
                    try await eventually("events are done") { done.count > step * 50 }
                    try await kill()
                }
            }
            try await group.waitForAll()
        }
        return again.count
    }
}
