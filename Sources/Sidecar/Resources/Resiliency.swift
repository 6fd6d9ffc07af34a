// Resiliency.swift: the `Resiliency` resource: named policies, and which component's deliveries they hold for.
//
// Only `targets.components.<pubsub>.inbound` is carried out; what else a file sets is said in a warning.
// Source: contract 6.5. Neighbours: PubSub/RetryPolicy.swift (what a policy means in time).

/// One file's policies, still by name.
struct Resiliency: Sendable, Equatable {
    struct Target: Sendable, Equatable {
        let timeout: String?
        let retry: String?
        let line: Int
        let file: String
    }

    var timeouts: [String: Duration] = [:]
    var retries: [String: RetryPolicy] = [:]
    /// By component name.
    var inbound: [String: Target] = [:]
    var scopes: [String] = []

    func isInScope(of appID: String) -> Bool { scopes.isEmpty || scopes.contains(appID) }

    /// Several resources become one; the later wins, as in daprd.
    mutating func merge(_ other: Resiliency) {
        timeouts.merge(other.timeouts) { $1 }
        retries.merge(other.retries) { $1 }
        inbound.merge(other.inbound) { $1 }
    }

    /// The policy for deliveries of a pub/sub component: its target, else the defaults by name, first hit wins.
    func inboundPolicy(pubsub name: String) -> InboundPolicy {
        if let target = inbound[name] {
            return InboundPolicy(
                timeout: target.timeout.flatMap { timeouts[$0] }, retry: target.retry.flatMap { retries[$0] })
        }
        let prefixes = [
            "DefaultPubsubComponentInbound", "DefaultComponentInbound", "DefaultComponent", "Default",
        ]
        return InboundPolicy(
            timeout: prefixes.lazy.compactMap { timeouts["\($0)TimeoutPolicy"] }.first,
            retry: prefixes.lazy.compactMap { retries["\($0)RetryPolicy"] }.first)
    }

    /// Names that a target uses and nobody defines: daprd would go on without the policy.
    func unresolvedNames() -> [ResourceProblem] {
        inbound.sorted { $0.key < $1.key }.flatMap { name, target in
            var problems: [ResourceProblem] = []
            if let retry = target.retry, retries[retry] == nil {
                problems.append(
                    Self.unresolved("retry", retry, of: name, at: target, known: Array(retries.keys)))
            }
            if let timeout = target.timeout, timeouts[timeout] == nil {
                problems.append(
                    Self.unresolved("timeout", timeout, of: name, at: target, known: Array(timeouts.keys)))
            }
            return problems
        }
    }

    private static func unresolved(
        _ kind: String, _ policy: String, of name: String, at target: Target, known: [String]
    ) -> ResourceProblem {
        let names = known.sorted().joined(separator: " ")
        return ResourceProblem(
            file: target.file, line: target.line,
            what: "component `\(name)` names the \(kind) policy `\(policy)`, which no Resiliency defines",
            instead: known.isEmpty ? "add it below `spec.policies`" : "defined are: \(names)")
    }
}

extension Resiliency {
    init?(_ document: ResourceFields, scopes: [String], _ notes: inout ResourceNotes) {
        guard let spec = document.requiredFields("spec", &notes) else { return nil }
        self.init()
        self.scopes = scopes
        spec.warnUnknown(allowed: ["policies", "targets"], &notes)
        if let policies = spec.fields("policies", &notes) {
            policies.warnUnknown(allowed: ["timeouts", "retries", "circuitBreakers"], &notes)
            readTimeouts(policies, &notes)
            for (name, fields) in policies.named("retries", &notes) {
                retries[name] = RetryPolicy(fields, &notes)
            }
        }
        if let targets = spec.fields("targets", &notes) { readTargets(targets, &notes) }
    }

    private mutating func readTimeouts(_ policies: ResourceFields, _ notes: inout ResourceNotes) {
        guard let below = policies.fields("timeouts", &notes), case .mapping(let entries) = below.node.content
        else { return }
        for entry in entries {
            if let duration = below.duration(entry.key, &notes) { timeouts[entry.key] = duration }
        }
    }

    private mutating func readTargets(_ targets: ResourceFields, _ notes: inout ResourceNotes) {
        targets.warnUnknown(allowed: ["apps", "actors", "components"], &notes)
        for kind in ["apps", "actors"] {
            if let unused = targets.fields(kind, &notes) {
                notes.warnings.append(Self.notApplied("targets.\(kind)", unused))
            }
        }
        for (name, fields) in targets.named("components", &notes) {
            fields.warnUnknown(allowed: ["inbound", "outbound"], &notes)
            if let outbound = fields.fields("outbound", &notes) {
                notes.warnings.append(Self.notApplied("targets.components.\(name).outbound", outbound))
            }
            guard let target = fields.fields("inbound", &notes) else { continue }
            target.warnUnknown(allowed: ["timeout", "retry", "circuitBreaker"], &notes)
            if let breaker = target.node["circuitBreaker"] {
                notes.problems.append(
                    target.problem(
                        "circuit breakers are not in this build",
                        instead: "remove `circuitBreaker`, or run daprd", line: breaker.line))
            }
            inbound[name] = Target(
                timeout: target.text("timeout", &notes), retry: target.text("retry", &notes),
                line: target.node.line, file: target.file)
        }
    }

    private static func notApplied(_ path: String, _ fields: ResourceFields) -> ResourceProblem {
        fields.problem(
            "`\(path)` is not carried out by this build", instead: "run daprd where it matters")
    }
}
