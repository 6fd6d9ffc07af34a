// SecretGuard.swift: the last look before an effect: no secret leaves by it.
//
// The checker sees nearly every leak at load; what it cannot see (a secret nested deeper than it follows) ends the
// run here with F0913, before anything is sent. Deployments that read no secret do not pay for it.
// Neighbours: EffectPerformer.swift (asks), Machine/SecretText.swift, Language/Check/SecretFlow.swift (the look at load).

internal import Diagnostics
internal import Machine

enum SecretGuard {
    /// The fault of an effect that a secret would leave by; nil when it may be done.
    static func leak(in request: EffectRequest) -> Fault? {
        let site = request.site
        // The value of a block stays where it is, unless it is kept.
        if site.kind == .transactionCommit, request.claim == nil { return nil }
        for position in 0..<site.operandCount {
            let option = position - Int(site.positionalCount)
            if option >= 0, site.options[option].takesSecrets { continue }
            guard request.operand(position).holdsSecret else { continue }
            let place = option >= 0 ? "`\(site.options[option])` of " : ""
            return Fault(.secretLeak, "a secret would leave by \(place)`\(site.label)`")
        }
        return nil
    }
}
