// DeliveredEvent.swift: a delivery's body as the `event` that rules and handlers see.
//
// Shape (language.md section 9): the envelope's attributes and extensions, `data`, and what the engine adds: `pubsub`,
// `topic`, `attempt`. An event in structured JSON is scanned once, which fills the slots that rules mention; a binary
// one is read whole and its slots are filled from the value. Neighbours: Dapr/EventEnvelope (checks it), Delivery.swift.

internal import Dapr
internal import Language
internal import Machine
internal import Transport
internal import Wire

struct DeliveredEvent {
    /// Of the run's arena.
    let value: Value
    let id: String
    let source: String
    let type: String

    /// What is not the event's own.
    static let addedKeys: Set<String> = ["pubsub", "attempt"]

    /// - Parameters:
    ///   - fiber: of the run; its slots are filled.
    ///   - attempt: from 1.
    init(
        reading request: HTTPRequest, topic: TopicName, attempt: Int, into fiber: RunFiber, on core: EngineLoop,
        of deployment: Deployment
    ) throws(EnvelopeProblem) {
        let arena = fiber.arena
        let scanned = Self.scan(request, into: fiber, on: core)
        let isWhole =
            scanned.map { !Self.has("specversion", in: $0, arena) || Self.has("data_base64", in: $0, arena) } ?? true
        let envelope: Value
        if let scanned, !isWhole {
            try EventEnvelope.check(scanned, in: arena)
            envelope = scanned
        } else {
            envelope = try EventEnvelope.read(request.body, headers: request.headers, in: arena).opened(in: arena)
        }
        id = envelope.field("id", in: arena).asString ?? ""
        source = envelope.field("source", in: arena).asString ?? ""
        type = envelope.field("type", in: arena).asString ?? ""
        value = arena.event(
            envelope: envelope, topic: topic.isTrigger ? .null : arena.string(topic.topic),
            pubsub: topic.isTrigger ? .null : arena.string(topic.pubsub), attempt: attempt)
        let paths = deployment.compiled.program.slotPaths
        for (number, path) in paths.enumerated() where isWhole || Self.isAdded(path) {
            core.fibers.setSlot(number, of: fiber.ref, to: Self.find(path, in: value, arena))
        }
    }

    /// Nil when the body is no JSON: a binary event, or none at all.
    private static func scan(_ request: HTTPRequest, into fiber: RunFiber, on core: EngineLoop) -> Value? {
        try? request.body.withUnsafeBytes { (bytes) throws(JSONError) -> Value in
            try core.fibers.scan(bytes, copy: true, for: fiber.ref).opened(in: fiber.arena)
        }
    }

    private static func has(_ key: String, in envelope: Value, _ arena: Arena) -> Bool {
        !envelope.field(key, in: arena).isNull
    }

    private static func isAdded(_ path: [PathStep]) -> Bool {
        guard case .key(let name)? = path.first else { return false }
        return name == "topic" || addedKeys.contains(name)
    }

    static func find(_ path: [PathStep], in event: Value, _ arena: Arena) -> Value {
        var value = event
        for step in path {
            switch step {
            case .key(let name):
                guard let entry = value.entries(in: arena)?.last(where: { $0.key == name }) else { return .missing }
                value = entry.value
            case .index(let position):
                guard let items = value.items(in: arena), items.indices.contains(position) else { return .missing }
                value = items[position]
            }
        }
        return value
    }
}
