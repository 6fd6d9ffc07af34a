// SidecarEndpoint.swift: where the sidecar is, and the two tokens between it and the app.
//
// Filled from the environment that a sidecar's injector or `dapr run` sets. Source: contract, section 3.0.
// Neighbours: SidecarClient.swift (calls it), AppChannel.swift (is called by it).

internal import DaprContract

/// A sidecar's HTTP API and the tokens shared with it.
package struct SidecarEndpoint: Sendable, Equatable {
    package var host: String
    package var port: UInt16
    /// Sent with every call as `dapr-api-token`; nil sends none.
    package var apiToken: String?
    /// Demanded of every call from the sidecar, but for health probes; nil demands none.
    package var appToken: String?

    package init(
        host: String = DaprDefault.host, port: UInt16 = DaprDefault.httpPort, apiToken: String? = nil,
        appToken: String? = nil
    ) {
        self.host = host
        self.port = port
        self.apiToken = apiToken
        self.appToken = appToken
    }

    /// From `DAPR_HTTP_ENDPOINT`, which wins, or `DAPR_HTTP_PORT`, with `DAPR_API_TOKEN` and `APP_API_TOKEN`.
    ///
    /// - Throws: what is wrong with a variable; an unset or empty one is never wrong.
    package init(environment: [String: String]) throws(SidecarEndpointError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(apiToken: value(DaprEnvironment.apiToken), appToken: value(DaprEnvironment.appToken))
        if let url = value(DaprEnvironment.httpEndpoint) {
            (host, port) = try Self.parse(url)
        } else if let text = value(DaprEnvironment.httpPort) {
            guard let number = UInt16(text), number > 0 else {
                throw SidecarEndpointError(
                    variable: DaprEnvironment.httpPort, value: text,
                    reason: "a port is a number from 1 to 65535")
            }
            port = number
        }
    }

    private static func parse(_ url: String) throws(SidecarEndpointError) -> (host: String, port: UInt16) {
        func problem(_ reason: String) -> SidecarEndpointError {
            SidecarEndpointError(variable: DaprEnvironment.httpEndpoint, value: url, reason: reason)
        }
        guard !url.lowercased().hasPrefix("https://") else {
            throw problem("TLS to the sidecar is not built yet; write `http://host:port`")
        }
        guard url.lowercased().hasPrefix("http://") else { throw problem("write it as `http://host:port`") }
        var rest = url.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains(where: { "/?#@".contains($0) }) else {
            throw problem("it is a host and a port, without a path or a user: `http://host:port`")
        }
        guard let colon = rest.lastIndex(of: ":"), rest.last != "]" else { return (unbracketed(rest), 80) }
        guard let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            throw problem("a port is a number from 1 to 65535")
        }
        let host = unbracketed(rest[..<colon])
        guard !host.isEmpty else { throw problem("the host is missing") }
        return (host, port)
    }

    /// `[::1]` → `::1`
    private static func unbracketed(_ host: Substring) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
    }
}

/// A variable that does not say where the sidecar is.
package struct SidecarEndpointError: Error, Equatable, CustomStringConvertible {
    package let variable: String
    package let value: String
    package let reason: String

    package var description: String { "\(variable) is `\(value)`: \(reason)" }
}
