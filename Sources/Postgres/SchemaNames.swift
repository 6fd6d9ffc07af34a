// SchemaNames.swift: the tables of a database and their columns, for "did you mean".
//
// Asked for only when a statement names what is not there. The server itself suggests columns in expressions, but neither
// tables nor the columns of an INSERT or UPDATE. Neighbours: StatementInspection (asks).

internal import Machine

/// What an unqualified name can mean to this connection; catalogues left out.
package struct SchemaNames: Sendable, Equatable {
    /// Columns in their order, by table.
    package let columns: [String: [String]]

    static let none = SchemaNames(columns: [:])

    /// Beyond so many tables nobody is helped by a guess.
    private static let tablesMax = 2000

    static let question = SQLStatement(
        """
        SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid)
          AND c.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
        GROUP BY c.relname LIMIT \(tablesMax)
        """)

    /// From the answer to `question`; without one there is nothing to suggest.
    init(_ reply: PostgresReply) {
        let memory = OwnedArena()
        let arena = memory.arena
        guard case .success(let rows) = reply.value(in: arena) else {
            self = .none
            return
        }
        var columns: [String: [String]] = [:]
        for row in rows.items(in: arena) ?? [] {
            guard let name = row.field("name", in: arena).asString else { continue }
            columns[name] = (row.field("columns", in: arena).items(in: arena) ?? []).compactMap { $0.asString }
        }
        self.init(columns: columns)
    }

    private init(columns: [String: [String]]) { self.columns = columns }
}
