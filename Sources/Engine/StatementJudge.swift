// StatementJudge.swift: a database's answer about one statement becomes diagnostics, placed in the `.bay` file.
//
// Errors are what would fail each time that it runs; what runs, but not as it was meant, is a warning.
// Neighbours: StatementCheck.swift (asks), StatementJudge+Refusals.swift (what the server refuses), Language/Statements
// (places), Postgres/ParameterFit (what goes where).

internal import Diagnostics
internal import Language
internal import Machine
internal import Postgres

struct StatementJudge {
    let statement: CompiledStatement
    let database: CompiledResource
    let sources: SourceMap
    /// What the database has; nil where it was not asked.
    let names: SchemaNames?
    /// Tables that the deployment's own SQL creates.
    let created: Set<String>

    init(_ statement: CompiledStatement, in compiled: CompiledDeployment, names: SchemaNames?, created: Set<String>) {
        self.statement = statement
        database = compiled.resources[Int(statement.resource.rawValue)]
        sources = compiled.sources
        self.names = names
        self.created = created
    }

    func diagnostics(of answer: StatementInspection.Answer) -> [Diagnostic] {
        switch answer {
        case .failure(let failure): refusal(failure).map { [$0] } ?? []
        case .success(let description): parameters(description) + result(description)
        }
    }

    var places: StatementPlaces { StatementPlaces(statement, in: sources) }

    // MARK: what it wants

    private func parameters(_ description: StatementDescription) -> [Diagnostic] {
        zip(statement.parameters, description.parameterTypes).compactMap { parameter, type in
            Self.misfit(parameter.value, type).map { given in
                let wanted = type.name ?? "another type"
                return Diagnostic(
                    code: .sqlParameterMisfit, title: "\(given.text) can never go into `\(wanted)`",
                    primary: Label(parameter.range, "`\(database.name)` wants `\(wanted)` here"),
                    help: given.help.map { [$0] } ?? [])
            }
        }
    }

    /// What is given, as people say it, where no such value goes into the type.
    static func misfit(_ value: KnownValue, _ type: ColumnType) -> (text: String, help: String?)? {
        switch value {
        case .anything: return nil
        case .kind(let kind):
            if type.takes(kind) { return nil }
            let article = kind == .int || kind == .object ? "an" : "a"
            return ("\(article) \(kind.name)", kind == .object ? "objects go into jsonb" : nil)
        case .list(let item):
            guard type.takes(.list) else { return ("a list", "lists go into arrays and into jsonb: `= ANY (${list})`") }
            return type.element.flatMap { misfit(item, $0) }.map { ("a list of \($0.text)", $0.help) }
        case .oneOf(let constants):
            if constants.isEmpty || constants.contains(where: { type.takes($0) }) { return nil }
            return (constants.map { "`\($0.text)`" }.joined(separator: " or "), nil)
        }
    }

    // MARK: what it gives

    private func result(_ description: StatementDescription) -> [Diagnostic] {
        guard statement.kind != .sqlExecute else { return [] }
        guard !description.columns.isEmpty else { return [noRows()] }
        return description.columns.compactMap { column in
            column.type.isNumeric ? numeric(column.name) : nil
        }
    }

    private func noRows() -> Diagnostic {
        let always = statement.kind == .sqlOne ? "null" : "an empty list"
        return Diagnostic(
            code: .sqlWithoutRows, title: "`\(statement.label)` of a statement that gives no rows",
            primary: Label(places.firstWord?.range ?? statement.literal, "its value is always \(always)"),
            help: ["end it with `RETURNING …`, or write `\(execName)` for the number of rows"])
    }

    private var execName: String {
        statement.label.split(separator: ".").dropLast().joined(separator: ".") + ".exec"
    }

    private func numeric(_ column: String) -> Diagnostic {
        let places = places
        let place = places.word(named: column)?.range ?? places.firstWord?.range ?? statement.literal
        return Diagnostic(
            code: .sqlNumericResult, title: "`\(column)` is numeric and comes back as a float",
            primary: Label(place, "digits beyond those of a float are lost"),
            help: ["cast it: `::text` keeps all digits, `::float8` says that a float will do"])
    }
}
