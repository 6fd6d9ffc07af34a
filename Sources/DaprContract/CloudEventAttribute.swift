// CloudEventAttribute.swift: attribute names of a delivered CloudEvent, and the values that Dapr gives them.

/// Names of CloudEvents 1.0 attributes and of the extensions that Dapr adds.
package enum CloudEventAttribute {
    package static let id = "id"
    package static let source = "source"
    package static let specversion = "specversion"
    package static let type = "type"
    package static let datacontenttype = "datacontenttype"
    package static let dataschema = "dataschema"
    package static let subject = "subject"
    package static let time = "time"
    package static let data = "data"
    /// Instead of `data`, for bytes.
    package static let dataBase64 = "data_base64"
    package static let topic = "topic"
    package static let pubsubname = "pubsubname"
    /// The same value as `traceparent`.
    package static let traceid = "traceid"
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"
    /// RFC 3339; past it the event is not delivered.
    package static let expiration = "expiration"

    /// What a CloudEvent cannot be without.
    package static let required = [id, source, specversion, type]
}

/// Values that Dapr fills in where a publisher gave none.
package enum CloudEventDefault {
    package static let specversion = "1.0"
    package static let type = "com.dapr.event.sent"
    /// Of a CloudEvent published without `source`, and of a wrapped raw payload.
    package static let source = "Dapr"
}

/// What an app answers to a delivery, in `{"status":"…"}` with a 2xx. Compared exactly; any other word is RETRY.
package enum DeliveryStatus: String, CaseIterable, Sendable {
    /// The event is done.
    case success = "SUCCESS"
    /// Try again by the inbound policy, then dead-letter.
    case retry = "RETRY"
    /// Give up: dead-letter when there is a topic for it, else gone.
    case drop = "DROP"

    /// The whole reply body.
    package var body: String { "{\"status\":\"\(rawValue)\"}" }
}
