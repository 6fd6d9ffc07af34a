// SidecarEffects.swift: state, invocation and publishing, through this loop's sidecar client.
//
// A call is encoded whole before it is sent; its reply is read when the run takes it.
// Neighbours: Dapr/SidecarCall (what can be asked), EventIdentity.swift (ids of published events).

internal import Dapr
internal import Machine
internal import Wire

enum SidecarEffects {
    static func start(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        if let nothing = ListEffects.replyToNothing(request) { return .replied(.value(nothing)) }
        if let transaction = run.transaction(of: request.strand) { return Outbox.write(request, in: transaction) }
        let call: SidecarCall
        do throws(EffectFailure) {
            call = try self.call(for: request)
        } catch {
            return .replied(.failure(error.value(in: run.arena)))
        }
        run.core.sidecar.perform(
            call, traceparent: run.context.trace.text, deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            request.receive { arena in
                switch reply.value(in: arena) {
                case .success(let value): .value(value)
                case .failure(let failure): .failure(failure.value(in: arena))
                }
            }
        }
        return .pending
    }

    private static func call(for request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        switch request.site.kind {
        case .stateGet:
            return try .stateGet(
                store: request.target, key: key(request), isStrong: stateOptions(request).isStrong)
        case .stateEntry:
            return try .stateEntry(
                store: request.target, key: key(request), isStrong: stateOptions(request).isStrong)
        case .stateSave:
            return try .stateSave(
                store: request.target, key: key(request), value: request.operand(1), options: stateOptions(request))
        case .stateDelete:
            return try .stateDelete(store: request.target, key: key(request), options: stateOptions(request))
        case .stateGetMany, .stateTransact, .stateQuery, .publishAll, .bindingCall, .settingsGet:
            return try ListEffects.call(for: request)
        case .jobSchedule:
            return try .jobSchedule(
                name: request.operand(0).asString ?? "",
                dueNanoseconds: request.option(.due)?.asDurationNanoseconds ?? 0,
                data: request.option(.data) ?? .null, repeats: request.option(.repeats)?.asInt)
        case .jobCancel: return try .jobCancel(name: request.operand(0).asString ?? "")
        case .invokeGet: return try invoke(.get, request)
        case .invokePost: return try invoke(.post, request)
        case .invokePut: return try invoke(.put, request)
        case .invokePatch: return try invoke(.patch, request)
        case .invokeDelete: return try invoke(.delete, request)
        case .publish: return try publish(request)
        case .forward: return try forward(request)
        case .secret:
            let place = request.site.template
            return .secret(store: place[0], name: place[1], key: place.count > 2 ? place[2] : nil)
        default: preconditionFailure("`\(request.site.kind)` is not the sidecar's affair")
        }
    }

    // MARK: State

    /// A key that is no string is refused by the client, as an empty one is.
    private static func key(_ request: EffectRequest) -> String { request.operand(0).asString ?? "" }

    private static func stateOptions(_ request: EffectRequest) -> StateOptions {
        var options = StateOptions()
        options.etag = request.option(.etag)?.asString
        options.ttlSeconds = request.option(.ttl)?.asDurationNanoseconds.map(StateOptions.seconds)
        options.isFirstWrite = request.option(.concurrency)?.asString.map { $0 == "first-write" }
        options.isStrong = request.option(.consistency)?.asString.map { $0 == "strong" }
        return options
    }

    // MARK: Invocation

    private static func invoke(_ method: HTTPMethod, _ request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let pathOperands = request.site.template.count - 1
        let path = try SidecarCall.path(
            template: request.site.template, operands: (0..<pathOperands).map { request.operand($0) })
        let hasBody = Int(request.site.positionalCount) > pathOperands
        return try .invoke(
            app: request.target, method: method, path: path, query: request.option(.query) ?? .null,
            headers: request.option(.headers) ?? .null, body: hasBody ? request.operand(pathOperands) : .null,
            in: request.run.arena)
    }

    // MARK: Publishing

    static func topic(_ request: EffectRequest) -> (pubsub: String, topic: String) {
        let parts = request.target.split(separator: "/", maxSplits: 1)
        return (String(parts.first ?? ""), String(parts.dropFirst().first ?? ""))
    }

    private static func publish(_ request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let (pubsub, topic) = topic(request)
        return try .publish(
            pubsub: pubsub, topic: topic, event: event(of: request), metadata: request.option(.metadata) ?? .null,
            in: request.run.arena)
    }

    /// What a `publish` publishes.
    static func event(of request: EffectRequest) -> PublishedEvent {
        let identity = IdentitySource(request)
        return event(request, topic: topic(request).topic, data: request.operand(0)) { identity.id(ofItem: nil) }
    }

    /// The envelope that the options of a `publish` state, without what is read from each item.
    ///
    /// - Parameter id: makes one where none is stated.
    static func event(
        _ request: EffectRequest, topic: String, data: Value, id: () -> String
    ) -> PublishedEvent {
        let app = request.run.core.configuration.appID
        var event = PublishedEvent(
            id: request.option(.id)?.asString ?? id(), source: request.option(.source)?.asString ?? app,
            type: request.option(.type)?.asString ?? "\(app).\(topic)", data: data)
        event.subject = request.option(.subject)?.asString
        event.time = request.option(.time) ?? .null
        event.attributes = request.option(.attributes) ?? .null
        return event
    }

    private static func forward(_ request: EffectRequest) throws(EffectFailure) -> SidecarCall {
        let (pubsub, topic) = topic(request)
        return try .forward(pubsub: pubsub, topic: topic, event: forwarded(by: request), in: request.run.arena)
    }

    /// The event that a `forward` passes on: what the engine added is not its own.
    static func forwarded(by request: EffectRequest) -> Value {
        let arena = request.run.arena
        guard let entries = request.operand(0).entries(in: arena) else { return request.operand(0) }
        let own = entries.filter { !DeliveredEvent.addedKeys.contains($0.key) }
        return arena.object(own.map { ($0.key, $0.value) })
    }
}

/// Ids for what one effect publishes: the same cause publishes the same ids again; without an incoming event they are random.
struct IdentitySource {
    private let request: EffectRequest
    private let repetition: UInt32

    /// Counts that the place was asked once more.
    init(_ request: EffectRequest) {
        self.request = request
        repetition = request.run.repetition(of: request.index, by: request.strand)
    }

    /// - Parameter number: the place in a list; nil for a single event.
    func id(ofItem number: Int?) -> String {
        let run = request.run
        guard !run.context.eventID.isEmpty else { return run.core.random.uuid() }
        return EventIdentity.id(
            for: .init(
                app: run.core.configuration.appID, topic: request.target, rule: run.context.rule,
                source: run.context.eventSource, id: run.context.eventID,
                place: place + (number.map { " item \($0)" } ?? ""), repetition: repetition))
    }

    /// Handler and number of the `publish` in it; in a branch of a `together` also which one that is, for branches run
    /// in an order of their own each time.
    private var place: String {
        let path = request.run.core.fibers.path(of: request.strand, in: request.run.fiber)
        let branch = path.isEmpty ? "" : " in " + path.map { "\($0)" }.joined(separator: ".")
        return "\(request.site.handler): \(request.site.label)#\(request.site.ordinal)\(branch)"
    }
}
