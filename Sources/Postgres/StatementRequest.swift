// StatementRequest.swift: one statement on its way, from `execute` to its answer.
//
// Its operands were copied when it was made (architecture, law 7), so it may wait, be sent again after a stale plan,
// or outlive the fiber that asked. Answered exactly once. Neighbours: PostgresPool (queues it), Connection (runs it).

internal import Machine
internal import Transport

final class StatementRequest {
    enum Purpose {
        case run(SQLStatement.Mode)
        case describe
    }

    /// Where it may run.
    enum Place {
        /// On any connection, in a transaction of its own.
        case anywhere
        /// Opens a transaction: on an idle connection, which is then this transaction's alone.
        case opening(PostgresTransaction)
        /// On the connection of its transaction and on no other.
        case inside
    }

    let statement: SQLStatement
    let place: Place
    let purpose: Purpose
    let parameters: ParameterSnapshot
    let enqueuedNanoseconds: UInt64
    let deadlineNanoseconds: UInt64
    private var completion: ((PostgresReply) -> Void)?
    var timer: TimerToken?
    /// Set while a connection has it, sent or waiting for its statement's description.
    weak var connection: Connection?
    /// Handed to libpq: from here on nobody knows whether the server runs it.
    var isSent = false
    /// A stale plan is worth one more try, not two.
    var hasReprepared = false
    /// Hit by the cancel request of a neighbour: sent again once.
    var hasBeenResent = false

    init(
        statement: SQLStatement, place: Place = .anywhere, purpose: Purpose, parameters: ParameterSnapshot,
        enqueuedNanoseconds: UInt64, deadlineNanoseconds: UInt64, completion: @escaping (PostgresReply) -> Void
    ) {
        self.statement = statement
        self.place = place
        self.purpose = purpose
        self.parameters = parameters
        self.enqueuedNanoseconds = enqueuedNanoseconds
        self.deadlineNanoseconds = deadlineNanoseconds
        self.completion = completion
    }

    var isAnswered: Bool { completion == nil }
    var isInside: Bool {
        if case .inside = place { return true }
        return false
    }

    /// Nobody wants the answer any more.
    func forget() { completion = nil }

    /// The first answer counts; later ones (a result after the deadline) are dropped.
    func answer(_ reply: PostgresReply) {
        guard let completion else { return }
        self.completion = nil
        completion(reply)
    }
}

/// An answer that is due. Collected while a connection or the pool changes its state, delivered when it is whole again.
struct Answer {
    let request: StatementRequest
    let reply: PostgresReply
}
