// CheckedRoutes.swift: subscriptions, endpoints and resources after checking, before lowering.

internal import Diagnostics
internal import Machine

enum CheckedAction: Sendable {
    case handler(MemberIndex)
    /// A block in the rule or endpoint itself.
    case block(NodeKey)
}

struct CheckedRule: Sendable {
    let name: String
    let patterns: [String]
    let condition: NodeKey?
    let action: CheckedAction
    let isOtherwise: Bool
    /// The type that the event types declare for `data`, as written; nil when there is none.
    let dataType: NodeKey?
    let range: SourceRange
}

struct CheckedSubscription: Sendable {
    let pubsub: String
    let topic: String
    let options: SubscriptionOptions
    /// The expression of `ordered_by`.
    let orderKey: NodeKey?
    let rules: [CheckedRule]
    let range: SourceRange
}

struct EndpointOptions: Sendable {
    var timeoutNanoseconds: Int64 = 10_000_000_000
    var limitPerSecond: Int?
    var origins: [String] = []
    var authentication: CompiledAuthentication?
    /// There is one, and it is in error.
    var isAuthenticationUnread = false
}

struct CheckedEndpoint: Sendable {
    let method: String
    let path: String
    let segments: [CompiledEndpoint.Segment]
    let action: CheckedAction
    let options: EndpointOptions
    let range: SourceRange
}

/// When a job fires.
struct TriggerTiming: Sendable {
    var schedule: String?
    var skipsOverlap = false
}

struct CheckedTrigger: Sendable {
    let kind: TriggerKind
    let name: String
    let timing: TriggerTiming
    let options: SubscriptionOptions
    let rule: CheckedRule
    let range: SourceRange
}

struct CheckedRoutes: Sendable {
    var subscriptions: [CheckedSubscription] = []
    var endpoints: [CheckedEndpoint] = []
    var triggers: [CheckedTrigger] = []
    var resources: [CompiledResource] = []
    /// Databases in whose transactions events are published, by their position.
    var outboxDatabases: Set<Int> = []
    /// Where each `pubsub/topic` is first subscribed.
    var subscribed: [String: SourceRange] = [:]
    /// Where each form of an endpoint, method and path, is first declared.
    var endpointForms: [String: SourceRange] = [:]
}
