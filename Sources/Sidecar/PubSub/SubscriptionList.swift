// SubscriptionList.swift: the app's answer to `GET /dapr/subscribe`, and how it joins the declarative ones.
//
// Pure. Source: contract 1.3. One entry that cannot be honoured fails the whole list, as one bad rule does in daprd.

internal import DaprContract

/// Why an app's list of subscriptions is not taken.
struct SubscriptionListError: Error, Equatable {
    let reason: String
}

enum SubscriptionList {
    /// The subscriptions in an app's answer; an entry without any route is left out with a warning.
    static func read(_ body: [UInt8], warn: (String) -> Void) throws(SubscriptionListError) -> [Subscription] {
        guard !body.isEmpty, !body.elementsEqual("null".utf8) else { return [] }
        let document: JSONDocument
        do {
            document = try JSONDocument(body)
        } catch {
            throw SubscriptionListError(reason: "the answer is not valid JSON: \(error)")
        }
        return try document.read { root throws(SubscriptionListError) in
            guard root.isList else { throw SubscriptionListError(reason: "the answer is no JSON list") }
            var subscriptions: [Subscription] = []
            for item in root.items {
                if let subscription = try subscription(item, warn: warn) {
                    subscriptions.append(subscription)
                }
            }
            return subscriptions
        }
    }

    private static func subscription(
        _ item: JSONPart, warn: (String) -> Void
    ) throws(SubscriptionListError) -> Subscription? {
        guard item.isObject else { throw SubscriptionListError(reason: "an entry is no object") }
        guard let pubsub = text(item, SubscriptionField.pubsubname),
            let topic = text(item, SubscriptionField.topic)
        else { throw SubscriptionListError(reason: "an entry lacks `pubsubname` or `topic`") }
        guard let path = try path(item, name: "\(pubsub)/\(topic)") else {
            warn("the subscription \(pubsub)/\(topic) has no route and is left out")
            return nil
        }
        var metadata: [String: String] = [:]
        for (name, part) in item[SubscriptionField.metadata]?.entries ?? [] { metadata[name] = part.string }
        return Subscription(
            pubsubName: pubsub, topic: topic, path: path,
            deadLetterTopic: text(item, SubscriptionField.deadLetterTopic), metadata: metadata,
            origin: .programmatic, bulk: bulk(item))
    }

    private static func bulk(_ item: JSONPart) -> Subscription.Bulk? {
        guard let fields = item[SubscriptionField.bulkSubscribe], fields[SubscriptionField.enabled]?.bool == true
        else { return nil }
        func number(_ name: String) -> Int? { fields[name]?.int.flatMap { $0 > 0 ? $0 : nil } }
        var bulk = Subscription.Bulk.standard
        if let count = number(SubscriptionField.maxMessagesCount) { bulk.messagesMax = count }
        if let wait = number(SubscriptionField.maxAwaitDurationMs) { bulk.wait = .milliseconds(wait) }
        return bulk
    }

    /// Declarative ones first, the first of a topic wins; the app's own replace those of the same topic.
    static func merge(declarative: [Subscription], programmatic: [Subscription]) -> [Subscription] {
        var merged: [Subscription] = []
        for subscription in declarative where !merged.contains(where: { $0.name == subscription.name }) {
            merged.append(subscription)
        }
        for subscription in programmatic {
            if let index = merged.firstIndex(where: { $0.name == subscription.name }) {
                merged[index] = subscription
            } else {
                merged.append(subscription)
            }
        }
        return merged
    }

    /// `routes.default`, else `route`. A rule without `match` takes everything and comes first.
    private static func path(_ item: JSONPart, name: String) throws(SubscriptionListError) -> String? {
        let routes = item[SubscriptionField.routes]
        for rule in routes?[SubscriptionField.rules]?.items ?? [] {
            let match = text(rule, SubscriptionField.match) ?? ""
            guard match.allSatisfy(\.isWhitespace) else {
                throw SubscriptionListError(
                    reason: "the rule `\(match)` of \(name) needs CEL, which is not in this build")
            }
            if let path = text(rule, SubscriptionField.path) { return path }
        }
        return routes.flatMap { text($0, SubscriptionField.default) } ?? text(item, SubscriptionField.route)
    }

    /// Absent and empty are nil.
    private static func text(_ item: JSONPart, _ name: String) -> String? {
        item[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
