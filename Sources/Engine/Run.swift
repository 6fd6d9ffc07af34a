// Run.swift: one handler at work: its fiber, its deadline, and what it has already done.
//
// Law 8: an effect is one request and one reply; `advance` is called once at the start and once per reply, always on
// the run's own loop. No Task, no await. Neighbours: EffectPerformer.swift (starts effects), Delivery.swift and
// EndpointCall.swift (begin runs and take their ends).

internal import Diagnostics
internal import Language
internal import Machine
internal import Postgres
internal import Transport

/// A fiber that was made for a run, and its memory.
struct RunFiber {
    let ref: FiberRef
    let arena: Arena
}

/// What a run is about, for logs, faults and the ids of published events.
struct RunContext {
    /// What led here; told by `Run.route`.
    var origin: Origin
    /// The rule's name; empty for endpoints.
    var rule: String
    /// Of the incoming event; empty for endpoints.
    var eventID = ""
    var eventSource = ""
    var eventType = ""
    /// What effects are sent with.
    var trace: TraceParent

    enum Origin {
        case rule(SourceRange)
        /// Position in `CompiledDeployment.endpoints`.
        case endpoint(Int)
    }
}

final class Run {
    /// How a run ended. Values live in the run's arena: read them before the callback returns.
    enum End {
        case completed(Completion)
        case faulted(Fault)
        /// The deadline passed while an effect was under way.
        case timedOut
    }

    let core: EngineLoop
    let deployment: Deployment
    let fiber: FiberRef
    let arena: Arena
    /// On the loop's monotonic clock.
    let deadlineNanoseconds: UInt64
    let context: RunContext
    private(set) var ledger = EffectLedger()
    /// The database's transaction that the run has open, or is opening.
    private(set) var transaction: OpenTransaction?
    private(set) var isEnded = false
    private var onEnd: ((Run, End) -> Void)?
    private var timer: TimerToken?
    /// The effect under way.
    private var pendingSite: EffectSiteIndex?

    /// - Parameter onEnd: called exactly once, before the fiber is released.
    init(
        core: EngineLoop, deployment: Deployment, fiber: RunFiber, deadlineNanoseconds: UInt64, context: RunContext,
        onEnd: @escaping (Run, End) -> Void
    ) {
        self.core = core
        self.deployment = deployment
        self.fiber = fiber.ref
        self.arena = fiber.arena
        self.deadlineNanoseconds = deadlineNanoseconds
        self.context = context
        self.onEnd = onEnd
    }

    /// `routes/inventory/routes.bay:4:6` or `GET /v1/widgets/{id}`. Made when somebody reads it: lines are counted for it.
    var route: String {
        switch context.origin {
        case .rule(let range): return deployment.compiled.sources.place(of: range)
        case .endpoint(let position):
            let endpoint = deployment.compiled.endpoints[position]
            return "\(endpoint.method) \(endpoint.path)"
        }
    }

    /// Starts the function and runs it to its end or its first effect.
    func begin(_ function: FunctionIndex, argument: Value) {
        advance(core.fibers.start(fiber, function, argument: argument))
    }

    /// Takes the reply of the effect under way. One that comes for a run that has ended is dropped and counted.
    ///
    /// - Parameter decode: makes the reply's values in the run's arena; not called when that is gone.
    func receive(_ decode: (Arena) -> EffectReply) {
        guard !isEnded, let site = pendingSite else {
            core.counters.lateReplies += 1
            return
        }
        pendingSite = nil
        cancelTimer()
        advance(resumed(with: decode(arena), at: site))
    }

    private func resumed(with reply: EffectReply, at site: EffectSiteIndex) -> Step {
        switch reply {
        case .value(let value):
            ledger.note(site)
            return core.fibers.resume(fiber, value: value)
        case .failure(let failure):
            return core.fibers.resume(fiber, failure: failure)
        }
    }

    private func advance(_ first: Step) {
        var step = first
        while true {
            switch step {
            case .finished(let completion): return end(.completed(completion))
            case .faulted(let fault): return end(.faulted(fault))
            case .suspended(let site):
                pendingSite = site
                switch EffectPerformer.start(site, of: self) {
                case .replied(let reply):
                    pendingSite = nil
                    step = resumed(with: reply, at: site)
                case .pending:
                    if pendingSite == site { armTimer() }
                    return
                }
            }
        }
    }

    // MARK: Transactions

    /// From here on the run's statements belong to the transaction.
    func opened(_ opening: PostgresTransaction, deadlineNanoseconds: UInt64) {
        transaction = OpenTransaction(
            connection: opening, deadlineNanoseconds: deadlineNanoseconds, ledgerBefore: ledger)
    }

    /// It was committed.
    func closedTransaction() { transaction = nil }

    /// Undoes the transaction, if one is open: what it did has not been done.
    func rollBack() {
        guard let open = transaction else { return }
        transaction = nil
        ledger = open.ledgerBefore
        open.connection.rollback()
    }

    /// Effects have deadlines of their own, never beyond the run's; this is for the one that does not keep to it.
    private func armTimer() {
        guard timer == nil else { return }
        let grace: UInt64 = 50_000_000
        timer = core.loop.schedule(atNanoseconds: deadlineNanoseconds + grace) { [weak self] in
            guard let self, !self.isEnded else { return }
            self.timer = nil
            self.end(.timedOut)
        }
    }

    private func cancelTimer() {
        if let timer { core.loop.cancel(timer) }
        timer = nil
    }

    private func end(_ end: End) {
        precondition(!isEnded, "a run ends once")
        isEnded = true
        cancelTimer()
        // A fault or the end of the time left it open.
        rollBack()
        let callback = onEnd
        onEnd = nil
        callback?(self, end)
        core.release(self)
    }
}

/// A transaction that a run has open.
struct OpenTransaction {
    let connection: PostgresTransaction
    /// On the loop's monotonic clock.
    let deadlineNanoseconds: UInt64
    /// What had been carried out when it began.
    let ledgerBefore: EffectLedger
}

/// The effects that a run has carried out, in order, repetitions counted: what has already happened.
struct EffectLedger {
    private(set) var entries: [(site: EffectSiteIndex, count: Int)] = []
    /// Kept short: a fault's message is for reading.
    private static let entriesMax = 32

    mutating func note(_ site: EffectSiteIndex) {
        if let last = entries.indices.last, entries[last].site == site {
            entries[last].count += 1
        } else if entries.count < Self.entriesMax {
            entries.append((site, 1))
        }
    }

    /// How often this site has been carried out.
    func count(of site: EffectSiteIndex) -> Int {
        entries.reduce(0) { $0 + ($1.site == site ? $1.count : 0) }
    }

    /// `inventory.one, catalog.post, stock.publish × 24980`
    func text(_ sites: [EffectSite]) -> String {
        guard !entries.isEmpty else { return "none" }
        let parts = entries.map { entry in
            let label = sites[Int(entry.site.rawValue)].label
            return entry.count == 1 ? label : "\(label) × \(entry.count)"
        }
        return parts.joined(separator: ", ") + (entries.count == Self.entriesMax ? ", …" : "")
    }
}

/// What comes back to a fiber. Values live in the arena of the run that asked.
enum EffectReply {
    case value(Value)
    case failure(Value)
}
