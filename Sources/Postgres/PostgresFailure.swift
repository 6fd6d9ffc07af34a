// PostgresFailure.swift: why a statement failed, in the words of the house.
//
// One table turns SQLSTATE codes into failure classes (language.md section 7); everything else derives from it.
// Neighbours: Connection (server errors, lost connections), Pool (deadlines, full queues), Engine (gives it to Bay).

package import Machine

/// A statement that did not do what it was asked.
package struct PostgresFailure: Error, Sendable, Equatable {
    /// What the script catches: `e.class`.
    package let failureClass: FailureClass
    /// One line for people; the server's own words where it spoke.
    package let message: String
    /// Five characters, when the server gave them: `23505`.
    package let sqlstate: String?
    /// The violated constraint's name, when there is one.
    package let constraint: String?
    /// The column it is about, when the server names one.
    package let column: String?
    /// Where in the statement's text, in characters from 1, when the server points at a place.
    package let position: Int?
    /// What the server suggests.
    package let hint: String?
    /// False: the statement certainly changed nothing. True: nobody can tell, it may have run and committed.
    package let mayHaveRun: Bool

    package init(
        _ failureClass: FailureClass, _ message: String, sqlstate: String? = nil, constraint: String? = nil,
        column: String? = nil, position: Int? = nil, hint: String? = nil, mayHaveRun: Bool
    ) {
        self.failureClass = failureClass
        self.message = message
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.column = column
        self.position = position
        self.hint = hint
        self.mayHaveRun = mayHaveRun
    }
}

extension FailureClass {
    /// The class of a server error by its SQLSTATE; an unknown code is `internal`.
    ///
    /// Source: PostgreSQL 15, appendix A "Error Codes"; language.md section 7.
    package init(sqlstate: some StringProtocol) {
        switch sqlstate {
        case "23505", "40001", "40P01": self = .conflict
        case "57014": self = .timeout
        default: self = Self.bySQLStateClass[String(sqlstate.prefix(2))] ?? Self.byPrefix(sqlstate)
        }
    }

    /// Whole SQLSTATE classes. 53 is insufficient resources: too many connections, disk full, out of memory.
    private static let bySQLStateClass: [String: FailureClass] = [
        "08": .unavailable, "53": .unavailable, "22": .invalid, "23": .invalid,
    ]

    private static func byPrefix(_ sqlstate: some StringProtocol) -> FailureClass {
        sqlstate.hasPrefix("57P0") ? .unavailable : .internal
    }
}
