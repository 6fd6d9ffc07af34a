// EventEnvelope.swift: is a delivered body a CloudEvent, and where is its data?
//
// A problem is one sentence for the log and the dead letter's reader: the event is invalid, told DROP, counted.
// Source: CloudEvents 1.0.2 and its JSON format; contract, section 1.4. Neighbours: AppChannel.swift, Machine/JSONScanner.

internal import DaprContract
package import Machine
package import Wire

/// Why a body is no event.
package struct EnvelopeProblem: Error, Sendable, Equatable {
    package let message: String
    init(_ message: String) { self.message = message }
}

package enum EventEnvelope {
    private static let requiredTexts = [
        CloudEventAttribute.id, CloudEventAttribute.source, CloudEventAttribute.type,
    ]
    private static let optionalTexts = [
        CloudEventAttribute.subject, CloudEventAttribute.time, CloudEventAttribute.datacontenttype,
        CloudEventAttribute.dataschema,
    ]

    /// The event of a delivery as an object whose `data` is a value: JSON, a string, or bytes.
    package static func read(_ body: MessageBody, headers: HeaderFields, in arena: Arena)
        throws(EnvelopeProblem) -> Value
    {
        if body.isEmpty, binaryAttributes(in: headers).isEmpty {
            throw EnvelopeProblem("the body is empty")
        }
        var event = Value.null
        var problem: EnvelopeProblem?
        do throws(JSONError) {
            event = try body.withUnsafeBytes { (bytes) throws(JSONError) -> Value in
                try arena.json(bytes, copy: true)
            }
        } catch {
            problem = EnvelopeProblem("the body is not JSON: \(error)")
        }
        // The sidecar delivers binary events as bare bytes, whatever content type it names.
        if problem != nil || event.kind != .object
            || event.field(CloudEventAttribute.specversion, in: arena).isNull
        {
            if let binary = binaryEvent(body, headers, in: arena) {
                event = binary
            } else if let problem {
                throw problem
            }
        }
        try check(event, in: arena)
        return try decodingData(of: event, in: arena)
    }

    /// Is this value an event of CloudEvents 1.0?
    package static func check(_ event: Value, in arena: Arena) throws(EnvelopeProblem) {
        guard event.kind == .object else {
            throw EnvelopeProblem("an event is a JSON object, not \(event.kind.name)")
        }
        let version = event.field(CloudEventAttribute.specversion, in: arena)
        guard !version.isNull else {
            throw EnvelopeProblem("`specversion` is missing: this is no CloudEvent")
        }
        guard let text = version.asString else {
            throw EnvelopeProblem("`specversion` is \(version.kind.name), not a string such as \"1.0\"")
        }
        guard text == "1.0" || text.hasPrefix("1.") else {
            throw EnvelopeProblem(
                "`specversion` is `\(text.prefix(40))`; version 1.0 of CloudEvents is understood")
        }
        for name in requiredTexts {
            let value = event.field(name, in: arena)
            guard !value.isNull else { throw EnvelopeProblem("`\(name)` is missing") }
            guard let text = value.asString else {
                throw EnvelopeProblem("`\(name)` is \(value.kind.name), not a string")
            }
            guard !text.isEmpty else { throw EnvelopeProblem("`\(name)` is empty") }
        }
        for name in optionalTexts {
            let value = event.field(name, in: arena)
            guard value.isNull || value.kind == .string else {
                throw EnvelopeProblem("`\(name)` is \(value.kind.name), not a string")
            }
        }
        guard
            event.field(CloudEventAttribute.data, in: arena).isNull
                || event.field(CloudEventAttribute.dataBase64, in: arena).isNull
        else {
            throw EnvelopeProblem("`data` and `data_base64` exclude each other")
        }
    }

    /// Puts the bytes behind `data_base64` in the place of `data`; any other event stays as it is.
    package static func decodingData(of event: Value, in arena: Arena) throws(EnvelopeProblem) -> Value {
        let encoded = event.field(CloudEventAttribute.dataBase64, in: arena)
        guard !encoded.isNull else { return event }
        guard let bytes = encoded.base64Decoded else {
            throw EnvelopeProblem("`data_base64` is not base64")
        }
        let mediaType =
            event.field(CloudEventAttribute.datacontenttype, in: arena).asString ?? "application/octet-stream"
        let data = try payload(MessageBody(bytes), mediaType, in: arena)
        let others = (event.entries(in: arena) ?? []).filter {
            $0.key != CloudEventAttribute.dataBase64 && $0.key != CloudEventAttribute.data
        }
        return arena.object(others.map { ($0.key, $0.value) } + [(CloudEventAttribute.data, data)])
    }

    private static func payload(
        _ body: MessageBody, _ mediaType: String, in arena: Arena
    ) throws(EnvelopeProblem) -> Value {
        do throws(JSONError) {
            return try PayloadReading.value(of: body, mediaType: mediaType, in: arena)
        } catch {
            throw EnvelopeProblem("the data is `\(mediaType.prefix(80))`, but not JSON: \(error)")
        }
    }

    // MARK: - binary mode

    /// Attributes in headers: `ce-id` as the HTTP binding writes them, `ce_id` as some brokers do.
    private static func binaryAttributes(in headers: HeaderFields) -> [(String, String)] {
        var found: [(String, String)] = []
        for (name, value) in headers.all where name.hasPrefix("ce-") || name.hasPrefix("ce_") {
            found.append((String(name.dropFirst(3)), PercentCoding.decode(value) ?? value))
        }
        return found
    }

    private static func binaryEvent(_ body: MessageBody, _ headers: HeaderFields, in arena: Arena) -> Value? {
        let attributes = binaryAttributes(in: headers)
        guard attributes.contains(where: { $0.0 == CloudEventAttribute.specversion }) else { return nil }
        var fields = attributes.map { ($0.0, arena.string($0.1)) }
        var mediaType = attributes.first { $0.0 == CloudEventAttribute.datacontenttype }?.1
        if mediaType == nil, let given = headers[HeaderName.contentType],
            !given.hasPrefix(MediaType.cloudEvent)
        {
            mediaType = given
            fields.append((CloudEventAttribute.datacontenttype, arena.string(given)))
        }
        let data = PayloadReading.lenient(body, mediaType: mediaType ?? MediaType.octets, in: arena)
        return arena.object(fields + [(CloudEventAttribute.data, data)])
    }
}
