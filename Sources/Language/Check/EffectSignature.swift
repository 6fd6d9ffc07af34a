// EffectSignature.swift: which methods a resource has, what they take and what they give.
//
// The table of language.md section 7, as far as this build performs it. What the language has beyond that is
// listed by name, so that the answer is "not in this build" and not "unknown".
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
    ]
    private static let topic: [EffectSignature] = [
        .init(
            "publish", .publish, [Parameter("data", .any)],
            options: [.type, .id, .source, .subject, .time, .attributes, .metadata, .timeout], result: .null),
        .init("forward", .forward, [Parameter("event", .event(.any))], options: [.timeout], result: .null),
    ]
    private static let app: [EffectSignature] = [
        .init("get", .invokeGet, template: .path, options: invocationOptions, result: reply),
        .init("delete", .invokeDelete, template: .path, options: invocationOptions, result: reply),
    ] + [("post", EffectKind.invokePost), ("put", .invokePut), ("patch", .invokePatch)].map {
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

    /// The methods of a kind of resource that this build performs.
    static func methods(of kind: ResourceKind) -> [EffectSignature] {
        switch kind {
        case .database: database
        case .store: store
        case .topic: topic
        case .app: app
        case .service, .binding, .settings, .lock: []
        }
    }

    /// Methods that the language has and this build does not perform.
    static func laterMethods(of kind: ResourceKind) -> [String] {
        switch kind {
        case .store: ["get_many", "transact", "query"]
        case .topic: ["publish_all"]
        case .database, .app, .service, .binding, .settings, .lock: []
        }
    }

    static func method(_ name: String, of kind: ResourceKind) -> EffectSignature? {
        methods(of: kind).first { $0.name == name }
    }

    static var logLevels: [EffectSignature] { log }

    /// `now()` and its like: effects that need no resource.
    static func plainFunction(_ name: String) -> EffectSignature? { plain.first { $0.name == name } }

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
        }
    }

    init?(name: String) {
        guard let match = Self.byName[name] else { return nil }
        self = match
    }

    private static let byName: [String: EffectOption] = Dictionary(
        uniqueKeysWithValues: allCases.map { ("\($0)", $0) })
}
