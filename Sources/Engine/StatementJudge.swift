// StatementJudge.swift: a database's answer about one statement becomes diagnostics, placed in the `.bay` file.
//
// Errors are what would fail each time that it runs; what runs, but not as it was meant, is a warning.
// Neighbours: StatementCheck.swift (asks), Language/Statements (places), Postgres/ParameterFit (what goes where).

internal import Diagnostics
internal import Language
internal import Machine
internal import Postgres

struct StatementJudge {
    let statement: CompiledStatement
    let database: CompiledResource
    let sources: SourceMap

    func diagnostics(of answer: StatementInspection.Answer) -> [Diagnostic] {
        switch answer {
        case .failure(let failure): [refusal(failure)]
        case .success(let description): parameters(description) + result(description)
        }
    }

    private var places: StatementPlaces { StatementPlaces(statement, in: sources) }

    // MARK: what the server refuses

    private func refusal(_ failure: PostgresFailure) -> Diagnostic {
        guard failure.sqlstate != nil else { return impossible(failure.message) }
        let places = places
        let kind = RefusalKind(sqlstate: failure.sqlstate ?? "")
        let word = failure.position.flatMap { places.word(atCharacter: $0) }
        let beginning = places.firstWord?.range ?? statement.literal
        let place = word?.range ?? (failure.position == nil ? beginning : places.end)
        let fix = word.flatMap { replacement(of: $0, hint: failure.hint) }
        return Diagnostic(
            code: kind.code, title: failure.message, primary: Label(place, kind.label(database.name)),
            help: fix == nil ? failure.hint.map { [$0] } ?? [] : [], fix: fix)
    }

    /// Refused before it was sent: `BEGIN` is not possible here: every statement …
    private func impossible(_ reason: String) -> Diagnostic {
        let parts = reason.split(separator: ": ", maxSplits: 1).map(String.init)
        return Diagnostic(
            code: .sqlRefused, title: parts[0],
            primary: Label(places.firstWord?.range ?? statement.literal, parts.last ?? reason))
    }

    /// The server's hint names one column that is near: it goes in place of the last part of the name.
    private func replacement(of word: StatementPlaces.Word, hint: String?) -> Suggestion? {
        guard word.isReplaceable, let hint, let name = Self.onlyColumn(in: hint), Self.needsNoQuotes(name) else {
            return nil
        }
        return Suggestion(
            range: word.lastRange, replacement: name, text: "replace `\(word.lastText)` with `\(name)`")
    }

    /// `Perhaps you meant to reference the column "widgets.description".` has one quoted name.
    static func onlyColumn(in hint: String) -> String? {
        let pieces = hint.split(separator: "\"", omittingEmptySubsequences: false)
        guard pieces.count == 3, hint.hasPrefix("Perhaps you meant") else { return nil }
        return pieces[1].split(separator: ".").last.map(String.init)
    }

    static func needsNoQuotes(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

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

/// What a refusal is about, by its SQLSTATE.
private enum RefusalKind {
    case unknownTable, unknownColumn, unknownOther, syntax, other

    init(sqlstate: String) {
        switch sqlstate {
        case "42P01": self = .unknownTable
        case "42703": self = .unknownColumn
        // Functions and operators, types and other objects, schemas.
        case "42883", "42704", "3F000": self = .unknownOther
        case "42601": self = .syntax
        default: self = .other
        }
    }

    var code: DiagnosticCode {
        switch self {
        case .unknownTable, .unknownColumn, .unknownOther: .sqlUnknownName
        case .syntax, .other: .sqlRefused
        }
    }

    func label(_ database: String) -> String {
        switch self {
        case .unknownTable: "no such table in `\(database)`"
        case .unknownColumn: "no such column in `\(database)`"
        case .unknownOther: "not in `\(database)`"
        case .syntax: "PostgreSQL stops here"
        case .other: "PostgreSQL refuses this"
        }
    }
}
