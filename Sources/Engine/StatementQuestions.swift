// StatementQuestions.swift: what the databases of a deployment are to be asked about its SQL.
//
// Pure, and made where it may take its time: a deployment may have tens of thousands of statements.
// Neighbours: StatementCheck.swift (asks), StatementAnswers.swift (what comes of it).

package import Language
internal import Machine
internal import Postgres

package struct StatementQuestions: Sendable {
    /// One database and all that is asked of it.
    struct Database: Sendable {
        let resource: CompiledResource
        /// Each text once: handlers often share one.
        var texts: [SQLStatement] = []
        /// Every statement, with the place of its text in `texts`.
        var statements: [(statement: CompiledStatement, text: Int)] = []
    }

    private(set) var databases: [Database] = []

    /// About every statement that the routes reach.
    package init(about compiled: CompiledDeployment) { self.init(compiled.statements, of: compiled) }

    /// About some of them. Those that can never run (`StatementAnswers.impossible`) are left out.
    init(_ statements: [CompiledStatement], of compiled: CompiledDeployment) {
        var places: [ResourceIndex: Int] = [:]
        var numbers: [[SQLStatement: Int]] = []
        for statement in statements {
            let text = SQLStatement(statement.text)
            guard text.refusal == nil else { continue }
            let place: Int
            if let known = places[statement.resource] {
                place = known
            } else {
                place = databases.count
                places[statement.resource] = place
                databases.append(Database(resource: compiled.resources[Int(statement.resource.rawValue)]))
                numbers.append([:])
            }
            let number = numbers[place][text] ?? databases[place].texts.count
            if number == databases[place].texts.count {
                numbers[place][text] = number
                databases[place].texts.append(text)
            }
            databases[place].statements.append((statement, number))
        }
    }

    package var isEmpty: Bool { databases.isEmpty }
}
