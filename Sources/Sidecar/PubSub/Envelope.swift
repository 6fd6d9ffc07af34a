// Envelope.swift: what a publisher's body becomes: a CloudEvent around it, its own CloudEvent completed, or raw bytes.
//
// Pure but for ids and the clock, which are given. Source: contract 3.3.

internal import DaprContract

/// Who publishes where.
struct PublishContext {
    let appID: String
    let pubsubName: String
    let topic: String
    let trace: TraceContext
    let now: CalendarTime
    let newID: String
}

/// An event ready for the broker.
struct Envelope: Equatable, Sendable {
    let data: [UInt8]
    /// A JSON object, which subscribers without `rawPayload` demand.
    let isObject: Bool
    /// From the event's `expiration`.
    let expiresAt: CalendarTime?
    /// For log lines; empty when it has none.
    let eventID: String
    let traceparent: String
    let tracestate: String?
}

extension Envelope {
    /// How Dapr treats a content type.
    private enum Wrapping {
        case cloudEvent, json, octets, text

        init(_ contentType: String) {
            switch contentType.prefix(while: { $0 != ";" }).filter({ !$0.isWhitespace }).lowercased() {
            case MediaType.cloudEvent: self = .cloudEvent
            case MediaType.json: self = .json
            case MediaType.octets, MediaType.cloudEventProtobuf: self = .octets
            default: self = .text
            }
        }
    }

    /// - Parameters:
    ///   - contentType: of the request; nil is `text/plain`
    ///   - metadata: of the request, without the prefix `metadata.`
    static func make(
        body: [UInt8], contentType: String?, metadata: [String: String], _ context: PublishContext
    ) throws(APIError) -> Envelope {
        let names = Dictionary(metadata.map { ($0.key.lowercased(), $0.value) }) { $1 }
        if let raw = names[MetadataKey.rawPayload.lowercased()] {
            guard let isRaw = goBoolean(raw) else {
                throw APIError(
                    .pubsubRequestMetadata,
                    "failed deserializing metadata: metadata.\(MetadataKey.rawPayload) is `\(raw)`, which is no boolean",
                    resource: ("pubsub", context.pubsubName))
            }
            if isRaw { return unwrapped(body, context) }
        }
        let expiry = try expiration(names, context)
        let contentType = contentType.flatMap { $0.isEmpty ? nil : $0 } ?? MediaType.text
        switch Wrapping(contentType) {
        case .cloudEvent:
            return try completed(body, expiry, context)
        case .json where JSONText.isValid(body):
            return wrapped((CloudEventAttribute.data, body), contentType, names, expiry, context)
        case .octets:
            let quoted = JSONText.quoted(String(decoding: Base64.encode(body), as: UTF8.self))
            return wrapped((CloudEventAttribute.dataBase64, quoted), contentType, names, expiry, context)
        case .json, .text:
            let quoted = JSONText.quoted(String(decoding: body, as: UTF8.self))
            return wrapped((CloudEventAttribute.data, quoted), contentType, names, expiry, context)
        }
    }

    /// What a subscription with `rawPayload` gets: the bytes in a fresh envelope, new at every delivery.
    static func wrapRaw(_ message: BrokerMessage, pubsubName: String, topic: String, newID: String) -> [UInt8] {
        let quoted = JSONText.quoted(String(decoding: Base64.encode(message.event.data), as: UTF8.self))
        return JSONText.object { object in
            object.add(CloudEventAttribute.id, text: newID)
            object.add(CloudEventAttribute.specversion, text: CloudEventDefault.specversion)
            object.add(CloudEventAttribute.datacontenttype, text: MediaType.octets)
            object.add(CloudEventAttribute.source, text: CloudEventDefault.source)
            object.add(CloudEventAttribute.type, text: CloudEventDefault.type)
            object.add(CloudEventAttribute.topic, text: topic)
            object.add(CloudEventAttribute.pubsubname, text: pubsubName)
            object.add(CloudEventAttribute.traceid, text: message.event.traceparent)
            object.add(CloudEventAttribute.traceparent, text: message.event.traceparent)
            object.add(CloudEventAttribute.tracestate, text: message.event.tracestate ?? "")
            object.add(CloudEventAttribute.dataBase64, raw: quoted)
        }
    }

