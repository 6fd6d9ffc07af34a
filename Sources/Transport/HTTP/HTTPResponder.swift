// HTTPResponder.swift: the duty to answer one request, exactly once.
//
// Dropped without an answer it answers 500, so that a forgotten path cannot hang its requester.
// Neighbours: ServerConnection.swift, which writes the answer.

/// SAFETY: `isAnswered` is touched on the loop only: `respond` hands itself over when it is called elsewhere, and
/// `deinit` runs when nobody else can hold it.
package final class HTTPResponder: @unchecked Sendable {
    private let connection: ServerConnection
    private let requestNumber: UInt64
    private var isAnswered = false

    init(connection: ServerConnection, requestNumber: UInt64) {
        self.connection = connection
        self.requestNumber = requestNumber
    }

    deinit {
        guard !isAnswered else { return }
        let (connection, requestNumber) = (connection, requestNumber)
        if connection.loop.isCurrent {
            connection.forgotten(requestNumber)
        } else {
            connection.loop.execute { connection.forgotten(requestNumber) }
        }
    }

    /// The loop that the request came in on.
    package var loop: EventLoop { connection.loop }

    /// Whether the requester can still be reached, as far as the loop knows. On the loop only.
    package var isOpen: Bool { !isAnswered && connection.awaitsReply(requestNumber) }

    /// Answers. From any thread; away from the loop it is handed over. A second answer is ignored and counted.
    /// - Parameters:
    ///   - status: 200 to 599; anything else, and fields that are not HTTP, answer 500.
    ///   - headers: without Content-Length and Connection, which the connection writes.
    package func respond(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        guard connection.loop.isCurrent else {
            connection.loop.execute { self.respond(status: status, headers: headers, body: body) }
            return
        }
        guard !isAnswered else {
            connection.countSecondAnswer()
            return
        }
        isAnswered = true
        connection.respond(to: requestNumber, status: status, headers: headers, body: body)
    }
}
