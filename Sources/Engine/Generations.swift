// Generations.swift: which deployment is the newest, and what became of the ones before.
//
// A loop reads one atomic number a turn and takes the reference only when it changed (2.7 ns; a mutex costs 34).
// Neighbours: DeploymentLoader.swift (adds), EngineLoop.swift (adopts), Admin.swift (shows).

internal import Synchronization

/// What `/generations` tells of one attempt to load.
package struct GenerationRecord: Sendable {
    package enum State: String, Sendable {
        case live, retired, rejected
    }
    /// Number of the generation; a rejected attempt has the number that it would have had.
    package let number: UInt64
    package internal(set) var state: State
    /// RFC 3339.
    package let loadedAt: String
    package let files: Int
    package let rules: Int
    package let endpoints: Int
    /// What the check said, as people read it on standard error; empty when clean.
    package internal(set) var report: String
    /// The same as JSON, one object a line.
    package internal(set) var diagnosticsJSON: String
    package let loadMicroseconds: UInt64
}

final class Generations: Sendable {
    private struct State {
        var newest: Deployment?
        var records: [GenerationRecord] = []
    }

    private let newestNumber = Atomic<UInt64>(0)
    private let state = Mutex(State())
    private let kept: Int

    /// - Parameter kept: how many records are remembered.
    init(kept: Int) { self.kept = kept }

    /// The number of the newest live deployment; 0 before the first.
    var number: UInt64 { newestNumber.load(ordering: .acquiring) }

    var newest: Deployment? { state.withLock { $0.newest } }

    var records: [GenerationRecord] { state.withLock { $0.records } }

    /// Makes a deployment the newest. Numbers only grow.
    func publish(_ deployment: Deployment, record: GenerationRecord) {
        state.withLock { state in
            precondition(deployment.number > (state.newest?.number ?? 0), "generations only move forward")
            for index in state.records.indices where state.records[index].state == .live {
                state.records[index].state = .retired
            }
            state.newest = deployment
            remember(record, in: &state)
        }
        newestNumber.store(deployment.number, ordering: .releasing)
    }

    /// Remembers an attempt that changed nothing.
    func reject(_ record: GenerationRecord) {
        state.withLock { remember(record, in: &$0) }
    }

    /// More was found out about a generation that is live: it is told after what was said before.
    func append(report: String, diagnosticsJSON: String, toGeneration number: UInt64) {
        state.withLock { state in
            guard let index = state.records.firstIndex(where: { $0.number == number && $0.state != .rejected }) else {
                return
            }
            state.records[index].report += (state.records[index].report.isEmpty ? "" : "\n") + report
            state.records[index].diagnosticsJSON += diagnosticsJSON
        }
    }

    private func remember(_ record: GenerationRecord, in state: inout State) {
        state.records.append(record)
        while state.records.count > kept, let oldest = state.records.firstIndex(where: { $0.state != .live }) {
            state.records.remove(at: oldest)
        }
    }
}
