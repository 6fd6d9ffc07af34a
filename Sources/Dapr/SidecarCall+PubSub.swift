// SidecarCall+PubSub.swift: publishing an event of our own, or passing one on.
//
// The envelope is written here, so that the id is ours: a redelivered cause publishes the same id again. The sidecar only
// fills in time, trace, topic and pub/sub name. Source: contract, section 3.3.

internal import DaprContract
package import Machine
internal import Wire

/// The envelope of an event to publish.
package struct PublishedEvent {
    package var id: String
    package var source: String
    package var type: String
    package var subject: String?
    /// A time, or an RFC 3339 string; null lets the sidecar say when.
    package var time: Value = .null
    /// An object of extension attributes, or null. Names are lower-case letters and digits.
    package var attributes: Value = .null
    package var data: Value

    package init(id: String, source: String, type: String, data: Value) {
        self.id = id
        self.source = source
        self.type = type
        self.data = data
    }
}

extension SidecarCall {
    /// Null when the broker has it.
    ///
    /// - Parameter metadata: an object for the pub/sub component (`ttlInSeconds` …), or null.
    package static func publish(
        pubsub: String, topic: String, event: PublishedEvent, metadata: Value = .null, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        let pairs = try metadataPairs(metadata, in: arena)
        return publish(pubsub: pubsub, topic: topic, envelope: try envelope(of: event, in: arena), metadata: pairs)
    }

    /// The event as a CloudEvent in JSON, as `publish` sends it.
    package static func envelope(of event: PublishedEvent, in arena: Arena) throws(EffectFailure) -> [UInt8] {
        var body = OutputBuffer()
        try append(event, to: &body, in: arena)
        return body.array
    }

    /// The same of an event that came: id, source and bytes of its data are kept.
    package static func envelope(forwarding event: Value) throws(EffectFailure) -> [UInt8] {
        guard event.kind == .object else {
            throw EffectFailure(
                .invalid, "`forward` takes the event that the handler got, not \(event.kind.name)")
        }
        return try json(of: event)
    }

    /// Names and texts of an object for the pub/sub component; nothing for null.
    package static func metadataPairs(
        _ metadata: Value, in arena: Arena
    ) throws(EffectFailure) -> [(name: String, value: String)] {
        try scalars(of: metadata, named: "metadata", in: arena)
    }

