// StatementAnswers.swift: what the databases said about a deployment's SQL, and what of it is worth a message.
//
// Pure, for the background thread: placing a message takes its time. Neighbours: StatementCheck.swift (brings the
// answers), StatementJudge.swift (one answer becomes diagnostics).

package import Diagnostics
package import Language
internal import Machine
internal import Postgres

package struct StatementAnswers: Sendable {
    /// A database that could not be asked.
    package struct Unasked: Sendable {
        package let database: String
        package let reason: String
        let range: SourceRange
    }

    var answered: [(database: StatementQuestions.Database, answers: StatementInspection.Answers)] = []
    package var unasked: [Unasked] = []

    /// In the order of their places; of a file at most as many errors and as many warnings as the compiler shows.
    package func diagnostics(in compiled: CompiledDeployment) -> [Diagnostic] {
        var kept = KeptDiagnostics()
        for (database, answers) in answered {
            let created = createdTables(in: database, answers, compiled)
            for (statement, text) in database.statements.sorted(by: { $0.statement.isBefore($1.statement) }) {
                let answer = answers.each[text]
                if case .failure = answer, kept.isFull(of: .error, in: statement.literal.file) { continue }
                let judge = StatementJudge(statement, in: compiled, names: answers.names, created: created)
                for diagnostic in judge.diagnostics(of: answer) { kept.add(diagnostic) }
            }
        }
        return kept.diagnostics.sorted(by: Diagnostic.isBefore)
    }

    /// Read off the deployment's text only where a table is missing.
    private func createdTables(
        in database: StatementQuestions.Database, _ answers: StatementInspection.Answers, _ compiled: CompiledDeployment
    ) -> Set<String> {
        let isAnyMissing = answers.each.contains { answer in
            if case .failure(let failure) = answer { failure.sqlstate == "42P01" } else { false }
        }
        guard isAnyMissing, let resource = database.statements.first?.statement.resource else { return [] }
        return Set(compiled.statements.lazy.filter { $0.resource == resource }.compactMap(\.createdTable))
    }

    /// What can never run, on no database.
    package static func impossible(in compiled: CompiledDeployment) -> [Diagnostic] {
        compiled.statements.compactMap { statement in
            SQLStatement(statement.text).refusal.map {
                StatementJudge(statement, in: compiled, names: nil, created: []).impossible($0)
            }
        }
    }
}

/// Each once, and not more of a file than anybody reads.
private struct KeptDiagnostics {
    private struct Count: Hashable {
        let file: SourceFileID
        let severity: Severity
    }
    private(set) var diagnostics: Set<Diagnostic> = []
    private var counts: [Count: Int] = [:]

    func isFull(of severity: Severity, in file: SourceFileID) -> Bool {
        counts[Count(file: file, severity: severity), default: 0] >= Compiler.diagnosticsPerFileMax
    }

    mutating func add(_ diagnostic: Diagnostic) {
        guard let file = diagnostic.primary?.range.file, !isFull(of: diagnostic.severity, in: file),
            diagnostics.insert(diagnostic).inserted
        else { return }
        counts[Count(file: file, severity: diagnostic.severity), default: 0] += 1
    }
}

extension CompiledStatement {
    func isBefore(_ other: CompiledStatement) -> Bool {
        literal.file == other.literal.file
            ? literal.start < other.literal.start : literal.file < other.literal.file
    }
}

extension Diagnostic {
    /// - Parameter help: how the database can be reached.
    package static func databaseNotAsked(_ unasked: StatementAnswers.Unasked, help: [String]) -> Diagnostic {
        Diagnostic(
            code: .databaseNotAsked, title: "the database `\(unasked.database)` could not be asked about its SQL",
            primary: Label(unasked.range, unasked.reason), help: help)
    }
}
