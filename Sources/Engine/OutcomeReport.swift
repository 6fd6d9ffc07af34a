// OutcomeReport.swift: what a run's end means for an event, and what is said about it.
//
// Faults are shown with place, event, route, generation and the effects already carried out: the operator's real
// question is what has already happened. Neighbours: Delivery.swift, Diagnostics/TextRenderer.swift.

internal import Diagnostics
internal import Language
internal import Machine

enum OutcomeReport {
    /// The outcome of one rule's run.
    static func outcome(of end: Run.End) -> OutcomeKind {
        switch end {
        case .completed(.returned): .success
        case .completed(.retry): .retry
        case .completed(.drop): .drop
        case .completed(.invalidInput): .invalid
        case .completed(.failed(let failure)): outcome(ofFailure: FailureText(failure))
        case .faulted(let fault): fault.isExhaustion ? .exhausted : .fault
        case .timedOut: .exhausted
        }
    }

    /// Of a failure that nothing caught: an effect's is RETRY whatever its class, a `fail` goes by its class.
    private static func outcome(ofFailure failure: FailureText) -> OutcomeKind {
        if failure.origin == .effect { return .retry }
        return failure.kind.eventOutcome == .drop ? .drop : .retry
    }

    /// Says how a run ended, unless well.
    ///
    /// - Parameter isRepeated: the run is made again; that is worth a line only to whoever looks closely.
    static func say(_ end: Run.End, of run: Run, isRepeated: Bool) {
        let outcome = outcome(of: end)
        let level: LogLevel = isRepeated ? .debug : outcome.told == .retry ? .warn : .info
        switch end {
        case .completed(.returned): return
        case .completed(.retry(let reason)):
            say(run, level, "the handler asked for a retry", reason.asString, outcome)
        case .completed(.drop(let reason)):
            say(run, level, "the handler dropped the event", reason.asString, outcome)
        case .completed(.invalidInput(let failure)):
            say(run, .warn, "event dropped: its data does not fit", FailureText(failure).message, outcome)
        case .completed(.failed(let failure)):
            let text = FailureText(failure)
            say(run, level, "the handler failed (\(text.kind.name))", text.message, outcome)
        case .faulted(let fault): say(fault, of: run)
        case .timedOut: say(timeOut(of: run), of: run)
        }
    }

    private static func say(_ run: Run, _ level: LogLevel, _ message: String, _ reason: String?, _ outcome: OutcomeKind)
    {
        run.core.log.write(
            level, reason.map { "\(message): \($0)" } ?? message,
            [
                ("event", run.context.eventID), ("type", run.context.eventType), ("route", run.route),
                ("outcome", outcome.name),
            ])
    }

    static func timeOut(of run: Run) -> Fault {
        Fault(.outOfTime, "the run took longer than its delivery may")
    }

    /// The fault with its place and its circumstances, as the style guide's sample shows it.
    static func say(_ fault: Fault, of run: Run) {
        let program = run.deployment.compiled.program
        let range = fault.word.flatMap { program.range(atWord: $0) }
        let (log, context, generation) = (run.core.log, run.context, run.deployment.number)
        var notes =
            context.eventID.isEmpty
            ? [Note("request", "\(run.route) (generation \(generation))")]
            : [
                Note(
                    "event", "\(context.eventType) id=\(context.eventID) (route \(run.route), generation \(generation))"
                )
            ]
        notes.append(Note("effects already carried out", run.ledger.text(program.effectSites)))
        if !run.underWay.isEmpty {
            notes.append(
                Note("under way when it ended, with an outcome that is not known", run.underWay.joined(separator: ", "))
            )
        }
        let diagnostic = Diagnostic(
            code: fault.code, title: fault.message, primary: range.map { Label($0, "it was here") }, notes: notes)
        let sources = run.deployment.compiled.sources
        guard log.format == .json else { return log.diagnostics([diagnostic], in: sources, run.core.renderer) }
        log.writeJSON(diagnostic, in: sources, circumstances(of: run))
    }

    /// The same for programs, each fact by its name.
    private static func circumstances(of run: Run) -> [(name: String, value: JSON)] {
        let sites = run.deployment.compiled.program.effectSites
        let effects = run.ledger.entries.map { entry in
            JSON.object([
                JSON.Member("effect", .string(sites[Int(entry.site.rawValue)].label)),
                JSON.Member("count", .int(Int64(entry.count))),
            ])
        }
        var facts: [(name: String, value: JSON)] = []
        if !run.context.eventID.isEmpty {
            facts += [("event", .string(run.context.eventID)), ("type", .string(run.context.eventType))]
        }
        return facts + [
            ("route", .string(run.route)), ("generation", .int(Int64(run.deployment.number))),
            ("effects", .array(effects)), ("under_way", .array(run.underWay.map { .string($0) })),
        ]
    }
}

/// What a failure value says.
struct FailureText {
    let kind: FailureClass
    let origin: Value.FailureOrigin
    let message: String
    let details: Value

    init(_ failure: Value) {
        let parts = failure.failureParts
        kind = parts?.failureClass ?? .internal
        origin = parts?.origin ?? .script
        message = parts?.message.asString ?? "no reason given"
        details = parts?.details ?? .null
    }
}
