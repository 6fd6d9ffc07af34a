// AppRegistry.swift: name resolution: which app id is where, for the sidecars of one process.

internal import Synchronization

/// App ids and addresses. Thread-safe; inject one object into every sidecar of a session.
package final class AppRegistry: Sendable {
    package struct Entry: Sendable, Equatable {
        package let host: String
        package let port: Int
        package let namespace: String
        /// What the app demands as `dapr-api-token`.
        package let appToken: String?

        package init(host: String, port: Int, namespace: String = "default", appToken: String? = nil) {
            self.host = host
            self.port = port
            self.namespace = namespace
            self.appToken = appToken
        }
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    package func register(_ appID: String, _ entry: Entry) { entries.withLock { $0[appID] = entry } }
    package func unregister(_ appID: String) { entries.withLock { $0[appID] = nil } }
    package func entry(for appID: String) -> Entry? { entries.withLock { $0[appID] } }
    package var appIDs: [String] { entries.withLock { $0.keys.sorted() } }
}