    private static func wrapped(
        _ data: (name: String, raw: [UInt8]), _ contentType: String, _ metadata: [String: String],
        _ expiry: CalendarTime?, _ context: PublishContext
    ) -> Envelope {
        func override(_ name: String) -> String? {
            metadata[MetadataKey.cloudEventPrefix + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let id = override(CloudEventAttribute.id) ?? context.newID
        let traceparent = override(CloudEventAttribute.traceparent) ?? context.trace.traceparent
        let tracestate = override(CloudEventAttribute.tracestate) ?? context.trace.tracestate
        let text = JSONText.object { object in
            object.add(data.name, raw: data.raw)
            object.add(CloudEventAttribute.datacontenttype, text: contentType)
            object.add(CloudEventAttribute.id, text: id)
            object.add(CloudEventAttribute.pubsubname, text: context.pubsubName)
            object.add(
                CloudEventAttribute.source, text: override(CloudEventAttribute.source) ?? context.appID)
            object.add(CloudEventAttribute.specversion, text: CloudEventDefault.specversion)
            if let subject = override(CloudEventAttribute.subject) {
                object.add(CloudEventAttribute.subject, text: subject)
            }
            object.add(CloudEventAttribute.time, text: context.now.rfc3339)
            object.add(CloudEventAttribute.topic, text: context.topic)
            object.add(
                CloudEventAttribute.traceid, text: override(CloudEventAttribute.traceid) ?? traceparent)
            object.add(CloudEventAttribute.traceparent, text: traceparent)
            object.add(CloudEventAttribute.tracestate, text: tracestate ?? "")
            object.add(
                CloudEventAttribute.type, text: override(CloudEventAttribute.type) ?? CloudEventDefault.type)
            if let expiry { object.add(CloudEventAttribute.expiration, text: expiry.rfc3339) }
        }
        return Envelope(
            data: text, isObject: true, expiresAt: expiry, eventID: id, traceparent: traceparent,
            tracestate: tracestate)
    }

    /// The publisher's own CloudEvent: `topic` and `pubsubname` are set, what is missing is filled in, all else stays.
    private static func completed(
        _ body: [UInt8], _ expiry: CalendarTime?, _ context: PublishContext
    ) throws(APIError) -> Envelope {
        let document: JSONDocument
        do {
            document = try JSONDocument(body)
        } catch {
            throw notACloudEvent("\(error)", context)
        }
        return try document.read { root throws(APIError) in try completed(root, expiry, context) }
    }

    private static func completed(
        _ root: JSONPart, _ expiry: CalendarTime?, _ context: PublishContext
    ) throws(APIError) -> Envelope {
        guard root.isObject else { throw notACloudEvent("the body is no JSON object", context) }
        func given(_ name: String) -> String? { root[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        let traceparent = given(CloudEventAttribute.traceparent) ?? context.trace.traceparent
        let tracestate = given(CloudEventAttribute.tracestate) ?? context.trace.tracestate
        let fills: [(name: String, value: String)] = [
            (CloudEventAttribute.source, CloudEventDefault.source),
            (CloudEventAttribute.type, CloudEventDefault.type),
            (CloudEventAttribute.specversion, CloudEventDefault.specversion),
            (CloudEventAttribute.time, context.now.rfc3339), (CloudEventAttribute.traceid, traceparent),
            (CloudEventAttribute.traceparent, traceparent),
            (CloudEventAttribute.tracestate, tracestate ?? ""),
        ].filter { given($0.0) == nil }
        var replaced = Set([CloudEventAttribute.topic, CloudEventAttribute.pubsubname] + fills.map(\.name))
        if expiry != nil { replaced.insert(CloudEventAttribute.expiration) }
        let text = JSONText.object { object in
            for (name, part) in root.entries where !replaced.contains(name) {
                object.add(name, raw: part.text)
            }
            for (name, value) in fills { object.add(name, text: value) }
            object.add(CloudEventAttribute.topic, text: context.topic)
            object.add(CloudEventAttribute.pubsubname, text: context.pubsubName)
            if let expiry { object.add(CloudEventAttribute.expiration, text: expiry.rfc3339) }
        }
        return Envelope(
            data: text, isObject: true,
            expiresAt: expiry ?? given(CloudEventAttribute.expiration).flatMap { CalendarTime(rfc3339: $0) },
            eventID: given(CloudEventAttribute.id) ?? "", traceparent: traceparent, tracestate: tracestate)
    }

    private static func unwrapped(_ body: [UInt8], _ context: PublishContext) -> Envelope {
        var isObject = false
        var eventID = ""
        var expiresAt: CalendarTime?
        if let document = try? JSONDocument(body) {
            document.read { root in
                isObject = root.isObject
                eventID = root[CloudEventAttribute.id]?.string ?? ""
                expiresAt = root[CloudEventAttribute.expiration]?.string.flatMap { CalendarTime(rfc3339: $0) }
            }
        }
        return Envelope(
            data: body, isObject: isObject, expiresAt: expiresAt, eventID: eventID,
            traceparent: context.trace.traceparent, tracestate: context.trace.tracestate)
    }

    private static func notACloudEvent(_ reason: String, _ context: PublishContext) -> APIError {
        APIError(
            .pubsubCloudEvent, "cannot create cloudevent: \(reason)", resource: ("pubsub", context.pubsubName)
        )
    }

    /// In-memory topics have no time to live of their own, so it becomes the event's `expiration`.
    private static func expiration(
        _ metadata: [String: String], _ context: PublishContext
    ) throws(APIError) -> CalendarTime? {
        guard let text = metadata[MetadataKey.ttlInSeconds.lowercased()], !text.isEmpty else { return nil }
        guard let seconds = Int32(text), seconds > 0 else {
            throw APIError(
                .pubsubRequestMetadata,
                "failed deserializing metadata: metadata.\(MetadataKey.ttlInSeconds) is `\(text)`, not a positive number",
                resource: ("pubsub", context.pubsubName))
        }
        return context.now.adding(seconds: Int64(seconds))
    }

    /// As Go's strconv.ParseBool.
    private static func goBoolean(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }
}
