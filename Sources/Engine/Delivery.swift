// Delivery.swift: one event from its arrival to its answer: match, run, repeat, answer.
//
// Policy of language.md sections 8 and 9: the first rule that matches or all of them in source order; a run that ends
// in RETRY is repeated inside the delivery after a pause, never after a fault, while the delivery's time lasts; then
// the sidecar is told the worst outcome. The body is kept until the answer, because a repetition reads it again.
// Neighbours: Run.swift (one handler), Delivery+Policies.swift (those that have to wait), AppPort.swift (makes deliveries).

internal import Dapr
internal import Diagnostics
internal import Language
internal import Machine
internal import Routing
internal import Transport

final class Delivery {
    let core: EngineLoop
    let deployment: Deployment
    let plan: SubscriptionPlan
    let request: HTTPRequest
    let trace: TraceParent
    let deadlineNanoseconds: UInt64
    private(set) var answer: (@Sendable (EventOutcome) -> Void)?
    /// Rules still to run, in source order, reversed.
    private var waiting: [Rule] = []
    private var repetitions = 0
    private var worst = OutcomeKind.success
    /// Of a subscription with policies; nil for all others.
    private var admission: Admission?

    /// - Parameter answer: called exactly once, on any loop.
    init(
        core: EngineLoop, deployment: Deployment, plan: SubscriptionPlan, request: HTTPRequest, trace: TraceParent,
        answer: @escaping @Sendable (EventOutcome) -> Void
    ) {
        self.core = core
        self.deployment = deployment
        self.plan = plan
        self.request = request
        self.trace = trace
        self.answer = answer
        deadlineNanoseconds = core.loop.nowNanoseconds + UInt64(plan.options.timeoutNanoseconds)
    }

    /// One that arrived on another loop, or has to wait on this one.
    init(_ handed: HandedDelivery, on core: EngineLoop) {
        self.core = core
        deployment = handed.deployment
        plan = handed.plan
        request = handed.request
        trace = handed.trace
        deadlineNanoseconds = handed.deadlineNanoseconds
        answer = handed.answer
        waiting = handed.rules
    }

    /// Matches the event and runs what took it.
    func begin() {
        guard let fiber = core.makeFiber(for: deployment) else { return finish(.overloaded) }
        let event: DeliveredEvent
        do throws(EnvelopeProblem) {
            event = try DeliveredEvent(
                reading: request, topic: plan.topic, attempt: 1, into: fiber, on: core, of: deployment)
        } catch {
            core.releaseUnused(fiber, of: deployment)
            core.log.warn(
                "event dropped: \(error.message)", [("topic", plan.topic.text), ("outcome", "invalid")])
            return finish(.invalid)
        }
        match(event, in: fiber)
    }

    private func match(_ event: DeliveredEvent, in fiber: RunFiber) {
        guard let slots = core.fibers.slots(of: fiber.ref) else {
            preconditionFailure("an event is matched before its fields are read")
        }
        let rules: [Rule]
        do throws(Fault) {
            rules = try plan.rules.matching(slots, all: plan.options.matchesAll, using: core.matches) {
                (predicate) throws(Fault) in try core.fibers.evaluate(fiber.ref, predicate)
            }
        } catch {
            core.releaseUnused(fiber, of: deployment)
            core.log.error(
                "matching ended early: \(error.message)", [("topic", plan.topic.text), ("event", event.id)])
            return finish(.exhausted)
        }
        guard !rules.isEmpty else {
            core.releaseUnused(fiber, of: deployment)
            core.log.warn(
                "no rule took the event; it is acknowledged and counted as unmatched",
                [("topic", plan.topic.text), ("type", event.type), ("event", event.id)])
            return finish(.unmatched)
        }
        waiting = rules.reversed()
        if let policies = plan.policies { return admit(event, in: fiber, by: policies) }
        runNext(reusing: fiber, event)
    }

