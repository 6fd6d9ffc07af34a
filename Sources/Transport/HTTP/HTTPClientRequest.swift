// HTTPClientRequest.swift: what a client sends, and what it gets.
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
