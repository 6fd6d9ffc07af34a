// BulkCall.swift: several events in one call of the app, and what its answer means for each of them.
//
// Pure. Source: contract 1.6. An answer that is no list of statuses, an entry that it leaves out and a status that nobody
// knows are all tried again; 404 drops every event without a dead letter, as in daprd.
// Neighbours: Dispatcher.swift (gathers and settles), DeliveryVerdict.swift (events that come alone).

internal import DaprContract

struct BulkCall {
    /// One event as it stands in the body.
    struct Entry {
        let id: String
        /// The whole entry in JSON.
        let text: [UInt8]

        /// Nil when the event can be delivered to raw subscriptions only.
        init?(_ message: BrokerMessage, isRaw: Bool) {
            guard isRaw || message.event.isObject else { return nil }
            let id = RandomUUID.string()
            let event =
                isRaw
                ? JSONText.quoted(String(decoding: Base64.encode(message.event.data), as: UTF8.self))
                : message.event.data
            self.id = id
            text = JSONText.object { object in
                object.add(BulkField.entryID, text: id)
                object.add(BulkField.contentType, text: isRaw ? MediaType.octets : MediaType.cloudEvent)
                object.add(BulkField.metadata, raw: JSONText.dictionary(message.metadata))
                object.add(BulkField.event, raw: event)
            }
        }
    }

    let body: [UInt8]
    private let ids: [String]

    init(_ entries: [Entry], of subscription: Subscription) {
        ids = entries.map(\.id)
        body = JSONText.object { object in
            object.add(BulkField.id, text: RandomUUID.string())
            object.add(BulkField.type, text: BulkField.typeName)
            object.add(BulkField.pubsubname, text: subscription.pubsubName)
            object.add(BulkField.topic, text: subscription.topic)
            object.add(BulkField.metadata, raw: JSONText.dictionary([:]))
            object.add(BulkField.entries, raw: JSONText.list(entries.map(\.text)))
        }
    }

    /// For each entry, in their order, when no answer came.
    func verdicts(failure reason: String) -> [DeliveryVerdict] {
        ids.map { _ in .retry(status: nil, reason: reason) }
    }

    /// For each entry, in their order.
    func verdicts(status: Int, body: [UInt8]) -> [DeliveryVerdict] {
        switch status {
        case 200..<300: break
        case 404: return ids.map { _ in .acknowledge }
        default: return ids.map { _ in .retry(status: status, reason: "the app answered \(status)") }
        }
        guard let document = try? JSONDocument(body) else {
            return verdicts(failure: "the app's answer to a bulk delivery is not JSON")
        }
        let words = document.read { root in
            Dictionary(
                (root[BulkField.statuses]?.items ?? []).compactMap { item -> (String, String)? in
                    guard let id = item[BulkField.entryID]?.string, let word = item[BulkField.status]?.string
                    else { return nil }
                    return (id, word)
                }
            ) { first, _ in first }
        }
        return ids.map { id in
            guard let word = words[id], !word.isEmpty else {
                return .retry(status: nil, reason: "the app's answer has no status for it")
            }
            switch DeliveryStatus(rawValue: word) {
            case .success: return .acknowledge
            case .drop: return .drop(reason: "the app answered DROP")
            case .retry: return .retry(status: nil, reason: "the app answered RETRY")
            case nil: return .retry(status: nil, reason: "the app answered the unknown status `\(word)`")
            }
        }
    }
}
