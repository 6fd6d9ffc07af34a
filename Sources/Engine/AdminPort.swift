// AdminPort.swift: /healthz, /readyz and /generations, for operators and probes. Never exposed.
//
// Served by the first loop; what the other loops know is gathered by messages. Neighbours: Engine.swift, Gathering.swift.

internal import Machine
internal import Transport

final class AdminPort: HTTPRequestHandler {
    /// What the engine lets this port see.
    struct View {
        let isReady: @Sendable () -> Bool
        /// Why not, in words; empty when ready.
        let waitingFor: @Sendable () -> String
        let loops: [EngineLoop]
        let generations: Generations
    }

    private let view: View
    private let home: EngineLoop

    init(view: View, home: EngineLoop) {
        self.view = view
        self.home = home
    }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        switch request.path {
        case "/healthz": reply(response, 200, ["status": "ok"])
        case "/readyz":
            if view.isReady() {
                reply(response, 200, ["status": "ready"])
            } else {
                reply(
                    response, 503,
                    ["status": "not ready", "waiting_for": .string(view.waitingFor())])
            }
        case "/generations":
            Gathering.gather(from: view.loops, home: home.loop) { [view] reports in
                AdminPort.answer(response, generations: view.generations, reports)
            }
        default:
            response.respond(
                status: 404, headers: [("content-type", "application/json")],
                body: ErrorBody.json(
                    class: .notFound, message: "the admin port has /healthz, /readyz and /generations"))
        }
    }

    private func reply(_ response: HTTPResponder, _ status: Int, _ body: JSON) {
        response.respond(status: status, headers: [("content-type", "application/json")], body: body.serialized())
    }

    private static func answer(_ response: HTTPResponder, generations: Generations, _ reports: [LoopReport]) {
        var counters = LoopCounters()
        var inFlight: [UInt64: Int] = [:]
        for report in reports {
            counters.add(report.counters)
            inFlight.merge(report.inFlight, uniquingKeysWith: +)
        }
        let outcomes = OutcomeKind.allCases.map { JSON.Member($0.name, .int(Int64(counters[$0]))) }
        let refusals = RefusalReason.allCases.map { JSON.Member($0.name, .int(Int64(counters[$0]))) }
        let described = generations.records.reversed().map { describe($0, inFlight: inFlight[$0.number] ?? 0) }
        let body: JSON = [
            "live": .int(Int64(generations.number)),
            "generations": .array(described),
            "outcomes": .object(outcomes),
            "repetitions": .int(Int64(counters.repetitions)),
            "waiting": .int(Int64(counters.waiting)),
            "handed_over": .int(Int64(counters.handedOver)),
            "duplicates": .int(Int64(counters.duplicates)),
            "passed_by": .int(Int64(counters.passedBy)),
            "relayed": .int(Int64(counters.relayed)),
            "remembered": .int(Int64(counters.remembered)),
            "forgotten_early": .int(Int64(counters.forgottenEarly)),
            "late_replies": .int(Int64(counters.lateReplies)),
            "requests": .int(Int64(counters.requests)),
            "refused": .object(refusals),
            "loops": .int(Int64(reports.count)),
        ]
        response.respond(status: 200, headers: [("content-type", "application/json")], body: body.serialized())
    }

    private static func describe(_ record: GenerationRecord, inFlight: Int) -> JSON {
        [
            "number": .int(Int64(record.number)),
            "state": .string(record.state.rawValue),
            "loaded_at": .string(record.loadedAt),
            "load_ms": .double(Double(record.loadMicroseconds) / 1000),
            "files": .int(Int64(record.files)),
            "rules": .int(Int64(record.rules)),
            "endpoints": .int(Int64(record.endpoints)),
            "in_flight": .int(record.state == .rejected ? 0 : Int64(inFlight)),
            "report": .string(record.report),
            "diagnostics": .array(record.diagnosticsJSON.split(separator: "\n").compactMap { try? JSON.parse($0) }),
        ]
    }
}

/// What one loop knows of itself.
struct LoopReport: Sendable {
    let counters: LoopCounters
    let inFlight: [UInt64: Int]
}

/// Asks every loop for its report and brings the answers home.
enum Gathering {
    /// - Parameters:
    ///   - home: the loop that asks; `completion` is called there.
    static func gather(from loops: [EngineLoop], home: EventLoop, _ completion: @escaping ([LoopReport]) -> Void) {
        let collector = Collector(expected: loops.count, completion)
        for core in loops {
            core.loop.execute {
                let report = core.report
                home.execute { collector.take(report) }
            }
        }
    }

    /// SAFETY: `take` is called on the home loop only, which also made it.
    private final class Collector: @unchecked Sendable {
        private var reports: [LoopReport] = []
        private let expected: Int
        private let completion: ([LoopReport]) -> Void

        init(expected: Int, _ completion: @escaping ([LoopReport]) -> Void) {
            self.expected = expected
            self.completion = completion
        }

        func take(_ report: LoopReport) {
            reports.append(report)
            if reports.count == expected { completion(reports) }
        }
    }
}
