// SidecarConfiguration.swift: what an embedded sidecar is told: the flags of daprd that it honours, as fields.

/// Settings of one sidecar.
package struct SidecarConfiguration: Sendable {
    package var appID: String
    package var namespace: String
    /// Where the app listens. Nil port: there is no app to call, only the APIs.
    package var appHost: String
    package var appPort: Int?
    package var httpAddress: String
    /// 0 takes any free port; `EmbeddedSidecar.httpPort` says which.
    package var httpPort: Int
    /// Folders with Components, Subscriptions and Resiliency, as daprd's `--resources-path`.
    package var resourceFolders: [String]
    /// Where relative paths in component metadata begin: the database file of `state.sqlite` and the `secretsFile` of
    /// `secretstores.local.file`. daprd uses its working directory; so does this when it is empty.
    package var workingFolder: String
    /// Metadata that replaces what the files say, by component name and metadata name:
    /// `["statestore": ["connectionString": "/data/state.db"]]`. Names that no file has are a start error.
    package var metadataOverrides: [String: [String: String]]
    /// Demanded of callers as `dapr-api-token`; nil or empty asks for none.
    package var apiToken: String?
    /// Sent to the app as `dapr-api-token`.
    package var appToken: String?
    package var limits: SidecarLimits
    /// Called on any thread; must not block.
    package var log: @Sendable (SidecarLogEntry) -> Void
    /// Called on the sidecar's loop when `POST /v1.0/shutdown` came, after its answer.
    package var shutdownRequested: @Sendable () -> Void

    package init(appID: String, appPort: Int?, httpPort: Int, resourceFolders: [String]) {
        self.appID = appID
        self.appPort = appPort
        self.httpPort = httpPort
        self.resourceFolders = resourceFolders
        namespace = "default"
        appHost = "127.0.0.1"
        httpAddress = "127.0.0.1"
        workingFolder = ""
        metadataOverrides = [:]
        limits = .standard
        log = { _ in }
        shutdownRequested = {}
    }
}

/// Numbers of one sidecar; each has a named consequence.
package struct SidecarLimits: Sendable {
    /// Larger request bodies and app replies are refused (413; a delivery counts as failed).
    package var bodyBytesMax: Int
    /// Events waiting per topic and app; a publish beyond is answered 500 ERR_PUBSUB_PUBLISH_MESSAGE.
    package var queueMax: Int
    /// A delivery without a timeout in its policy that takes longer counts as failed, and is tried again.
    package var deliveryTimeout: Duration
    /// An invocation that takes longer is answered 500 ERR_DIRECT_INVOKE.
    package var invocationTimeout: Duration

    package static let standard = SidecarLimits(
        bodyBytesMax: 4 << 20, queueMax: 10_000, deliveryTimeout: .seconds(60),
        invocationTimeout: .seconds(60))
}

/// One line for whoever runs the sidecar.
package struct SidecarLogEntry: Sendable {
    package enum Level: String, Sendable, CaseIterable {
        case debug, info, warning, error
    }

    package let level: Level
    package let appID: String
    package let message: String
}
