// TopicScopes.swift: which app may publish or subscribe to which topic, from a component's metadata.
//
// `publishingScopes: "app1=a,b;app2="`, `subscriptionScopes` alike, `allowedTopics: "a,b"`, `protectedTopics`.

/// One component's rules for one app.
struct TopicScopes: Sendable, Equatable {
    private let allowed: [String]
    private let protected: [String]
    /// Nil: the app is not named, so it is not limited.
    private let publishing: [String]?
    private let subscribing: [String]?

    init(_ metadata: [String: String], appID: String) {
        allowed = Self.list(metadata["allowedTopics"] ?? "")
        protected = Self.list(metadata["protectedTopics"] ?? "")
        publishing = Self.scope(metadata["publishingScopes"] ?? "", appID: appID)
        subscribing = Self.scope(metadata["subscriptionScopes"] ?? "", appID: appID)
    }

    func mayPublish(to topic: String) -> Bool { isAllowed(topic, scope: publishing) }
    func maySubscribe(to topic: String) -> Bool { isAllowed(topic, scope: subscribing) }

    private func isAllowed(_ topic: String, scope: [String]?) -> Bool {
        if !allowed.isEmpty, !allowed.contains(topic) { return false }
        if protected.contains(topic) { return scope?.contains(topic) ?? false }
        return scope?.contains(topic) ?? true
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map(trimmed).filter { !$0.isEmpty }
    }

    private static func scope(_ text: String, appID: String) -> [String]? {
        for entry in text.split(separator: ";") {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if trimmed(parts[0]) == appID { return parts.count > 1 ? list(String(parts[1])) : [] }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
