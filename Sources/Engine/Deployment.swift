// Deployment.swift: a compiled deployment as the loops use it: numbered, immutable, indexed.
//
// Law 4: goes live whole; a fiber keeps the one that it began with. Neighbours: DeploymentLoader.swift (makes
// them), Generations.swift (hands out the newest), EngineLoop.swift (runs them).

internal import Diagnostics
internal import Language
internal import Machine
internal import Postgres
internal import Routing

final class Deployment: Sendable {
    /// 1 for the first one that went live; grows.
    let number: UInt64
    let compiled: CompiledDeployment
    let endpoints: EndpointRouter
    let subscriptions: [SubscriptionPlan]
    let triggers: Triggers
    /// By `ResourceIndex`.
    let resources: [ResourcePlan]
    /// Whether a handler reads a secret, so that one may be on its way out.
    let readsSecrets: Bool
    /// What the tokens of its endpoints are checked against.
    let keySources: Set<KeySource>
    private let subscriptionsByTopic: [TopicName: Int]
    /// By effect site; nil where it is not SQL.
    private let statements: [SQLStatement?]
    private let changingSites: Set<Int>
    /// Databases with an inbox or an outbox.
    private let tabled: Set<ResourceIndex>

    /// - Parameter environment: what `env("NAME")` reads.
    init(number: UInt64, compiled: CompiledDeployment, environment: [String: String]) {
        self.number = number
        self.compiled = compiled
        resources = compiled.resources.map { ResourcePlan($0, environment: environment) }
        statements = compiled.program.effectSites.map { site in
            switch site.kind {
            case .sqlExecute, .sqlOne, .sqlRows: SQLStatement(site.template.first ?? "")
            default: nil
            }
        }
        let once = Set(compiled.subscriptions.compactMap(\.options.onceDatabase))
        tabled = once.union(compiled.outboxDatabases)
        var changing: Set<Int> = []
        for (position, site) in compiled.program.effectSites.enumerated() where site.resource.map(once.contains) == true
        {
            let isChanging =
                switch site.kind {
                case .sqlExecute: true
                case .sqlOne, .sqlRows: SQLWords.changesRows(site.template.first ?? "")
                default: false
                }
            if isChanging { changing.insert(position) }
        }
        changingSites = changing
        readsSecrets = compiled.program.effectSites.contains { $0.kind == .secret }
        endpoints = EndpointRouter(compiled.endpoints)
        keySources = Set(compiled.endpoints.compactMap { $0.authentication.map(KeySource.init) })
        subscriptions = compiled.subscriptions.map(SubscriptionPlan.init)
        triggers = Triggers(compiled.triggers)
        var byTopic: [TopicName: Int] = [:]
        for (position, plan) in subscriptions.enumerated() { byTopic[plan.topic] = position }
        subscriptionsByTopic = byTopic
    }

    /// Whether the statement counts as writing, where `once` covers its database.
    func changesRows(at index: EffectSiteIndex) -> Bool { changingSites.contains(Int(index.rawValue)) }

    /// Whether the engine keeps an inbox or an outbox in this database.
    func usesTables(of database: ResourceIndex) -> Bool { tabled.contains(database) }

    func statement(at index: EffectSiteIndex) -> SQLStatement? { statements[Int(index.rawValue)] }

    func subscription(for topic: TopicName) -> SubscriptionPlan? {
        subscriptionsByTopic[topic].map { subscriptions[$0] }
    }
}

/// `pubsub/topic`; of a job or a binding its event type alone.
struct TopicName: Hashable, Sendable {
    let pubsub: String
    let topic: String
    var isTrigger: Bool { pubsub.isEmpty }
    var text: String { isTrigger ? topic : "\(pubsub)/\(topic)" }
}

/// One subscription with its rules indexed. A class, so that a delivery holds it by one reference.
final class SubscriptionPlan: Sendable {
    let topic: TopicName
    let options: SubscriptionOptions
    /// Nil where no delivery waits for another.
    let policies: DeliveryPolicies?
    let rules: RuleIndex
    let range: SourceRange
    private let ruleNames: [String]

    init(_ compiled: CompiledSubscription) {
        var counts: [String: Int] = [:]
        ruleNames = compiled.rules.map { rule in
            let count = counts[rule.name, default: 0]
            counts[rule.name] = count + 1
            return count == 0 ? rule.name : "\(rule.name)#\(count)"
        }
        topic = TopicName(pubsub: compiled.pubsub, topic: compiled.topic)
        options = compiled.options
        policies = DeliveryPolicies(compiled)
        rules = RuleIndex(rules: compiled.rules)
        range = compiled.range
    }

    /// What a rule is remembered by, across reloads: its name, and its place among the rules of that name.
    func name(of rule: RuleID) -> String { ruleNames[Int(rule.rawValue)] }
}

/// A declared resource with the variables of the environment in place of their names.
struct ResourcePlan: Sendable {
    let kind: ResourceKind
    let name: String
    let target: ResourceTarget

    /// `env("NAME")` is replaced where the variable is set or has a default.
    init(_ compiled: CompiledResource, environment: [String: String]) {
        kind = compiled.kind
        name = compiled.name
        if case .environment(let variable, let defaultValue) = compiled.target,
            let value = environment[variable] ?? defaultValue
        {
            target = .text(value)
        } else {
            target = compiled.target
        }
    }
}