    /// Asks the policies before anything runs, on the loop that is to know.
    private func admit(_ event: DeliveredEvent, in fiber: RunFiber, by policies: DeliveryPolicies) {
        let turn: KeyDigest?
        do throws(Fault) {
            turn = KeyDigest(
                ordering: try policies.orderKey.map { key throws(Fault) in try core.fibers.value(fiber.ref, key) }
                    ?? .null)
        } catch {
            core.releaseUnused(fiber, of: deployment)
            core.log.error(
                "`ordered_by` ended early: \(error.message)", [("topic", plan.topic.text), ("event", event.id)])
            return finish(.exhausted)
        }
        core.releaseUnused(fiber, of: deployment)
        guard let answer else { return }
        self.answer = nil
        HandedDelivery(
            deployment: deployment, plan: plan, policies: policies, request: request, trace: trace,
            deadlineNanoseconds: deadlineNanoseconds, rules: waiting, turn: turn, event: event, answer: answer
        ).begin(from: core)
    }

    /// Passes the policies, then runs.
    func begin(_ admission: Admission) {
        self.admission = admission
        admission.begin()
    }

    /// Runs what took the event and was not done before.
    func run() { runNext() }

    var hasRules: Bool { !waiting.isEmpty }

    /// Leaves a rule out whose outcome is known.
    func skip(_ rule: RuleID, _ outcome: OutcomeKind) {
        waiting.removeAll { $0.id == rule }
        note(outcome)
    }

    /// Every rule's outcome was known.
    func finishWithoutRun() { finish(worst) }

    /// Runs the next waiting rule; the first one takes the fiber that the match was made in.
    private func runNext(reusing fiber: RunFiber? = nil, _ event: DeliveredEvent? = nil) {
        guard let rule = waiting.last else { return finish(worst) }
        guard let fiber = fiber ?? core.makeFiber(for: deployment) else { return finish(.overloaded) }
        let read: DeliveredEvent
        if let event {
            read = event
        } else {
            do throws(EnvelopeProblem) {
                read = try DeliveredEvent(
                    reading: request, topic: plan.topic, attempt: repetitions + 1, into: fiber, on: core,
                    of: deployment)
            } catch {
                preconditionFailure("the same bytes were read before: \(error.message)")
            }
        }
        let context = RunContext(
            origin: .rule(rule.range), rule: rule.name, eventID: read.id,
            eventSource: read.source, eventType: read.type, trace: trace.child(spanID: core.random.next()),
            once: claim(of: read, for: rule))
        let run = Run(
            core: core, deployment: deployment, fiber: fiber, deadlineNanoseconds: deadlineNanoseconds,
            context: context
        ) { [self] run, end in self.ended(rule, run, end) }
        run.begin(rule.action, argument: read.value)
    }

    private func claim(of event: DeliveredEvent, for rule: Rule) -> OnceClaim? {
        guard let database = plan.options.onceDatabase else { return nil }
        return OnceClaim(
            database: database, app: core.configuration.appID, topic: plan.topic.text, rule: plan.name(of: rule.id),
            source: event.source, id: event.id)
    }

    private func ended(_ rule: Rule, _ run: Run, _ end: Run.End) {
        let outcome = OutcomeReport.outcome(of: end)
        let pause = RetryPause.nanoseconds(
            attempt: repetitions, low: plan.options.backoffLowNanoseconds,
            high: plan.options.backoffHighNanoseconds, random: core.random.unit())
        let resumesAt = core.loop.nowNanoseconds + pause
        let isRepeated =
            outcome == .retry && repetitions < plan.options.retries && resumesAt < deadlineNanoseconds
            && !core.isDraining
        OutcomeReport.say(end, of: run, isRepeated: isRepeated)
        if isRepeated {
            repetitions += 1
            core.counters.repetitions += 1
            core.loop.schedule(atNanoseconds: resumesAt) { [self] in self.runNext() }
            return
        }
        note(outcome)
        admission?.ended(rule.id, outcome)
        waiting.removeLast()
        repetitions = 0
        if waiting.isEmpty { return finish(worst) }
        // A rule that ended without an effect must not deepen the stack for each one after it.
        core.loop.atEndOfTurn { [self] in self.runNext() }
    }

    private func note(_ outcome: OutcomeKind) {
        if outcome.severity > worst.severity || worst == .success { worst = outcome }
    }

    func finish(_ outcome: OutcomeKind) {
        core.counters.count(outcome)
        admission?.leave(outcome)
        admission = nil
        let callback = answer
        answer = nil
        callback?(outcome.told)
    }
}
