// EffectSignature.swift: which methods a resource has, what they take and what they give.
//
// The table of language.md section 7, as far as this build performs it.
// Neighbours: Checker+Effects.swift (checks calls against it), Machine/Effect.swift (the kinds).

internal import Machine

struct EffectSignature: Sendable {
    enum Template: Sendable {
        case none
        /// SQL text with bound parameters.
        case sql
        /// A path whose `${…}` are encoded as one segment each; further arguments may follow.
        case path
    }
    struct Parameter: Sendable {
        let name: String
        let type: Type
        let isOptional: Bool
        init(_ name: String, _ type: Type, isOptional: Bool = false) {
            self.name = name
            self.type = type
            self.isOptional = isOptional
        }
    }

    let name: String
    let kind: EffectKind
    let template: Template
    /// After the template.
    let parameters: [Parameter]
    let options: [EffectOption]
    /// Options that may be a selector, read from each item of the list that is the first parameter.
    var selectors: [EffectOption] = []
    /// Options that every call states.
    var required: [EffectOption] = []
    /// What the site's template is, whatever the call.
    var fixed: [String] = []
    let result: Type

    init(
        _ name: String, _ kind: EffectKind, template: Template = .none, _ parameters: [Parameter] = [],
        options: [EffectOption] = [], result: Type
    ) {
        self.name = name
        self.kind = kind
        self.template = template
        self.parameters = parameters
        self.options = options
        self.result = result
    }

    /// What a call may look like, for messages: `save(key, value, etag:, ttl:)`.
    var usage: String {
        switch template {
        case .sql: return "\(name) \"…\""
        case .path, .none:
            var parts = template == .path ? ["\"/path\""] : []
            parts += parameters.map(\.name)
            parts += options.map { "\($0):" }
            return "\(name)(\(parts.joined(separator: ", ")))"
        }
    }

    /// Whether this effect can fail. Reading the clock cannot.
    var canFail: Bool {
        switch kind {
        case .now, .uuid, .random, .sleep, .conflictPause, .logDebug, .logInfo, .logWarn, .logError: false
        default: true
        }
    }
}

extension EffectSignature {
    private static let reply = Type.object([
        .init(name: "status", type: .int), .init(name: "headers", type: .dictionary(.string)),
        .init(name: "body", type: .any),
    ])
    private static let entry = Type.object([
        .init(name: "value", type: .any), .init(name: "etag", type: .optional(.string)),
    ])
    private static let found = Type.object([
        .init(
            name: "results",
            type: .list(
                .object([
                    .init(name: "key", type: .string), .init(name: "value", type: .any),
                    .init(name: "etag", type: .optional(.string)),
                ]))),
        .init(name: "token", type: .optional(.string)),
    ])
    private static let key = Parameter("key", .string)
    private static let invocationOptions: [EffectOption] = [.query, .headers, .timeout]

    private static let database: [EffectSignature] = [
        .init("exec", .sqlExecute, template: .sql, options: [.timeout], result: .int),
        .init("one", .sqlOne, template: .sql, options: [.timeout], result: .optional(.dictionary(.any))),
        .init("rows", .sqlRows, template: .sql, options: [.timeout], result: .list(.dictionary(.any))),
    ]
    private static let store: [EffectSignature] = [
        .init("get", .stateGet, [key], options: [.timeout, .consistency], result: .any),
        .init("entry", .stateEntry, [key], options: [.timeout, .consistency], result: entry),
        .init(
            "save", .stateSave, [key, Parameter("value", .any)],
            options: [.etag, .ttl, .consistency, .concurrency, .timeout], result: .null),
        .init(
            "delete", .stateDelete, [key], options: [.etag, .consistency, .concurrency, .timeout], result: .null),
        .init("get_many", .stateGetMany, [Parameter("keys", .list(.string))], options: [.timeout], result: .list(.any)),
        .init(
            "transact", .stateTransact, [Parameter("changes", .list(.dictionary(.any)))], options: [.timeout],
            result: .null),
        .init("query", .stateQuery, [Parameter("query", .dictionary(.any))], options: [.timeout], result: found),
    ]
    private static let eventOptions: [EffectOption] = [
        .type, .id, .source, .subject, .time, .attributes, .metadata, .timeout,
    ]
    private static let topic: [EffectSignature] = [
        .init("publish", .publish, [Parameter("data", .any)], options: eventOptions, result: .null),
        publishAll,
        .init("forward", .forward, [Parameter("event", .event(.any))], options: [.timeout], result: .null),
    ]
    private static let app: [EffectSignature] =
        [
            .init("get", .invokeGet, template: .path, options: invocationOptions, result: reply),
            .init("delete", .invokeDelete, template: .path, options: invocationOptions, result: reply),
        ]
        + [("post", EffectKind.invokePost), ("put", .invokePut), ("patch", .invokePatch)].map {
            .init(
                $0.0, $0.1, template: .path, [Parameter("body", .any, isOptional: true)], options: invocationOptions,
                result: reply)
        }
    private static let log: [EffectSignature] = [
        ("debug", EffectKind.logDebug), ("info", .logInfo), ("warn", .logWarn), ("error", .logError),
    ].map {
        .init(
            $0.0, $0.1, [Parameter("text", .string), Parameter("fields", .dictionary(.any), isOptional: true)],
            result: .null)
    }
    private static let plain: [EffectSignature] = [
        .init("now", .now, result: .time),
        .init("uuid", .uuid, result: .string),
        .init("random", .random, result: .float),
        .init("sleep", .sleep, [Parameter("duration", .duration)], result: .null),
    ]

