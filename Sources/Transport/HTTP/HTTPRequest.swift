// HTTPRequest.swift: one request that a server received whole.
//
// Neighbours: HTTPResponder.swift (its answer), Wire/HTTP1/RequestHead.swift.
package import Wire

package struct HTTPRequest: Sendable {
    package let head: RequestHead
    package let body: MessageBody

    package init(head: RequestHead, body: MessageBody) {
        self.head = head
        self.body = body
    }

    package var method: HTTPMethod { head.method }
    /// The path as sent, percent-encoding kept.
    package var path: String { head.path }
    /// What follows the first `?`, as sent.
    package var query: String? { head.query }
    package var headers: HeaderFields { head.fields }
}

/// Answers requests. Called on the server's loop, once for each request, in order within a connection.
package protocol HTTPRequestHandler: AnyObject {
    /// Answers now or later, by `response.respond`; the connection's next request waits for it.
    func handle(_ request: HTTPRequest, _ response: HTTPResponder)
}
