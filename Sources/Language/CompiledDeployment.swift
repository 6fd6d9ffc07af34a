// CompiledDeployment.swift: what a deployment's text becomes: one program, and data that says when it runs.
//
// Pure data, Sendable, made once on the background thread; the engine prepares connections for it and hands it
// to every loop. Neighbours: Compiler.swift (makes it), Engine/DeploymentLoader (takes it).

package import Diagnostics
package import Machine
package import Routing

package struct CompiledDeployment: Sendable {
    package let program: Program
    package let subscriptions: [CompiledSubscription]
    package let endpoints: [CompiledEndpoint]
    package let triggers: [CompiledTrigger]
    /// By `ResourceIndex`.
    package let resources: [CompiledResource]
    /// The SQL that the routes reach, in no order.
    package let statements: [CompiledStatement]
    /// Databases in whose transactions events are published.
    package let outboxDatabases: Set<ResourceIndex>
    package let sources: SourceMap

    package init(
        program: Program, subscriptions: [CompiledSubscription], endpoints: [CompiledEndpoint],
        triggers: [CompiledTrigger], resources: [CompiledResource], statements: [CompiledStatement],
        outboxDatabases: Set<ResourceIndex> = [], sources: SourceMap
    ) {
        self.program = program
        self.subscriptions = subscriptions
        self.endpoints = endpoints
        self.triggers = triggers
        self.resources = resources
        self.statements = statements
        self.outboxDatabases = outboxDatabases
        self.sources = sources
    }
}

/// `subscribe "pubsub/topic" (…) { … }`
package struct CompiledSubscription: Sendable {
    package let pubsub: String
    package let topic: String
    package let options: SubscriptionOptions
    /// `ordered_by`: a function of the event without parameters that reads slots; run in quiet mode.
    package let orderKey: FunctionIndex?
    /// Its rules in source order, `otherwise` last (a rule that takes any type).
    package let rules: [Rule]
    /// Of each rule's `where`, by its place; empty unless it was compiled for explaining.
    package let clauses: [RuleClause?]
    package let range: SourceRange

    package init(
        pubsub: String, topic: String, options: SubscriptionOptions, orderKey: FunctionIndex?, rules: [Rule],
        clauses: [RuleClause?] = [], range: SourceRange
    ) {
        self.pubsub = pubsub
        self.topic = topic
        self.options = options
        self.orderKey = orderKey
        self.rules = rules
        self.clauses = clauses
        self.range = range
    }
}

package enum TriggerKind: String, Sendable {
    case job, input

    /// What the types of its events begin with, before a `.` and the name.
    package var typePrefix: String { self == .job ? "job" : "binding" }
}

/// `job "nightly" (schedule: "0 3 * * *") => …`, `input "queue" => …`
package struct CompiledTrigger: Sendable {
    package let kind: TriggerKind
    /// Of a job perhaps a glob.
    package let name: String
    /// As Dapr's scheduler takes it; nil for what is scheduled elsewhere.
    package let schedule: String?
    /// A firing while one is at work is skipped.
    package let skipsOverlap: Bool
    /// Its one rule takes everything; pub/sub and topic are empty and its type.
    package let subscription: CompiledSubscription

    package init(
        kind: TriggerKind, name: String, schedule: String?, skipsOverlap: Bool, subscription: CompiledSubscription
    ) {
        self.kind = kind
        self.name = name
        self.schedule = schedule
        self.skipsOverlap = skipsOverlap
        self.subscription = subscription
    }
}

/// Options of language.md section 9, with its defaults. Durations are nanoseconds.
package struct SubscriptionOptions: Sendable, Equatable {
    package var matchesAll = false
    package var deadLetterTopic: String?
    package var timeoutNanoseconds: Int64 = 10_000_000_000
    /// How often a run is repeated inside the delivery.
    package var retries = 2
    package var backoffLowNanoseconds: Int64 = 100_000_000
    package var backoffHighNanoseconds: Int64 = 2_000_000_000
    /// Deliveries that run at once, over all loops; nil: as many as the engine takes.
    package var concurrency: Int?
    /// Deliveries that begin in any one second, over all loops.
    package var limitPerSecond: Int?
    /// How long an event is remembered after SUCCESS or DROP.
    package var dedupeNanoseconds: Int64?
    /// The database that keeps what was done for each event.
    package var onceDatabase: ResourceIndex?
    /// What was published is no CloudEvent: its bytes are the data.
    package var isRaw = false
    /// Events of one bulk delivery; nil: each comes alone.
    package var bulkMessagesMax: Int?
    /// How long the sidecar waits for more of them.
    package var bulkWaitNanoseconds: Int64 = 50_000_000
    package init() {}
}

/// `get "/v1/widgets/{id}" => widgets.load`
package struct CompiledEndpoint: Sendable {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        /// `{rest*}`
        case rest(String)
    }
    /// `GET` …
    package let method: String
    /// As written.
    package let path: String
    package let segments: [Segment]
    package let action: FunctionIndex
    package let timeoutNanoseconds: Int64
    /// Requests that begin in any one second; more are refused.
    package let limitPerSecond: Int?
    /// Origins whose pages may call it: `https://shop.example`, or `*` alone.
    package let origins: [String]
    /// Nil: everyone may call it.
    package let authentication: CompiledAuthentication?
    package let range: SourceRange

    package init(
        method: String, path: String, segments: [Segment], action: FunctionIndex, timeoutNanoseconds: Int64,
        limitPerSecond: Int? = nil, origins: [String] = [], authentication: CompiledAuthentication? = nil,
        range: SourceRange
    ) {
        self.method = method
        self.path = path
        self.segments = segments
        self.action = action
        self.timeoutNanoseconds = timeoutNanoseconds
        self.limitPerSecond = limitPerSecond
        self.origins = origins
        self.authentication = authentication
        self.range = range
    }
}

package enum ResourceKind: String, Sendable, CaseIterable {
    case database, store, topic, app, service, binding, settings, lock
}

package enum ResourceTarget: Sendable, Hashable {
    case text(String)
    /// `secret("store/name")`, `secret("store/name", "key")`
    case secret(store: String, name: String, key: String?)
    /// `env("NAME")`, `env("NAME", "default")`
    case environment(name: String, defaultValue: String?)
}

package struct CompiledResource: Sendable {
    package let kind: ResourceKind
    package let name: String
    package let target: ResourceTarget
    package let options: [Constant.Entry]
    package let range: SourceRange

    package init(
        kind: ResourceKind, name: String, target: ResourceTarget, options: [Constant.Entry], range: SourceRange
    ) {
        self.kind = kind
        self.name = name
        self.target = target
        self.options = options
        self.range = range
    }
}
