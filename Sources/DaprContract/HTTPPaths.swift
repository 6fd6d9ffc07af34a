// HTTPPaths.swift: where things are, on the sidecar (called by the app) and on the app (called by the sidecar).
//
// Data alone: no encoding, no requests. A path that ends in `/` is a prefix; the percent-encoded segments follow.
// Neighbours: Sidecar (serves the first half, calls the second), Dapr (the other way round).

/// Paths of the sidecar's HTTP API. Source: dapr 1.18, section 3 of the contract.
package enum SidecarPath {
    /// The version that every stable route begins with.
    package static let version = "/v1.0"
    /// Routes that are, or were, in trial.
    package static let alphaVersion = "/v1.0-alpha1"
    /// `GET DELETE state/{store}/{key}`, `POST PUT state/{store}`
    package static let state = "/v1.0/state/"
    /// `POST PUT state/{store}/bulk`: the last segment
    package static let stateBulk = "bulk"
    /// `POST PUT state/{store}/transaction`: the last segment
    package static let stateTransaction = "transaction"
    /// `POST PUT state/{store}/query`, in this version alone
    package static let stateAlpha = "/v1.0-alpha1/state/"
    package static let stateQuery = "query"
    /// `POST PUT publish/bulk/{pubsub}/{topic…}`; as v1.0 since 1.17 alone
    package static let publishBulk = "/v1.0-alpha1/publish/bulk/"
    package static let publishBulkSegment = "bulk"
    /// `POST PUT bindings/{name}`
    package static let bindings = "/v1.0/bindings/"
    /// `GET configuration/{store}?key=…`
    package static let configuration = "/v1.0/configuration/"
    /// `POST PUT publish/{pubsub}/{topic…}`
    package static let publish = "/v1.0/publish/"
    /// `ANY invoke/{app}/method/{path…}`
    package static let invoke = "/v1.0/invoke/"
    /// The segment between the app's id and the method's path.
    package static let invokeMethod = "method"
    /// `GET secrets/{store}/{key}`
    package static let secrets = "/v1.0/secrets/"
    /// `GET secrets/{store}/bulk`: the last segment
    package static let secretsBulk = "bulk"
    /// `POST lock/{store}`
    package static let lock = "/v1.0-alpha1/lock/"
    /// `POST unlock/{store}`
    package static let unlock = "/v1.0-alpha1/unlock/"
    /// `GET`; `PUT metadata/{key}`
    package static let metadata = "/v1.0/metadata"
    /// `GET`: 204 once the app's port is open and its subscriptions were asked for
    package static let healthz = "/v1.0/healthz"
    /// `GET`: 204 once the APIs work; what an app waits on before it calls out
    package static let healthzOutbound = "/v1.0/healthz/outbound"
    /// `POST GET DELETE jobs/{name}`; as v1.0 since 1.18 alone
    package static let jobs = "/v1.0-alpha1/jobs/"
    /// `POST`
    package static let shutdown = "/v1.0/shutdown"
}

/// Paths that the sidecar calls on the app.
package enum AppPath {
    /// `GET`: actor types and their settings; 404 or `{}` for an app without actors
    package static let configuration = "/dapr/config"
    /// `GET`: the list of subscriptions; asked once per life of the sidecar
    package static let subscribe = "/dapr/subscribe"
    /// `POST job/{name}`
    package static let job = "/job/"
    /// `GET`: 2xx is healthy; asked only with health checks on
    package static let healthz = "/healthz"
}

/// Ports, environment and limits that both ends assume.
package enum DaprDefault {
    package static let httpPort: UInt16 = 3500
    package static let grpcPort: UInt16 = 50001
    package static let host = "127.0.0.1"
    package static let namespace = "default"
    /// Bytes of a request's body or an app's reply (`--max-body-size 4Mi`).
    package static let bodyBytesMax = 4 << 20
    /// Bytes of a header (`--read-buffer-size 4Ki` in daprd; the embedded sidecar takes up to 16 KiB).
    package static let headerBytesMax = 4 << 10
}

/// Environment variables that an app and its sidecar share.
package enum DaprEnvironment {
    /// Where the app finds the sidecar: the whole URL, which wins …
    package static let httpEndpoint = "DAPR_HTTP_ENDPOINT"
    /// … or the port on 127.0.0.1.
    package static let httpPort = "DAPR_HTTP_PORT"
    package static let grpcEndpoint = "DAPR_GRPC_ENDPOINT"
    package static let grpcPort = "DAPR_GRPC_PORT"
    /// The app sends it, the sidecar demands it.
    package static let apiToken = "DAPR_API_TOKEN"
    /// The sidecar sends it, the app demands it.
    package static let appToken = "APP_API_TOKEN"
    package static let appID = "APP_ID"
    package static let appPort = "APP_PORT"
    package static let namespace = "NAMESPACE"
    /// Variables with this prefix, and `APP_API_TOKEN`, are never read for components or secrets.
    package static let privatePrefix = "DAPR_"
}