    private static let publishAll: EffectSignature = {
        var signature = EffectSignature(
            "publish_all", .publishAll, [Parameter("list", .list(.any))], options: eventOptions, result: .null)
        signature.selectors = [.type, .id, .source, .subject, .time]
        return signature
    }()
    private static let binding: [EffectSignature] =
        ["create", "get", "delete", "list"].map {
            var signature = EffectSignature(
                $0, .bindingCall, [Parameter("data", .any, isOptional: $0 != "create")],
                options: [.metadata, .timeout],
                result: .any)
            signature.fixed = [$0]
            return signature
        } + [
            .init(
                "call", .bindingCall, [Parameter("operation", .string), Parameter("data", .any, isOptional: true)],
                options: [.metadata, .timeout], result: .any)
        ]
    private static let settings: [EffectSignature] = [
        .init(
            "get", .settingsGet, [Parameter("keys", .list(.string), isOptional: true)], options: [.timeout],
            result: .dictionary(.string))
    ]

    /// The methods of a kind of resource that this build performs.
    static func methods(of kind: ResourceKind) -> [EffectSignature] {
        switch kind {
        case .database: database
        case .store: store
        case .topic: topic
        case .app: app
        case .binding: binding
        case .settings: settings
        case .service, .lock: []
        }
    }

    static func method(_ name: String, of kind: ResourceKind) -> EffectSignature? {
        methods(of: kind).first { $0.name == name }
    }

    static var logLevels: [EffectSignature] { log }

    /// `now()` and its like: effects that need no resource.
    static func plainFunction(_ name: String) -> EffectSignature? { plain.first { $0.name == name } }

    /// `jobs.schedule(…)` and `jobs.cancel(…)`: like `log` they need no resource.
    static let jobs: [EffectSignature] = {
        var schedule = EffectSignature(
            "schedule", .jobSchedule, [Parameter("name", .string)], options: [.due, .data, .repeats, .timeout],
            result: .null)
        schedule.required = [.due]
        return [
            schedule,
            EffectSignature("cancel", .jobCancel, [Parameter("name", .string)], options: [.timeout], result: .null),
        ]
    }()

    /// `secret("store/name", "key")`: what it names is known at load.
    static let secret = EffectSignature("secret", .secret, options: [.timeout], result: .secret)

    static let stateEntrySignature = store[1]
    static let stateSaveSignature = store[2]
    static let stateDeleteSignature = store[3]
}

extension EffectOption {
    var type: Type {
        switch self {
        case .timeout, .ttl: .duration
        case .etag: .optional(.string)
        case .consistency: .literals([.string("eventual"), .string("strong")])
        case .concurrency: .literals([.string("first-write"), .string("last-write")])
        case .query, .headers, .attributes, .metadata: .dictionary(.any)
        case .type, .id, .source, .subject: .string
        case .time: .time
        case .due: .duration
        case .data: .any
        case .repeats: .int
        }
    }

    init?(name: String) {
        guard let match = Self.byName[name] else { return nil }
        self = match
    }

    private static let byName: [String: EffectOption] = Dictionary(
        uniqueKeysWithValues: allCases.map { ("\($0)", $0) })
}
