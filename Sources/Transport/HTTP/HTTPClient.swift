// HTTPClient.swift: requests to other servers, over pooled connections of one loop.
package import Wire

/// Where a request goes.
package struct HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.utf8.contains(0x3A) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

package struct HTTPClientRequest: Sendable {
    package var origin: HTTPOrigin
    package var method: HTTPMethod
    /// The path and query, percent-encoded: `/v1.0/state/statestore/a`.
    package var target: String
    /// Without Host, Content-Length and Connection, which the connection writes.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Whether it may be sent a second time when a kept connection turns out to be closed without a reply byte.
    package var isIdempotent: Bool

    package init(
        origin: HTTPOrigin, method: HTTPMethod, target: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], isIdempotent: Bool? = nil
    ) {
        self.origin = origin
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.isIdempotent = isIdempotent ?? method.isIdempotent
    }
}

package struct HTTPClientResponse: Sendable {
    package let status: Int
    package let headers: HeaderFields
    package let body: MessageBody

    package init(status: Int, headers: HeaderFields, body: MessageBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package struct HTTPClientOptions: Sendable {
    package var connectionsPerOriginMax: Int
    /// Requests that wait for a connection, per origin; one more fails with `poolExhausted`.
    package var waitersPerOriginMax: Int
    /// A kept connection without a request for so long is closed.
    package var idleTimeout: Duration
    package var replyBytesMax: Int

    package static let standard = HTTPClientOptions(
        connectionsPerOriginMax: 32, waitersPerOriginMax: 4096, idleTimeout: .seconds(60), replyBytesMax: 16 << 20)
}

/// SAFETY: touched on its loop only; every entry asserts it.
package final class HTTPClient: @unchecked Sendable {
    package typealias Reply = Result<HTTPClientResponse, HTTPClientError>
    package let loop: EventLoop

    package init(loop: EventLoop, options: HTTPClientOptions) {
        self.loop = loop
    }

    /// Sends a request; `completion` is called once, on the loop, later than this call returns.
    /// - Parameter deadlineNanoseconds: on the loop's monotonic clock, `loop.nowNanoseconds + …`.
    package func send(
        _ request: HTTPClientRequest, deadlineNanoseconds: UInt64, completion: @escaping (Reply) -> Void
    ) {}

    /// Sends a request and waits for its reply. From any task.
    package func send(
        _ request: HTTPClientRequest, within limit: Duration
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        throw .clientClosed
    }

    /// Closes every connection; what is under way fails with `clientClosed`.
    package func close() {}
}
