// Triggers.swift: which `job` or `input` takes a call of the sidecar, and how the call becomes an event.
//
// An event of type `job.<name>` or `binding.<name>` with the payload as its data. A job's exact name beats a glob, and the
// first glob in source order beats the others. Neighbours: TriggerCall.swift (runs it), Deployment.swift (holds them).

internal import Dapr
internal import DaprContract
internal import Language
internal import Machine
internal import Routing
internal import Wire

/// One `job` or `input`.
struct TriggerPlan: Sendable {
    let skipsOverlap: Bool
    /// One rule, which takes everything.
    let plan: SubscriptionPlan

    init(_ compiled: CompiledTrigger) {
        skipsOverlap = compiled.skipsOverlap
        plan = SubscriptionPlan(compiled.subscription)
    }
}

struct Triggers: Sendable {
    private var jobs: [String: TriggerPlan] = [:]
    private var globs: [(glob: Glob, plan: TriggerPlan)] = []
    private var inputs: [String: TriggerPlan] = [:]
    /// Of jobs that the sidecar is to ring: name → schedule.
    private(set) var schedules: [String: String] = [:]
    let isEmpty: Bool

    init(_ compiled: [CompiledTrigger]) {
        isEmpty = compiled.isEmpty
        for trigger in compiled {
            let plan = TriggerPlan(trigger)
            let glob = Glob(trigger.name)
            switch trigger.kind {
            case .input: inputs[trigger.name] = plan
            case .job where glob.isExact: jobs[trigger.name] = plan
            case .job: globs.append((glob, plan))
            }
            if let schedule = trigger.schedule { schedules[trigger.name] = schedule }
        }
    }

    func job(_ name: String) -> TriggerPlan? { jobs[name] ?? globs.first { $0.glob.matches(name) }?.plan }

    func input(_ name: String) -> TriggerPlan? { inputs[name] }

    /// The CloudEvent that a payload becomes.
    ///
    /// - Parameter type: `job.nightly`
    static func event(type: String, id: String, source: String, time: String, payload: MessageBody) -> MessageBody {
        var fields: [JSON.Member] = [
            JSON.Member(CloudEventAttribute.specversion, .string(CloudEventDefault.specversion)),
            JSON.Member(CloudEventAttribute.id, .string(id)),
            JSON.Member(CloudEventAttribute.source, .string(source)),
            JSON.Member(CloudEventAttribute.type, .string(type)),
            JSON.Member(CloudEventAttribute.time, .string(time)),
        ]
        func whole(_ mediaType: String, _ name: String, _ data: [UInt8]) -> MessageBody {
            fields.append(JSON.Member(CloudEventAttribute.datacontenttype, .string(mediaType)))
            var text = JSON.object(fields).serialized()
            text.removeLast()
            text += Array(",\"\(name)\":".utf8) + data + [UInt8(ascii: "}")]
            return MessageBody(text)
        }
        let bytes = payload.bytes
        if bytes.isEmpty { return whole(MediaType.json, CloudEventAttribute.data, Array("null".utf8)) }
        // JSON as it came, numbers of any length included.
        if (try? JSON.parse(bytes)) != nil { return whole(MediaType.json, CloudEventAttribute.data, bytes) }
        if let text = String(validating: bytes, as: UTF8.self) {
            return whole(MediaType.text, CloudEventAttribute.data, JSON.string(text).serialized())
        }
        let encoded = OwnedArena(limitBytes: bytes.count * 4 + (1 << 16))
        defer { withExtendedLifetime(encoded) {} }
        // Bytes are base64 in JSON.
        let quoted = (try? encoded.arena.bytes(bytes.span).json()) ?? Array("\"\"".utf8)
        return whole(MediaType.octets, CloudEventAttribute.dataBase64, quoted)
    }
}
