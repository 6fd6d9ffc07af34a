// TriggerCall.swift: one firing of a job or of an input binding: a delivery whose answer is a status.
//
// Section 8: 200 for SUCCESS and DROP, 500 for RETRY. A job with `overlap: "skip"` belongs to the first loop, which knows
// whether it is at work. Neighbours: Triggers.swift (finds it), Delivery.swift (runs it), AppPort.swift.

internal import Dapr
internal import Machine
internal import Transport
internal import Wire

enum TriggerCall {
    /// What fires.
    struct Firing: Sendable {
        /// `job.nightly`
        let type: String
        let request: HTTPRequest
        let response: HTTPResponder
    }

    static func answer(_ firing: Firing, _ trigger: TriggerPlan, of deployment: Deployment, on core: EngineLoop) {
        guard trigger.skipsOverlap, let owner = core.peers.first, owner !== core else {
            return begin(firing, trigger, of: deployment, on: core)
        }
        core.counters.handedOver += 1
        owner.loop.execute { begin(firing, trigger, of: deployment, on: owner) }
    }

    private static func begin(_ firing: Firing, _ trigger: TriggerPlan, of deployment: Deployment, on core: EngineLoop)
    {
        let response = firing.response
        guard !core.isDraining else { return response.respond(.triggerFailed) }
        if trigger.skipsOverlap, !core.jobsAtWork.insert(firing.type).inserted {
            core.counters.count(.skipped)
            core.log.info("a job is skipped, for it is still at work", [("job", firing.type)])
            return response.respond(.triggerDone)
        }
        let body = Triggers.event(
            type: firing.type, id: core.random.uuid(), source: core.configuration.appID, time: Timestamp.now(),
            payload: firing.request.body)
        let delivery = Delivery(
            core: core, deployment: deployment, plan: trigger.plan,
            request: HTTPRequest(head: firing.request.head, body: body),
            trace: core.trace(continuing: firing.request.headers["traceparent"])
        ) { outcome in
            // On the loop that it began on: such a delivery has no key, so nobody takes it over.
            if trigger.skipsOverlap { core.jobsAtWork.remove(firing.type) }
            response.respond(outcome == .retry ? .triggerFailed : .triggerDone)
        }
        delivery.begin()
    }
}
