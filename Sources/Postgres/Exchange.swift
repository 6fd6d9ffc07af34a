// Exchange.swift: what was sent up to one Sync, and what has come back for it so far.
//
// A command's completion is not yet its commit: the transaction ends at the Sync, and deferred constraints or
// serialisation may still fail there. So an exchange is over only when the Sync's own result is in.
// Neighbours: Connection (queue of them), LibpqResult.

internal import Machine

final class Exchange {
    enum Work {
        /// Prepare and describe.
        case prepare(PreparedStatement)
        case run(StatementRequest, PreparedStatement)
        /// Upkeep that nobody waits for.
        case deallocate
    }

    let work: Work
    private(set) var failure: ServerError?
    /// The last result that is not an error: the rows, or the description.
    private(set) var result: StatementResult?
    private(set) var isCopy = false
    /// What the statement took before; nil when it is new here, 0 for upkeep.
    let expectedNanoseconds: UInt64?

    init(_ work: Work) {
        self.work = work
        if case .run(_, let prepared) = work {
            expectedNanoseconds = prepared.typicalNanoseconds
        } else {
            expectedNanoseconds = 0
        }
    }

    /// The statement that somebody asked for; nil for upkeep and preparations.
    var request: StatementRequest? {
        guard case .run(let request, _) = work else { return nil }
        return request
    }

    /// One result of this exchange; the first error is the cause of the others.
    func absorb(_ incoming: consuming LibpqResult) {
        switch incoming.status {
        case .command, .rows, .empty: result = StatementResult(incoming)
        case .failed: if failure == nil { failure = ServerError(incoming) }
        case .copy: isCopy = true
        case .sync, .aborted: break
        }
    }
}

/// An error as the server, or libpq in its place, reported it.
struct ServerError: Equatable {
    let sqlstate: String?
    let message: String
    let constraint: String?
    let column: String?
    let position: Int?
    let hint: String?

    init(_ result: borrowing LibpqResult) {
        sqlstate = result.errorField(.sqlstate)
        constraint = result.errorField(.constraint)
        column = result.errorField(.column)
        position = result.errorField(.position).flatMap { Int($0) }
        hint = result.errorField(.hint)
        // Not the detail: it quotes the data ("Key (id)=(…) already exists"), and messages end up in logs.
        message = result.errorField(.message) ?? ServerError.firstLine(of: result.errorMessage)
    }

    /// For the caller of a statement that ended with this error and whose transaction was rolled back.
    func failure(mayHaveRun: Bool) -> PostgresFailure {
        PostgresFailure(
            sqlstate.map { .init(sqlstate: $0) } ?? .unavailable, message, sqlstate: sqlstate,
            constraint: constraint, column: column, position: position, hint: hint, mayHaveRun: mayHaveRun)
    }

    /// The prepared statement no longer fits the database: unknown to the server (26000), a changed result type
    /// (0A000), or changed types of columns or functions under it (42804, 42883).
    var isStalePlan: Bool {
        switch sqlstate {
        case "26000", "0A000", "42804", "42883": true
        default: false
        }
    }

    /// Data of the wrong type or size: the caller's fault, unless the parameter types are those of a table that has
    /// been altered since.
    var mayBeStaleTypes: Bool {
        switch sqlstate {
        case "22P02", "22003", "22007", "22008", "22001": true
        default: false
        }
    }

    static func firstLine(of text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }
}

/// First in, first out; taking from the front does not move the rest.
struct ExchangeQueue {
    private var storage: [Exchange?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Exchange? { head < storage.count ? storage[head] : nil }

    mutating func append(_ exchange: Exchange) { storage.append(exchange) }

    mutating func popFirst() -> Exchange? {
        guard head < storage.count else { return nil }
        let exchange = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return exchange
    }
}
