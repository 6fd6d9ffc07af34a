// ListEffects.swift: effects over many keys or events at once, output bindings and settings.
//
// Neighbours: SidecarEffects.swift (sends what is made here), Dapr/SidecarCall+StateMany, Dapr/SidecarCall+Bindings.

internal import Dapr
internal import Machine

enum ListEffects {
    /// The reply of an effect that asks for nothing; nil when there is something to ask for.
    static func replyToNothing(_ request: EffectRequest) -> Value? {
        switch request.site.kind {
        case .stateGetMany where isEmptyList(request): request.run.arena.list([])
        case .stateTransact where isEmptyList(request), .publishAll where isEmptyList(request): .null
        default: nil
        }
    }

    private static func isEmptyList(_ request: EffectRequest) -> Bool {
        request.operand(0).items(in: request.run.arena)?.isEmpty ?? false
    }

    static func call(for request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let arena = request.run.arena
        switch request.site.kind {
        case .stateGetMany:
            return try .stateGetMany(store: request.target, keys: strings(request.operand(0), "the keys", in: arena))
        case .stateTransact:
            guard request.operand(0).kind == .list else { throw refused("`transact` takes a list of changes") }
            return try .stateTransact(store: request.target, changes: request.operand(0), in: arena)
        case .stateQuery: return try .stateQuery(store: request.target, query: request.operand(0))
        case .publishAll: return try publishAll(request)
        case .bindingCall: return try binding(request)
        case .settingsGet:
            let keys = request.operand(0)
            return .settings(
                store: request.target, keys: keys.isNull ? [] : try strings(keys, "the keys", in: arena))
        default: preconditionFailure("`\(request.site.kind)` is no effect over a list")
        }
    }

    private static func refused(_ why: String) -> EffectFailure { EffectFailure(.invalid, why) }

    private static func strings(_ list: Value, _ what: String, in arena: Arena) throws(EffectFailure) -> [String] {
        guard let items = list.items(in: arena) else { throw refused("\(what) are a list, not \(list.kind.name)") }
        var strings: [String] = []
        for item in items {
            guard let text = item.asString else { throw refused("\(what) are strings, not \(item.kind.name)") }
            strings.append(text)
        }
        return strings
    }

    private static func binding(_ request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let isNamed = !request.site.template.isEmpty
        guard let operation = isNamed ? request.site.template[0] : request.operand(0).asString else {
            throw refused("an operation of a binding is a string, not \(request.operand(0).kind.name)")
        }
        return try .binding(
            name: request.target, operation: operation, data: request.operand(isNamed ? 0 : 1),
            metadata: request.option(.metadata) ?? .null, in: request.run.arena)
    }

    // MARK: Publishing

    private static func publishAll(_ request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let (pubsub, topic) = SidecarEffects.topic(request)
        return try .publishAll(
            pubsub: pubsub, topic: topic, events: events(of: request), metadata: request.option(.metadata) ?? .null,
            in: request.run.arena)
    }

    /// What a `publish_all` publishes.
    static func events(of request: EffectRequest) throws(EffectFailure) -> [PublishedEvent] {
        let arena = request.run.arena
        let topic = SidecarEffects.topic(request).topic
        guard let items = request.operand(0).items(in: arena) else {
            throw refused("`publish_all` takes a list, not \(request.operand(0).kind.name)")
        }
        let identity = IdentitySource(request)
        var events: [PublishedEvent] = []
        for (number, item) in items.enumerated() {
            var event = SidecarEffects.event(request, topic: topic, data: item) { identity.id(ofItem: number) }
            for selector in request.site.template { try read(selector, of: item, number, into: &event, in: arena) }
            events.append(event)
        }
        return events
    }

    /// - Parameter selector: `id.customer.name`: the option, and the path to it in each item.
    private static func read(
        _ selector: String, of item: Value, _ number: Int, into event: inout PublishedEvent, in arena: Arena
    ) throws(EffectFailure) {
        let words = selector.split(separator: ".").map(String.init)
        let value = words.dropFirst().reduce(item) { $0.field($1, in: arena) }
        if words[0] == "time" {
            event.time = value
            return
        }
        guard let text = value.asString ?? value.asInt.map({ "\($0)" }) else {
            if words[0] == "subject", value.isNull { return }
            let path = words.dropFirst().joined(separator: ".")
            throw refused("`\(words[0])` of an event is text, but `.\(path)` of item \(number) is \(value.kind.name)")
        }
        switch words[0] {
        case "id": event.id = text
        case "type": event.type = text
        case "source": event.source = text
        default: event.subject = text
        }
    }
}
