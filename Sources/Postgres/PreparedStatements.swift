// PreparedStatements.swift: the statements that one connection has prepared, the least recently used one going first.
//
// Parsed and planned once per connection and distinct text. Neighbours: Connection (sends what this decides).

/// One statement as the server of this connection knows it.
final class PreparedStatement {
    enum Phase {
        /// Its description is on the way; these requests wait for it.
        case describing(waiting: [StatementRequest])
        case ready(StatementDescription)
    }

    let statement: SQLStatement
    /// The server's name for it, unique on its connection.
    let name: String
    var phase: Phase = .describing(waiting: [])
    var lastUse: UInt64 = 0
    /// What an execution takes, from its turn to its Sync's result; nil before the first one.
    var typicalNanoseconds: UInt64?
    /// On the loop's clock.
    var describedNanoseconds: UInt64 = 0

    init(statement: SQLStatement, name: String) {
        self.statement = statement
        self.name = name
    }
}

struct PreparedStatements {
    private let countMax: Int
    private var entries: [SQLStatement: PreparedStatement] = [:]
    private var uses: UInt64 = 0
    private var namesGiven: UInt64 = 0

    init(countMax: Int) { self.countMax = countMax }

    var count: Int { entries.count }

    mutating func find(_ statement: SQLStatement) -> PreparedStatement? {
        guard let found = entries[statement] else { return nil }
        uses += 1
        found.lastUse = uses
        return found
    }

    /// Removes and returns what is more than the limit allows. Entries that requests wait for stay.
    mutating func evictSurplus() -> PreparedStatement? {
        guard entries.count > countMax else { return nil }
        let evicted = entries.values.filter { $0.isReady }.min { $0.lastUse < $1.lastUse }
        if let evicted { entries[evicted.statement] = nil }
        return evicted
    }

    mutating func add(_ statement: SQLStatement) -> PreparedStatement {
        namesGiven += 1
        uses += 1
        let added = PreparedStatement(statement: statement, name: "patchbay_\(namesGiven)")
        added.lastUse = uses
        entries[statement] = added
        return added
    }

    /// Forgets an entry, if it is still this one.
    mutating func remove(_ prepared: PreparedStatement) {
        if entries[prepared.statement] === prepared { entries[prepared.statement] = nil }
    }
}

extension PreparedStatement {
    /// Slower ones count at once, faster ones by and by: a statement that is slow at times is no good neighbour.
    func took(nanoseconds: UInt64) {
        guard let typical = typicalNanoseconds else { return typicalNanoseconds = nanoseconds }
        typicalNanoseconds = nanoseconds > typical ? nanoseconds : typical - (typical - nanoseconds) / 8
    }

    var isReady: Bool {
        if case .ready = phase { return true }
        return false
    }
}
