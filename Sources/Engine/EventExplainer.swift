// EventExplainer.swift: one event against the rules of a deployment, told clause by clause.
//
// For `patchbay explain EVENT.json`: nothing runs but predicates. Neighbours: Routing/Explanation.swift (asks the
// clauses), DeliveredEvent.swift (the same fields in a delivery).

internal import Diagnostics
package import Language
internal import Machine
package import Routing

/// Why an event cannot be explained.
package struct EventExplanationError: Error, Sendable {
    package let message: String
    package let help: String?
}

/// What every subscription makes of an event.
package struct EventExplanation: Sendable {
    package let type: String
    package let id: String
    package let subscriptions: [SubscriptionExplanation]
    /// By slot: the value as JSON; nil where the event has nothing at that path.
    package let values: [Int: String]

    /// Some rule takes it.
    package var isTaken: Bool { subscriptions.contains { $0.rules.contains { $0.outcome == .taken } } }
}

package struct SubscriptionExplanation: Sendable {
    package let subscription: CompiledSubscription
    package let rules: [RuleExplanation]
}

package enum EventExplainer {
    /// - Parameters:
    ///   - event: a CloudEvent in JSON.
    ///   - deployment: compiled with `explaining`.
    ///   - topic: `pubsub/topic`; nil: every subscription.
    package static func explain(
        _ event: [UInt8], _ deployment: CompiledDeployment, topic: String?
    ) throws(EventExplanationError) -> EventExplanation {
        let fibers = FiberSlab(fibersMax: 1)
        guard let fiber = fibers.create(program: deployment.program, limits: .standard),
            let arena = fibers.arena(of: fiber)
        else { throw EventExplanationError(message: "there is no memory for the event", help: nil) }
        defer { fibers.release(fiber) }
        let envelope: Value
        do throws(JSONError) {
            envelope = try fibers.scan(event, for: fiber)
        } catch {
            throw EventExplanationError(message: "the event is not JSON: \(error)", help: nil)
        }
        guard let type = envelope.field("type", in: arena).asString else {
            throw EventExplanationError(
                message: "this is no CloudEvent: it has no `type`",
                help:
                    "give the whole event, as {\"type\": \"order.paid\", \"id\": \"1\", \"source\": \"/shop\", \"specversion\": \"1.0\", \"data\": {…}}"
            )
        }
        let subscriptions = try chosen(from: deployment.subscriptions, topic)
        var explained: [SubscriptionExplanation] = []
        var values: [Int: String] = [:]
        for subscription in subscriptions {
            let whole = arena.event(
                envelope: envelope, topic: arena.string(subscription.topic), pubsub: arena.string(subscription.pubsub),
                attempt: 1)
            for (slot, path) in deployment.program.slotPaths.enumerated() {
                let value = DeliveredEvent.find(path, in: whole, arena)
                fibers.setSlot(slot, of: fiber, to: value)
                values[slot] =
                    value.kind == .missing ? nil : (try? value.json()).map { String(decoding: $0, as: UTF8.self) }
            }
            do throws(Fault) {
                let rules = try Explanation.explain(
                    subscription.rules, subscription.clauses, type: type, all: subscription.options.matchesAll
                ) { predicate throws(Fault) in try fibers.evaluate(fiber, predicate) }
                explained.append(SubscriptionExplanation(subscription: subscription, rules: rules))
            } catch {
                throw EventExplanationError(message: "a predicate ended early: \(error.message)", help: nil)
            }
        }
        return EventExplanation(
            type: type, id: envelope.field("id", in: arena).asString ?? "", subscriptions: explained, values: values)
    }

    private static func chosen(
        from subscriptions: [CompiledSubscription], _ topic: String?
    ) throws(EventExplanationError) -> [CompiledSubscription] {
        let names = subscriptions.map { "\($0.pubsub)/\($0.topic)" }
        guard let topic else {
            if subscriptions.isEmpty {
                throw EventExplanationError(message: "these routes subscribe to nothing", help: nil)
            }
            return subscriptions
        }
        let found = zip(names, subscriptions).filter { $0.0 == topic }.map(\.1)
        guard found.isEmpty else { return found }
        throw EventExplanationError(
            message: "nothing subscribes to `\(topic)`",
            help: nearest(topic, in: names).map { "did you mean `\($0)`?" }
                ?? "there are \(names.map { "`\($0)`" }.joined(separator: ", "))")
    }
}
