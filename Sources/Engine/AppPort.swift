// AppPort.swift: what the sidecar calls: subscriptions, deliveries, health, and other apps' invocations.
//
// Decision 3: a delivery is answered SUCCESS, RETRY or DROP, in words. Decision 5: a topic that a reload removed is
// answered RETRY, counted and said loudly. Neighbours: Dapr/AppChannel (tells calls apart), Delivery.swift.

internal import Dapr
internal import Language
internal import Machine
internal import Transport
internal import Wire

final class AppPort: HTTPRequestHandler {
    private let core: EngineLoop
    private let channel: AppChannel
    /// When each missing topic was last complained about.
    private var complainedAt: [TopicName: UInt64] = [:]
    private static let complaintEveryNanoseconds: UInt64 = 10_000_000_000

    init(core: EngineLoop) {
        self.core = core
        channel = AppChannel(appToken: core.configuration.sidecar.appToken)
    }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        switch channel.classify(request) {
        case .health: response.respond(core.isDraining ? .draining : .healthy)
        case .unauthorized:
            core.log.warn("a call on the app port without the right token", [("path", request.path)])
            response.respond(.unauthorized)
        case .configuration: response.respond(.configuration)
        case .subscribe: response.respond(.subscriptions(subscriptions()))
        case .delivery(let pubsub, let topic): deliver(TopicName(pubsub: pubsub, topic: topic), request, response)
        case .bulk(let pubsub, let topic): deliverAll(TopicName(pubsub: pubsub, topic: topic), request, response)
        case .job(let name): ring(name, request, response)
        case .invocation:
            if takeInput(request, response) { return }
            EndpointCall.answer(
                request, response, on: core, door: .appChannel(caller: request.headers["dapr-caller-app-id"]))
        }
    }

    private func subscriptions() -> [AppSubscription] {
        guard let deployment = core.deployment() else { return [] }
        core.toldTopics.tell(deployment.subscriptions.map(\.topic))
        return deployment.subscriptions.map { plan in
            let bulk = plan.options.bulkMessagesMax.map {
                AppSubscription.Bulk(
                    messagesMax: $0, waitMilliseconds: max(1, Int(plan.options.bulkWaitNanoseconds / 1_000_000)))
            }
            return AppSubscription(
                pubsub: plan.topic.pubsub, topic: plan.topic.topic, deadLetterTopic: plan.options.deadLetterTopic,
                isRaw: plan.options.isRaw, bulk: bulk)
        }
    }

    /// Each event of a bulk delivery is a delivery of its own; the answer tells them all.
    private func deliverAll(_ topic: TopicName, _ request: HTTPRequest, _ response: HTTPResponder) {
        guard !core.isDraining else { return response.respond(.draining) }
        let entries: [BulkEntry]
        do throws(EnvelopeProblem) {
            entries = try BulkEnvelope.read(request.body)
        } catch {
            core.log.warn("a bulk delivery that is none: \(error.message)", [("topic", topic.text)])
            return response.respond(.malformed)
        }
        let answer = BulkAnswer(entries, loop: core.loop, response)
        guard let deployment = core.deployment(), let plan = deployment.subscription(for: topic) else {
            complain(about: topic)
            for position in entries.indices {
                core.counters.count(.unsubscribed)
                answer.take(OutcomeKind.unsubscribed.told, at: position)
            }
            return
        }
        for (position, entry) in entries.enumerated() {
            let delivery = Delivery(
                core: core, deployment: deployment, plan: plan,
                request: HTTPRequest(head: request.head, body: entry.body),
                trace: core.trace(continuing: request.headers["traceparent"])
            ) { outcome in answer.take(outcome, at: position) }
            delivery.begin()
        }
    }

    private func deliver(_ topic: TopicName, _ request: HTTPRequest, _ response: HTTPResponder) {
        guard !core.isDraining else {
            // Not counted: the event was never taken, and another process or the next one will get it.
            return response.respond(.retry)
        }
        guard let deployment = core.deployment(), let plan = deployment.subscription(for: topic) else {
            complain(about: topic)
            core.counters.count(.unsubscribed)
            return response.respond(.delivery(OutcomeKind.unsubscribed.told))
        }
        let trace = core.trace(continuing: request.headers["traceparent"])
        let delivery = Delivery(core: core, deployment: deployment, plan: plan, request: request, trace: trace) {
            response.respond(.delivery($0))
        }
        delivery.begin()
    }

    private func ring(_ name: String, _ request: HTTPRequest, _ response: HTTPResponder) {
        guard let deployment = core.deployment(), let trigger = deployment.triggers.job(name) else {
            core.counters.count(.unmatched)
            core.log.warn(
                "the sidecar rings a job that no `job` takes; delete it there with `DELETE /v1.0/jobs/\(name)`, or add a trigger",
                [("job", name)])
            return response.respond(.unknownJob)
        }
        let firing = TriggerCall.Firing(type: "job.\(name)", request: request, response: response)
        TriggerCall.answer(firing, trigger, of: deployment, on: core)
    }

    /// A binding is called by its bare name, and asked for by OPTIONS; what another app sent is never one.
    private func takeInput(_ request: HTTPRequest, _ response: HTTPResponder) -> Bool {
        guard let deployment = core.deployment(), !deployment.triggers.isEmpty,
            let name = channel.bindingName(request), let trigger = deployment.triggers.input(name)
        else { return false }
        if request.method == .options {
            response.respond(.triggerDone)
        } else {
            let firing = TriggerCall.Firing(type: "binding.\(name)", request: request, response: response)
            TriggerCall.answer(firing, trigger, of: deployment, on: core)
        }
        return true
    }

    private func complain(about topic: TopicName) {
        let now = core.loop.nowNanoseconds
        if let last = complainedAt[topic], now - last < Self.complaintEveryNanoseconds { return }
        complainedAt[topic] = now
        core.log.error(
            "the sidecar still delivers a topic that no `subscribe` names; its events are answered RETRY. "
                + "Add the subscription again, or restart the sidecar to end it",
            [("topic", topic.text)])
    }
}

extension HTTPResponder {
    func respond(_ reply: AppReply) { respond(status: reply.status, headers: reply.headers, body: reply.body) }
}

/// What routes declare, for everyone.
final class PublicPort: HTTPRequestHandler {
    private let core: EngineLoop

    init(core: EngineLoop) { self.core = core }

    func handle(_ request: HTTPRequest, _ response: HTTPResponder) {
        EndpointCall.answer(request, response, on: core, door: .publicPort)
    }
}