    /// All of them in one request; null when the broker has them. When it has not, it may have some of them.
    package static func publishAll(
        pubsub: String, topic: String, events: [PublishedEvent], metadata: Value = .null, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        var body = OutputBuffer()
        body.append(UInt8(ascii: "["))
        for (position, event) in events.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body.append("{\"\(BulkPublishField.entryID)\":\"\(position)\",\"\(BulkPublishField.contentType)\":")
            body.append(quoted: MediaType.cloudEvent)
            body.append(",\"\(BulkPublishField.event)\":")
            try append(event, to: &body, in: arena)
            body.append(UInt8(ascii: "}"))
        }
        body.append(UInt8(ascii: "]"))
        let query = metadataQuery(try metadataPairs(metadata, in: arena))
        return SidecarCall(
            method: .post, target: SidecarPath.publishBulk + segment(pubsub) + "/" + segment(topic) + query,
            headers: [jsonContent], body: body.array, isRepeatable: true,
            kind: .publishAll(topic: "\(pubsub)/\(topic)", count: events.count))
    }

    /// Appends the event as a CloudEvent.
    private static func append(
        _ event: PublishedEvent, to body: inout OutputBuffer, in arena: Arena
    ) throws(EffectFailure) {
        guard !event.id.isEmpty, !event.source.isEmpty, !event.type.isEmpty else {
            throw EffectFailure(
                .invalid, "a published event needs a type, an id and a source that are not empty")
        }
        body.append("{\"specversion\":\"1.0\"" as StaticString)
        body.append(field: CloudEventAttribute.id, text: event.id)
        body.append(field: CloudEventAttribute.source, text: event.source)
        body.append(field: CloudEventAttribute.type, text: event.type)
        if let subject = event.subject { body.append(field: CloudEventAttribute.subject, text: subject) }
        if !event.time.isNull { try body.append(field: CloudEventAttribute.time, event.time) }
        for (name, value) in try attributes(event.attributes, in: arena) {
            try body.append(field: name, value)
        }
        let isBinary = event.data.kind == .bytes
        body.append(
            field: CloudEventAttribute.datacontenttype, text: isBinary ? MediaType.octets : MediaType.json)
        try body.append(
            field: isBinary ? CloudEventAttribute.dataBase64 : CloudEventAttribute.data, event.data)
        body.append(UInt8(ascii: "}"))
    }

    /// Publishes an event as it came: id, source and bytes of its data are kept.
    ///
    /// - Parameter event: the `event` object that a handler was given.
    package static func forward(
        pubsub: String, topic: String, event: Value, metadata: Value = .null, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        let pairs = try metadataPairs(metadata, in: arena)
        return publish(pubsub: pubsub, topic: topic, envelope: try envelope(forwarding: event), metadata: pairs)
    }

    /// Publishes an envelope that was written before; null when the broker has it.
    package static func publish(
        pubsub: String, topic: String, envelope: [UInt8], metadata: [(name: String, value: String)]
    ) -> SidecarCall {
        SidecarCall(
            method: .post,
            target: SidecarPath.publish + segment(pubsub) + "/" + segment(topic) + metadataQuery(metadata),
            headers: [(HeaderName.contentType, MediaType.cloudEvent)], body: envelope, isRepeatable: true,
            kind: .publish(topic: "\(pubsub)/\(topic)"))
    }

    private static func metadataQuery(_ pairs: [(name: String, value: String)]) -> String {
        query(pairs.map { (HeaderName.metadataPrefix + $0.name, $0.value) })
    }

    private static let reservedAttributes: Set<String> = [
        CloudEventAttribute.id, CloudEventAttribute.source, CloudEventAttribute.type,
        CloudEventAttribute.specversion,
        CloudEventAttribute.subject, CloudEventAttribute.time, CloudEventAttribute.datacontenttype,
        CloudEventAttribute.data, CloudEventAttribute.dataBase64,
    ]

    private static func attributes(_ value: Value, in arena: Arena) throws(EffectFailure) -> [(String, Value)] {
        guard !value.isNull else { return [] }
        guard let entries = value.entries(in: arena) else {
            throw EffectFailure(.invalid, "`attributes` takes an object, not \(value.kind.name)")
        }
        var found: [(String, Value)] = []
        for (name, attribute) in entries where !attribute.isNull {
            let isPlain =
                !name.isEmpty
                && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
            guard isPlain, !reservedAttributes.contains(name) else {
                throw EffectFailure(
                    .invalid,
                    "`\(name)` cannot be an attribute: names are lower-case letters and digits, and not CloudEvents' own"
                )
            }
            switch attribute.kind {
            case .string, .int, .bool, .time, .bytes: found.append((name, attribute))
            default:
                throw EffectFailure(
                    .invalid,
                    "attribute `\(name)` takes a string, int, bool, time or bytes, not \(attribute.kind.name)"
                )
            }
        }
        return found
    }

    /// Names and texts of an object of scalars; nulls are left out.
    ///
    /// - Parameter takesSecrets: whether a secret's text is given like any other: headers alone carry them.
    static func scalars(
        of value: Value, named what: String, takesSecrets: Bool = false, in arena: Arena
    ) throws(EffectFailure) -> [(name: String, value: String)] {
        guard !value.isNull else { return [] }
        guard let entries = value.entries(in: arena) else {
            throw EffectFailure(.invalid, "`\(what)` takes an object, not \(value.kind.name)")
        }
        var pairs: [(name: String, value: String)] = []
        for (name, item) in entries where !item.isNull {
            for scalar in item.items(in: arena) ?? [item] {
                guard let text = text(of: scalar) ?? (takesSecrets ? scalar.asSecret : nil) else {
                    throw EffectFailure(
                        .invalid, "`\(name)` in `\(what)` is \(scalar.kind.name), which is no plain text")
                }
                pairs.append((name, text))
            }
        }
        return pairs
    }
}
