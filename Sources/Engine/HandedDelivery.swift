// HandedDelivery.swift: a delivery on its way to the loop that owns its key: an immutable value, body included.
//
// Law 3: handed over once. The owner reads the body again, for what was read belongs to the other loop's memory. The
// answer goes back by the responder, which knows its loop.
// Neighbours: Delivery.swift (before and after), Admission.swift (what comes next).

internal import Dapr
internal import Machine
internal import Routing
internal import Transport

struct HandedDelivery: Sendable {
    let deployment: Deployment
    let plan: SubscriptionPlan
    let request: HTTPRequest
    let trace: TraceParent
    let deadlineNanoseconds: UInt64
    /// That took the event, in source order, reversed.
    let rules: [Rule]
    let answer: @Sendable (EventOutcome) -> Void
    private let policies: DeliveryPolicies
    private let turn: KeyDigest?
    private let identities: [Admission.Identity]
    /// What decides whose it is.
    private let key: KeyDigest?

    init(
        deployment: Deployment, plan: SubscriptionPlan, policies: DeliveryPolicies, request: HTTPRequest,
        trace: TraceParent, deadlineNanoseconds: UInt64, rules: [Rule], turn: KeyDigest?, event: DeliveredEvent,
        answer: @escaping @Sendable (EventOutcome) -> Void
    ) {
        self.deployment = deployment
        self.plan = plan
        self.policies = policies
        self.request = request
        self.trace = trace
        self.deadlineNanoseconds = deadlineNanoseconds
        self.rules = rules
        self.turn = turn
        self.answer = answer
        guard policies.dedupeNanoseconds != nil else {
            identities = []
            key = turn
            return
        }
        identities = rules.map { rule in
            Admission.Identity(
                rule: rule.id, key: KeyDigest(plan.topic.text, plan.name(of: rule.id), event.source, event.id))
        }
        key = turn ?? KeyDigest(plan.topic.text, event.source, event.id)
    }

    /// Goes on where it belongs.
    ///
    /// - Parameter core: the loop that it arrived on.
    func begin(from core: EngineLoop) {
        let owner = policies.owner(of: key, arrival: core.number, loops: core.loopCount)
        guard owner != core.number else { return enter(core) }
        core.counters.handedOver += 1
        let home = core.peers[owner]
        home.loop.execute { enter(home) }
    }

    private func enter(_ core: EngineLoop) {
        let delivery = Delivery(self, on: core)
        delivery.begin(Admission(delivery, policies, turn: turn, identities: identities))
    }
}
