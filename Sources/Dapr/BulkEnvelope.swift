// BulkEnvelope.swift: a bulk delivery taken apart: one body for each of its events, as if it had come alone.
//
// Source: contract, section 1.6. Neighbours: EventEnvelope.swift (reads each body), AppReplies.swift (the statuses).

internal import DaprContract
internal import Machine
package import Wire

/// One event of a bulk delivery.
package struct BulkEntry: Sendable {
    /// By which its status is told.
    package let id: String
    /// A CloudEvent in JSON; empty when there was none, which is what an event without a body is.
    package let body: MessageBody
}

package enum BulkEnvelope {
    /// The entries that can be answered: those with an id.
    ///
    /// - Throws: when the body is no bulk delivery; then the sidecar is to send all of it again.
    package static func read(_ body: MessageBody) throws(EnvelopeProblem) -> [BulkEntry] {
        let memory = OwnedArena(
            limitBytes: max(1 << 20, body.count * 16), jsonDepthMax: FiberLimits.jsonDepthCeiling)
        defer { withExtendedLifetime(memory) {} }
        let arena = memory.arena
        var whole = Value.null
        do throws(JSONError) {
            whole = try body.withUnsafeBytes { (bytes) throws(JSONError) -> Value in
                try arena.json(bytes, copy: false)
            }
        } catch {
            throw EnvelopeProblem("the bulk delivery is not JSON: \(error)")
        }
        guard whole.kind == .object, let items = whole.field(BulkField.entries, in: arena).items(in: arena) else {
            throw EnvelopeProblem("the bulk delivery has no list `\(BulkField.entries)`")
        }
        return items.compactMap { item in
            guard item.kind == .object, let id = item.field(BulkField.entryID, in: arena).asString, !id.isEmpty
            else { return nil }
            return BulkEntry(id: id, body: MessageBody(bytes(of: item, id, in: arena)))
        }
    }

    /// An event that is an object stays as it came; bytes get the envelope that they would have alone.
    private static func bytes(of item: Value, _ id: String, in arena: Arena) -> [UInt8] {
        let event = item.field(BulkField.event, in: arena)
        if let encoded = event.asString {
            let mediaType = item.field(BulkField.contentType, in: arena).asString ?? MediaType.octets
            return JSON.object([
                JSON.Member(CloudEventAttribute.id, .string(id)),
                JSON.Member(CloudEventAttribute.specversion, .string(CloudEventDefault.specversion)),
                JSON.Member(CloudEventAttribute.source, .string(CloudEventDefault.source)),
                JSON.Member(CloudEventAttribute.type, .string(CloudEventDefault.type)),
                JSON.Member(CloudEventAttribute.datacontenttype, .string(mediaType)),
                JSON.Member(CloudEventAttribute.dataBase64, .string(encoded)),
            ]).serialized()
        }
        guard !event.isNull else { return [] }
        // What came as JSON can be written as JSON.
        return (try? event.json()) ?? []
    }
}
