// StatementJudge+Refusals.swift: what the server cannot prepare, with the word that it is about and what was meant.
//
// The title is the server's own sentence, in its language. Nothing is read out of it but the one hint that names a
// column; everything else goes by SQLSTATE, position and names.

internal import Diagnostics
internal import Language
internal import Postgres

/// What a refusal is about, by its SQLSTATE.
private enum RefusalKind {
    case unknownTable, unknownColumn, unknownOther, unknownType, syntax, other

    init(sqlstate: String) {
        switch sqlstate {
        case "42P01": self = .unknownTable
        case "42703": self = .unknownColumn
        // Functions and operators, types and other objects, schemas.
        case "42883", "42704", "3F000": self = .unknownOther
        case "42P18": self = .unknownType
        case "42601": self = .syntax
        default: self = .other
        }
    }

    var code: DiagnosticCode {
        switch self {
        case .unknownTable, .unknownColumn, .unknownOther: .sqlUnknownName
        case .unknownType, .syntax, .other: .sqlRefused
        }
    }

    /// - Parameter isQualified: `w.id`: what is not there may be either half.
    func label(_ database: String, isQualified: Bool) -> String {
        switch self {
        case .unknownTable: isQualified ? "not known here" : "no such table in `\(database)`"
        case .unknownColumn: "no such column in `\(database)`"
        case .unknownOther: "not in `\(database)`"
        case .syntax: "PostgreSQL stops here"
        case .unknownType, .other: "PostgreSQL refuses this"
        }
    }
}

/// What may have been meant.
private struct Proposal {
    var fix: Suggestion?
    var help: String?
}

extension StatementJudge {
    /// What can never run, whatever the database: `BEGIN` is not possible here: every statement …
    func impossible(_ reason: String) -> Diagnostic {
        let parts = reason.split(separator: ": ", maxSplits: 1).map(String.init)
        return Diagnostic(
            code: .sqlRefused, title: parts[0],
            primary: Label(places.firstWord?.range ?? statement.literal, parts.last ?? reason))
    }

    /// Nil where the deployment's own SQL will have created what is missing.
    func refusal(_ failure: PostgresFailure) -> Diagnostic? {
        let places = places
        let kind = RefusalKind(sqlstate: failure.sqlstate ?? "")
        let word = failure.position.flatMap { places.word(atCharacter: $0) }
        if kind == .unknownType, let parameter = parameter(in: failure.message) {
            return Diagnostic(
                code: kind.code, title: failure.message,
                primary: Label(parameter.range, "nothing here says of which type this is"),
                help: ["say it in the SQL: `${\(shown(parameter.range))}::text`"])
        }
        if kind == .unknownTable, let word, created.contains(word.lastText.lowercased()) { return nil }
        let beginning = places.firstWord?.range ?? statement.literal
        let proposal = word.flatMap { self.proposal(kind, $0, hint: failure.hint) } ?? Proposal(help: failure.hint)
        return Diagnostic(
            code: kind.code, title: failure.message,
            primary: Label(
                word?.range ?? (failure.position == nil ? beginning : places.end),
                kind.label(database.name, isQualified: word?.isQualified ?? false)),
            help: proposal.help.map { [$0] } ?? [], fix: proposal.fix)
    }

    private func proposal(_ kind: RefusalKind, _ word: StatementPlaces.Word, hint: String?) -> Proposal? {
        switch kind {
        case .unknownColumn:
            if let hint {
                return Self.onlyColumn(in: hint).flatMap { replacing(word, with: $0) }.map { .init(fix: $0) }
            }
            return column(word)
        case .unknownTable: return hint == nil && !word.isQualified ? table(word) : nil
        case .unknownType, .unknownOther, .syntax, .other: return nil
        }
    }

    private func table(_ word: StatementPlaces.Word) -> Proposal {
        let tables = (names?.columns ?? [:]).keys.sorted()
        guard !tables.isEmpty else { return Proposal(help: "it has no tables: has its migration run?") }
        let near = nearest(word.lastText, in: tables)
        if let fix = near.flatMap({ replacing(word, with: $0) }) { return Proposal(fix: fix) }
        return Proposal(help: "its tables are \(Self.list(tables))")
    }

    /// Among the columns of all tables that the statement names.
    private func column(_ word: StatementPlaces.Word) -> Proposal {
        let known = names?.columns ?? [:]
        let tables = statement.names.filter { known[$0] != nil }.sorted()
        let columns = tables.flatMap { known[$0] ?? [] }
        let near = nearest(word.lastText, in: columns)
        if let fix = near.flatMap({ replacing(word, with: $0) }) { return Proposal(fix: fix) }
        guard tables.count == 1, !columns.isEmpty else { return Proposal() }
        return Proposal(help: "`\(tables[0])` has \(Self.list(columns))")
    }

    /// In the file, for the last part of the name, where it stands there letter for letter.
    private func replacing(_ word: StatementPlaces.Word, with name: String) -> Suggestion? {
        guard word.isReplaceable, Self.needsNoQuotes(name) else { return nil }
        return Suggestion(
            range: word.lastRange, replacement: name, text: "replace `\(word.lastText)` with `\(name)`")
    }

    /// The server says `$1` and no place.
    private func parameter(in message: String) -> CompiledStatement.Parameter? {
        guard let sign = message.firstIndex(of: "$") else { return nil }
        let digits = message[message.index(after: sign)...].prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), statement.parameters.indices.contains(number - 1) else { return nil }
        return statement.parameters[number - 1]
    }

    private func shown(_ range: SourceRange) -> String {
        String(decoding: sources[range.file].bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(5).map { "`\($0)`" }.joined(separator: ", ") + (names.count > 5 ? " …" : "")
    }

    /// `Perhaps you meant to reference the column "widgets.description".` has one quoted name.
    private static func onlyColumn(in hint: String) -> String? {
        let pieces = hint.split(separator: "\"", omittingEmptySubsequences: false)
        guard pieces.count == 3, hint.hasPrefix("Perhaps you meant") else { return nil }
        return pieces[1].split(separator: ".").last.map(String.init)
    }

    /// Whether SQL reads it as it is written here.
    private static func needsNoQuotes(_ name: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        return name.utf8.first.map(isLetter) == true
            && name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
