// DatabaseUpkeep.swift: what goes on in the deployment's databases beside its runs: outboxes relayed, inboxes pruned.
//
// On the first loop alone; the others send a word when they have committed something to be relayed.
// Neighbours: OutboxRelay.swift, InboxPruning.swift (do it), EngineLoop.swift (holds it).

internal import Language
internal import Machine
internal import Transport

final class DatabaseUpkeep {
    private unowned let core: EngineLoop
    private var relays: [ResourceTarget: OutboxRelay] = [:]
    private var prunings: [ResourceTarget: InboxPruning] = [:]
    private var isStopped = false

    init(core: EngineLoop) { self.core = core }

    /// From now on the databases are those that this deployment declares. What waits in the outbox of one whose rules
    /// no longer publish there is relayed, too.
    func follow(_ deployment: Deployment) {
        guard !isStopped else { return }
        var wanted: Set<ResourceTarget> = []
        for (position, resource) in deployment.resources.enumerated() where resource.kind == .database {
            wanted.insert(resource.target)
            let isUsed = deployment.usesTables(of: .init(UInt16(position)))
            relay(for: resource).follow(isUsed: isUsed)
            guard isUsed, prunings[resource.target] == nil else { continue }
            prunings[resource.target] = InboxPruning(core: core, database: resource)
        }
        for (target, relay) in relays where !wanted.contains(target) {
            relay.stop()
            relays[target] = nil
        }
        for (target, pruning) in prunings where !wanted.contains(target) {
            pruning.stop()
            prunings[target] = nil
        }
    }

    /// Something was committed to the outbox of a database.
    func relay(_ database: ResourcePlan) {
        guard !isStopped else { return }
        relay(for: database).begin()
    }

    func stop() {
        isStopped = true
        for relay in relays.values { relay.stop() }
        for pruning in prunings.values { pruning.stop() }
        relays = [:]
        prunings = [:]
    }

    private func relay(for database: ResourcePlan) -> OutboxRelay {
        if let known = relays[database.target] { return known }
        let made = OutboxRelay(core: core, database: database)
        relays[database.target] = made
        return made
    }
}
