// DoubleDoors.swift: topics that the sidecar delivers through more than one door.
//
// Decision 5: a topic that is subscribed both by the app and by a declarative Subscription (or by a stream) is delivered
// twice; the sidecar's metadata tells. Source: contract, sections 1.3 and 3.8. Neighbours: Engine.swift (asks).

internal import Machine

enum DoubleDoors {
    /// `pubsub/topic (PROGRAMMATIC, DECLARATIVE)` for each topic that stands more than once among the subscriptions.
    ///
    /// - Parameter metadata: the sidecar's `GET /v1.0/metadata`.
    static func topics(in metadata: JSON) -> [String] {
        var order: [String] = []
        var doors: [String: [String]] = [:]
        for subscription in metadata["subscriptions"]?.array ?? [] {
            guard let pubsub = subscription["pubsubname"]?.string, let topic = subscription["topic"]?.string
            else { continue }
            let name = "\(pubsub)/\(topic)"
            if doors[name] == nil { order.append(name) }
            doors[name, default: []].append(subscription["type"]?.string ?? "unknown")
        }
        return order.compactMap { name in
            guard let found = doors[name], found.count > 1 else { return nil }
            return "\(name) (\(found.joined(separator: ", ")))"
        }
    }
}
