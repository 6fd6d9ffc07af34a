// BulkEntry.swift: one entry of a bulk publish, its bytes as its content type says.
//
// Source: contract 3.3, "Bulk". Neighbours: PublishAPI.swift, PubSub/Envelope.swift (wraps the bytes).

internal import DaprContract

struct BulkEntry {
    let id: String
    let body: [UInt8]
    let contentType: String
    /// Overrides that of the request.
    let metadata: [String: String]

    /// `[{"entryId":"1","event":…,"contentType":"application/json","metadata":{}}]`
    static func read(_ text: [UInt8], pubsub: String) throws(APIError) -> [BulkEntry] {
        func refused(_ code: ErrorCode, _ why: String) -> APIError {
            APIError(code, "error when unmarshaling the request: \(why)", resource: ("pubsub", pubsub))
        }
        return try JSONText.read(text) { root throws(APIError) in
            guard root.isList else { throw refused(.pubsubEntries, "the body is no list of entries") }
            var entries: [BulkEntry] = []
            var ids: Set<String> = []
            for item in root.items {
                guard let id = item[BulkPublishField.entryID]?.string, !id.isEmpty, ids.insert(id).inserted else {
                    throw refused(.pubsubEntries, "an entry has no `entryId` of its own")
                }
                let type = item[BulkPublishField.contentType]?.string ?? ""
                guard let event = item[BulkPublishField.event], let body = bytes(of: event, contentType: type) else {
                    throw refused(.pubsubEntryEnvelope, "the event of entry `\(id)` does not match the type `\(type)`")
                }
                var metadata: [String: String] = [:]
                for (name, part) in item[BulkPublishField.metadata]?.entries ?? [] { metadata[name] = part.string }
                entries.append(BulkEntry(id: id, body: body, contentType: type, metadata: metadata))
            }
            return entries
        }
    }

    /// Nil when the two do not go together.
    private static func bytes(of event: JSONPart, contentType: String) -> [UInt8]? {
        let type = contentType.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        switch type {
        case MediaType.json, MediaType.cloudEvent: return event.text
        case MediaType.octets: return event.string.flatMap { Base64.decode(Array($0.utf8)) }
        case "application/xml": return event.string.map { Array($0.utf8) }
        default: return type.hasPrefix("text/") ? event.string.map { Array($0.utf8) } : nil
        }
    }
}
