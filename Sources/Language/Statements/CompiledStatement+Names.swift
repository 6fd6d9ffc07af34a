// CompiledStatement+Names.swift: which names a statement speaks of.
//
// Read off its words, without knowing the grammar of SQL: good enough to suggest, and to keep silent.

extension CompiledStatement {
    /// Every name in it, as SQL reads it: in lower case, or what stands between its quotes.
    package var names: Set<String> {
        let text = Array(text.utf8)
        return Set(SQLToken.all(in: text).filter(\.isName).map { $0.name(in: text) })
    }

    private static let wordsBeforeTable: Set<String> = [
        "or", "replace", "global", "local", "temp", "temporary", "unlogged", "recursive", "materialized", "foreign",
        "table", "view",
    ]

    /// The table or view that it creates: `later` of `CREATE TEMP TABLE IF NOT EXISTS later (…)`.
    package var createdTable: String? {
        let text = Array(text.utf8)
        var words = SQLToken.all(in: text)[...]
        guard words.popFirst()?.name(in: text) == "create" else { return nil }
        var isTable = false
        while !isTable, let word = words.popFirst(), word.isName {
            let name = word.name(in: text)
            guard Self.wordsBeforeTable.contains(name) else { return nil }
            isTable = name == "table" || name == "view"
        }
        guard isTable else { return nil }
        if words.first?.name(in: text) == "if" { words = words.dropFirst(3) }
        guard var last = words.popFirst(), last.isName else { return nil }
        while words.count > 1, words[words.startIndex].kind == .dot, words[words.startIndex + 1].isName {
            last = words[words.startIndex + 1]
            words = words.dropFirst(2)
        }
        return last.name(in: text)
    }
}

extension SQLToken {
    /// As SQL reads it.
    func name(in text: [UInt8]) -> String {
        kind == .quotedName
            ? String(decoding: text[bytes].dropFirst().dropLast(), as: UTF8.self)
            : String(decoding: text[bytes].map(\.foldedAsSQL), as: UTF8.self)
    }
}
