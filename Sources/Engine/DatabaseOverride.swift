// DatabaseOverride.swift: another place for a database than the one that its resource declares.
//
// Neighbours: StatementCheck.swift (asks there instead).

internal import Postgres

/// `inventory=postgresql://…` for the database of that name, or a URL or conninfo alone for every one.
package struct DatabaseOverride: Sendable {
    /// Nil: every database.
    package let name: String?
    let conninfo: String

    /// What libpq can read as a whole is no name: `host=/tmp dbname=x`.
    package init(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        if parts.count == 2, (try? ConnectionTarget(conninfo: text)) == nil {
            name = parts[0]
            conninfo = parts[1]
        } else {
            name = nil
            conninfo = text
        }
    }
}

extension [DatabaseOverride] {
    /// The one for a database; one by name goes before one for all, a later one before an earlier.
    func conninfo(for database: String) -> String? {
        (last { $0.name == database } ?? last { $0.name == nil })?.conninfo
    }
}
