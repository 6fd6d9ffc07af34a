// DeliveryPolicies.swift: what a subscription says about its deliveries as a whole, and how the loops share it.
//
// Law 3: a policy with a key has an owner loop per key; `concurrency` and `limit` are divided among the loops. Where
// there is less to divide than there are loops, the first ones have it all, and the others hand over to them.
// A subscription without such options has none of this, and its deliveries pass by.
// Neighbours: Deployment.swift (holds them), Admission.swift (keeps to them).

internal import Language
internal import Machine
internal import Routing

struct DeliveryPolicies: Sendable {
    /// `ordered_by`
    let orderKey: FunctionIndex?
    /// How long an event is remembered.
    let dedupeNanoseconds: UInt64?
    private let concurrency: Int?
    private let limitPerSecond: Int?

    /// Nil when nothing of the kind is asked for.
    init?(_ subscription: CompiledSubscription) {
        let options = subscription.options
        guard
            subscription.orderKey != nil || options.dedupeNanoseconds != nil || options.concurrency != nil
                || options.limitPerSecond != nil
        else { return nil }
        orderKey = subscription.orderKey
        dedupeNanoseconds = options.dedupeNanoseconds.map { UInt64($0) }
        concurrency = options.concurrency
        limitPerSecond = options.limitPerSecond
    }

    /// The number of the loop that such a delivery belongs to.
    ///
    /// - Parameters:
    ///   - key: what it shares with others; nil when nothing.
    ///   - arrival: the loop that it arrived on.
    func owner(of key: KeyDigest?, arrival: Int, loops: Int) -> Int {
        let sharing = sharing(loops)
        return key?.owner(of: sharing) ?? arrival % sharing
    }

    /// How many loops have a share: the first so many.
    private func sharing(_ loops: Int) -> Int { min(loops, concurrency ?? .max, limitPerSecond ?? .max) }

    /// A loop's share of `concurrency`.
    func concurrencyShare(loop: Int, of loops: Int) -> Int { share(concurrency, loop, loops) }

    /// A loop's share of `limit`, a second.
    func limitShare(loop: Int, of loops: Int) -> Int { share(limitPerSecond, loop, loops) }

    private func share(_ whole: Int?, _ loop: Int, _ loops: Int) -> Int {
        guard let whole else { return .max }
        let sharing = sharing(loops)
        guard loop < sharing else { return 0 }
        return whole / sharing + (loop < whole % sharing ? 1 : 0)
    }
}
