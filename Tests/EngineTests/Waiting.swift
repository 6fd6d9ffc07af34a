// Waiting.swift: how these tests wait: for a condition, with a deadline that a busy machine keeps too.

import Testing

/// A condition that did not come about.
struct NotInTime: Error, CustomStringConvertible {
    let what: String
    var description: String { "not in time: \(what)" }
}

/// Looks every 10 ms until `condition` holds.
///
/// - Throws: `NotInTime` after the limit, which is far beyond what anything here takes.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < end else { throw NotInTime(what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}
