// Subscription.swift: who wants which topic at which path, from a `Subscription` resource or from the app.
//
// Shapes: dapr.io/v2alpha1 (`spec.routes`), v1alpha1 (`spec.route`); the app's list in PubSub/SubscriptionList.
// A rule with a `match` needs CEL, which this build lacks: an error, because ignoring it would deliver to the
// wrong path.

/// One subscription, whoever asked for it.
struct Subscription: Sendable, Equatable {
    enum Origin: String, Sendable {
        case declarative = "DECLARATIVE"
        case programmatic = "PROGRAMMATIC"
    }

    let pubsubName: String
    let topic: String
    /// Where events are posted. Rules with a `match` are refused, so there is one.
    let path: String
    let deadLetterTopic: String?
    let metadata: [String: String]
    let origin: Origin
    /// Nil: each event is delivered alone.
    var bulk: Bulk?

    /// Several events in one call.
    struct Bulk: Sendable, Equatable {
        /// What daprd takes for an absent number and for 0.
        static let standard = Bulk(messagesMax: 100, wait: .seconds(1))
        var messagesMax: Int
        /// How long the first one waits for company.
        var wait: Duration
    }

    var isRawPayload: Bool { metadata["rawPayload"].map(GoText.isTruthy) ?? false }
    var name: String { "\(pubsubName)/\(topic)" }
}

/// A `Subscription` resource.
struct SubscriptionResource: Sendable, Equatable {
    let name: String
    let subscription: Subscription
    let scopes: [String]
    let file: String
    let line: Int

    func isInScope(of appID: String) -> Bool { scopes.isEmpty || scopes.contains(appID) }
}

extension SubscriptionResource {
    /// Reads one document; nil when something essential is missing (then noted).
    init?(
        _ document: ResourceFields, name: String, apiVersion: String, scopes: [String],
        _ notes: inout ResourceNotes
    ) {
        guard let spec = document.requiredFields("spec", &notes) else { return nil }
        spec.warnUnknown(
            allowed: [
                "pubsubname", "topic", "route", "routes", "metadata", "deadLetterTopic", "bulkSubscribe",
                "scopes",
            ], &notes)
        if let misplaced = spec.node["scopes"] {
            notes.problems.append(
                spec.problem(
                    "`spec.scopes` is not read", instead: "move `scopes:` to the top level, beside `spec:`",
                    line: misplaced.line))
        }
        let pubsub = spec.requiredText("pubsubname", example: "pubsub", &notes)
        let topic = spec.requiredText("topic", example: "orders", &notes)
        let path = Self.readPath(spec, apiVersion: apiVersion, &notes)
        let bulk = Self.readBulk(spec, &notes)
        guard let pubsub, let topic, let path else { return nil }
        self.init(
            name: name,
            subscription: Subscription(
                pubsubName: pubsub, topic: topic, path: path,
                deadLetterTopic: spec.text("deadLetterTopic", &notes).flatMap { $0.isEmpty ? nil : $0 },
                metadata: spec.dictionary("metadata", &notes), origin: .declarative, bulk: bulk),
            scopes: scopes, file: document.file, line: spec.node.line)
    }

    private static func readBulk(_ spec: ResourceFields, _ notes: inout ResourceNotes) -> Subscription.Bulk? {
        guard let fields = spec.fields("bulkSubscribe", &notes), fields.flag("enabled", &notes) else { return nil }
        var bulk = Subscription.Bulk.standard
        if let count = fields.integer("maxMessagesCount", &notes), count > 0 { bulk.messagesMax = count }
        if let wait = fields.integer("maxAwaitDurationMs", &notes), wait > 0 { bulk.wait = .milliseconds(wait) }
        return bulk
    }

    private static func readPath(
        _ spec: ResourceFields, apiVersion: String, _ notes: inout ResourceNotes
    ) -> String? {
        guard apiVersion == "dapr.io/v2alpha1" else {
            return spec.requiredText("route", example: "/orders", &notes)
        }
        guard let routes = spec.requiredFields("routes", &notes) else { return nil }
        for rule in routes.records("rules", &notes) {
            let match = rule.text("match", &notes) ?? ""
            if match.contains(where: { !$0.isWhitespace }) {
                notes.problems.append(
                    rule.problem(
                        "the rule `match: \(match)` needs CEL, which is not in this build",
                        instead: "route everything with `default:` and write the rule in the app"))
                return nil
            }
            if let path = rule.text("path", &notes) { return path }  // blank: takes everything, the first wins
        }
        return routes.requiredText("default", example: "/orders", &notes)
    }
}
