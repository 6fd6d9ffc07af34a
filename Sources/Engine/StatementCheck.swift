// StatementCheck.swift: asks the databases of a deployment about all of its SQL, and says what they say.
//
// Bounded: a database that does not answer in time was not asked, and that is told. Runs on one loop, which waits for
// nothing meanwhile. Neighbours: StatementJudge.swift (an answer becomes diagnostics), Postgres/StatementInspection.

package import Dapr
package import Diagnostics
package import Language
internal import Machine
internal import Postgres
package import Transport

/// What the databases said.
package struct StatementFindings: Sendable {
    /// One statement that there is something to say about.
    struct Finding: Sendable {
        let statement: CompiledStatement
        let diagnostics: [Diagnostic]
    }

    /// A database that could not be asked.
    package struct Unasked: Sendable {
        package let database: String
        package let reason: String
        let range: SourceRange
    }

    var findings: [Finding] = []
    package var unasked: [Unasked] = []

    var errorCount: Int { diagnostics.count { $0.severity == .error } }

    /// In the order of their places.
    package var diagnostics: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return findings.flatMap(\.diagnostics).filter { seen.insert($0).inserted }.sorted(by: Diagnostic.isBefore)
    }
}

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

    /// Asks about every statement that the routes reach. On the loop.
    ///
    /// - Parameter limit: for all of it; databases are asked at the same time.
    package func run(_ compiled: CompiledDeployment, within limit: Duration) async -> StatementFindings {
        await run(compiled.statements, of: compiled, within: limit)
    }

    /// Asks about some of a deployment's statements, those aside that can never run anyway.
    func run(
        _ statements: [CompiledStatement], of compiled: CompiledDeployment, within limit: Duration
    ) async -> StatementFindings {
        let possible = statements.lazy.filter { SQLStatement($0.text).refusal == nil }
        let statements = Dictionary(grouping: possible, by: \.resource)
        let deadline = loop.nowNanoseconds &+ UInt64(max(0, limit / .nanoseconds(1)))
        return await withTaskGroup(of: StatementFindings.self) { group in
            for (index, statements) in statements {
                let database = compiled.resources[Int(index.rawValue)]
                group.addTask(executorPreference: loop) {
                    await check(statements, against: database, in: compiled, deadline)
                }
            }
            return await group.reduce(into: StatementFindings()) {
                $0.findings += $1.findings
                $0.unasked += $1.unasked
            }
        }
    }

    /// What can never run, on no database. Pure.
    package static func refusals(in compiled: CompiledDeployment) -> [Diagnostic] {
        compiled.statements.compactMap { statement in
            SQLStatement(statement.text).refusal.map {
                StatementJudge(statement, in: compiled, names: nil, created: []).impossible($0)
            }
        }
    }

    private func check(
        _ statements: [CompiledStatement], against database: CompiledResource, in compiled: CompiledDeployment,
        _ deadline: UInt64
    ) async -> StatementFindings {
        // Handlers often share a text; it is asked about once.
        var numbers: [SQLStatement: Int] = [:]
        var distinct: [SQLStatement] = []
        let places = statements.map { statement in
            let text = SQLStatement(statement.text)
            if let known = numbers[text] { return known }
            numbers[text] = distinct.count
            distinct.append(text)
            return distinct.count - 1
        }
        var findings = StatementFindings()
        switch await ask(database, distinct, deadline) {
        case .failure(let refusal):
            findings.unasked = [.init(database: database.name, reason: refusal.message, range: database.range)]
        case .success(let answers):
            let created = Set(
                compiled.statements.lazy.filter { $0.resource == statements.first?.resource }.compactMap(\.createdTable)
            )
            for (statement, place) in zip(statements, places) {
                let judge = StatementJudge(statement, in: compiled, names: answers.names, created: created)
                let diagnostics = judge.diagnostics(of: answers.each[place])
                if !diagnostics.isEmpty {
                    findings.findings.append(.init(statement: statement, diagnostics: diagnostics))
                }
            }
        }
        return findings
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

extension Diagnostic {
    /// - Parameter help: how the database can be reached.
    package static func databaseNotAsked(_ unasked: StatementFindings.Unasked, help: [String]) -> Diagnostic {
        Diagnostic(
            code: .databaseNotAsked, title: "the database `\(unasked.database)` could not be asked about its SQL",
            primary: Label(unasked.range, unasked.reason), help: help)
    }
}
