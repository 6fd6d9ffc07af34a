// Word.swift: the words that the grammar knows.
//
// Each is interned first and in this order, so a word's symbol is its raw value and telling a reserved word
// from a name is one comparison. Neighbours: SymbolTable.swift (interns them), Token.swift (kinds).

enum Word: UInt32, CaseIterable {
    // Reserved (language.md section 3); the order is the one of the kinds in `TokenKind`.
    case all, and, any, `as`, `break`, `catch`, `continue`, drop, `else`, exists, fail, `false`, fn, `for`, `if`
    case `in`, keep, `let`, lock, match, not, null, or, otherwise, retry, `return`, together, transaction, `true`
    case update, `var`, `where`

    // Words only where they open a declaration, a rule or a target.
    case record, event, handler, database, store, topic, app, service, binding, settings, subscribe, on
    case get, post, put, patch, delete, serve, input, job, secret, env, like
    // Kept for later.
    case test, workflow

    static let reservedCount: UInt32 = Word.where.rawValue + 1

    var symbol: Symbol { Symbol(rawValue) }
    var text: String { Self.texts[Int(rawValue)] }
    /// The name of a case is found by reflection: once for each.
    private static let texts: [String] = allCases.map { "\($0)" }

    /// The words that may open a declaration, for messages.
    static let declarationWords: [String] = [
        "record", "event", "let", "fn", "handler", "database", "store", "topic", "app", "service", "binding",
        "settings", "lock", "subscribe", "get", "post", "put", "patch", "delete", "serve", "input", "job",
    ]
}
