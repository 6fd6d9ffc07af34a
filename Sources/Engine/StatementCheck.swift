// StatementCheck.swift: asks the databases of a deployment about its SQL.
//
// Bounded: a database that does not answer in time was not asked, and that is told. Runs on one loop, which waits for
// nothing meanwhile. Neighbours: StatementQuestions.swift and StatementAnswers.swift (before and after),
// DatabaseCredentials.swift, Postgres/StatementInspection.

package import Dapr
internal import Language
internal import Postgres
package import Transport

package struct StatementCheck: Sendable {
    private let loop: EventLoop
    private let sidecar: SidecarClient
    private let environment: [String: String]
    private let overrides: [DatabaseOverride]

    init(loop: EventLoop, sidecar: SidecarClient, environment: [String: String], overrides: [DatabaseOverride] = []) {
        self.loop = loop
        self.sidecar = sidecar
        self.environment = environment
        self.overrides = overrides
    }

    /// Asks every database at the same time. On the loop.
    ///
    /// - Parameter limit: for all of it.
    package func ask(_ questions: StatementQuestions, within limit: Duration) async -> StatementAnswers {
        let deadline = loop.nowNanoseconds &+ UInt64(max(0, limit / .nanoseconds(1)))
        return await withTaskGroup(of: StatementAnswers.self) { group in
            for database in questions.databases {
                group.addTask(executorPreference: loop) {
                    switch await ask(database.resource, database.texts, deadline) {
                    case .success(let answers): StatementAnswers(answered: [(database, answers)])
                    case .failure(let refusal):
                        StatementAnswers(unasked: [
                            .init(
                                database: database.resource.name, reason: refusal.message,
                                range: database.resource.range)
                        ])
                    }
                }
            }
            return await group.reduce(into: StatementAnswers()) {
                $0.answered += $1.answered
                $0.unasked += $1.unasked
            }
        }
    }

    private func ask(
        _ database: CompiledResource, _ statements: [SQLStatement], _ deadline: UInt64
    ) async -> Result<StatementInspection.Answers, DatabaseCredentials.Refusal> {
        let target =
            overrides.conninfo(for: database.name).map { .text($0) }
            ?? ResourcePlan(database, environment: environment).target
        return await withCheckedContinuation { continuation in
            DatabaseCredentials.find(target, sidecar: sidecar, deadlineNanoseconds: deadline) { found in
                switch found {
                case .failure(let refusal): continuation.resume(returning: .failure(refusal))
                case .success(let place):
                    StatementInspection.begin(statements, at: place, on: loop, deadlineNanoseconds: deadline) {
                        continuation.resume(returning: $0.mapError { .init(message: $0.message) })
                    }
                }
            }
        }
    }
}

extension StatementCheck {
    /// One of its own, for a command.
    ///
    /// - Parameters:
    ///   - sidecar: where secrets are asked for.
    ///   - overrides: count instead of what the databases declare.
    package init(
        loop: EventLoop, sidecar: SidecarEndpoint, environment: [String: String], overrides: [DatabaseOverride]
    ) {
        self.init(
            loop: loop, sidecar: SidecarClient(client: HTTPClient(loop: loop, options: .standard), endpoint: sidecar),
            environment: environment, overrides: overrides)
    }
}
