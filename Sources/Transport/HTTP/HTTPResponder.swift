// HTTPResponder.swift: the duty to answer one request, exactly once.

package final class HTTPResponder: Sendable {
    package init() {}

    /// Whether the requester can still be reached. Only a hint: it may go away at any time.
    package var isOpen: Bool { false }

    /// Answers. From any thread; away from the loop it is handed over. A second answer is ignored, and counted.
    /// - Parameter headers: without Content-Length, Connection and Date, which the connection writes.
    package func respond(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {}
}
