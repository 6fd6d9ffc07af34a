// HTTPServer.swift: a listener and its connections, on one loop.

/// A server's limits. Each has a named consequence: a status, or the end of the connection.
package struct HTTPServerOptions: Sendable {
    /// Larger bodies are answered 413 before they are read.
    package var bodyBytesMax: Int
    /// Connections beyond are answered 503 and closed.
    package var connectionsMax: Int
    /// A connection without a request for so long is closed.
    package var idleTimeout: Duration
    /// A head that takes longer is answered 408.
    package var headTimeout: Duration
    /// A body of which 16 KiB take longer is answered 408.
    package var bodyTimeout: Duration
    /// A reader that takes longer for 16 KiB of a reply is cut off.
    package var writeTimeout: Duration

    package static let standard = HTTPServerOptions(
        bodyBytesMax: 4 << 20, connectionsMax: 10_000, idleTimeout: .seconds(120), headTimeout: .seconds(10),
        bodyTimeout: .seconds(30), writeTimeout: .seconds(30))
}

/// SAFETY: touched on its loop only; every entry asserts it.
package final class HTTPServer: @unchecked Sendable {
    /// The port that it listens on; the one that was free when 0 was asked for.
    package let port: Int

    /// Listens on a numeric address or `localhost`.
    package init(
        loop: EventLoop, address: String, port: Int, options: HTTPServerOptions, handler: any HTTPRequestHandler
    ) throws(TransportError) {
        self.port = port
    }

    /// Takes no new connections; those that are open go on.
    package func stopAccepting() {}

    /// Stops accepting, closes what is idle, lets what is in flight finish, closes everything after `limit`; then calls
    /// `completion` on the loop.
    package func drain(atMost limit: Duration, completion: @escaping () -> Void) {}

    /// Closes everything now.
    package func close() {}
}
