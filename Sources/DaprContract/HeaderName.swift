// HeaderName.swift: header names and media types, lower case as HTTP/2 wants them and HTTP/1.1 allows.

/// Header names of Dapr's HTTP contract.
package enum HeaderName {
    package static let contentType = "content-type"
    /// Both directions: `DAPR_API_TOKEN` to the sidecar, `APP_API_TOKEN` to the app.
    package static let apiToken = "dapr-api-token"
    /// To the sidecar: invoke this app. From the sidecar, on `/dapr/config` and `/dapr/subscribe`: the app's own id.
    package static let appID = "dapr-app-id"
    package static let callerAppID = "dapr-caller-app-id"
    package static let callerNamespace = "dapr-caller-namespace"
    package static let calleeAppID = "dapr-callee-app-id"
    /// On a delivery: the name of the pub/sub component.
    package static let pubsubName = "pubsubname"
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"
    package static let baggage = "baggage"
    /// A state item's version, bare: no quotes.
    package static let etag = "etag"
    /// The version that a delete expects, bare.
    package static let ifMatch = "if-match"
    /// On `/v1.0/shutdown`: `true` ends the sidecar with exit code 1.
    package static let forceShutdown = "dapr-force-shutdown"
    /// Query parameters and reply headers that carry metadata begin with this.
    package static let metadataPrefix = "metadata."
    package static let forwarded = "forwarded"
    package static let forwardedFor = "x-forwarded-for"
    package static let forwardedHost = "x-forwarded-host"

    /// What is never forwarded by a proxy; also those that `connection` names.
    package static let hopByHop: [String] = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer",
        "transfer-encoding", "upgrade",
    ]
}

/// Media types that decide how a payload is wrapped.
package enum MediaType {
    package static let json = "application/json"
    package static let text = "text/plain"
    package static let octets = "application/octet-stream"
    package static let cloudEvent = "application/cloudevents+json"
    package static let cloudEventProtobuf = "application/cloudevents+protobuf"
    package static let protobuf = "application/x-protobuf"
}
