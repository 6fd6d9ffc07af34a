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
    /// Of a subscription with `once`.
    var once: OnceClaim?

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
    /// The transactions that the run has open, or is opening: one a strand at most.
    private var transactions: [OpenTransaction] = []
    /// Locks that the run holds.
    private var locks: [HeldLock] = []
    private(set) var isEnded = false
    private var onEnd: ((Run, End) -> Void)?
    private var timer: TimerToken?
    /// The effect that the run itself waits for.
    private var pendingSite: EffectSiteIndex?
    /// Those that branches of a `together` wait for.
    private var pendingBranches: [Strand: EffectSiteIndex] = [:]
    /// While the fiber runs or an effect is being started, a reply waits in `early`.
    private var isAdvancing = false
    private var early: [(strand: Strand, reply: EffectReply)] = []
    /// How often each strand has asked at each place that asks for an event's id.
    private var asked: [AskedPlace: UInt32] = [:]

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
        advance((.main, core.fibers.start(fiber, function, argument: argument)))
    }

    /// Takes the reply of the effect that a strand waits for. One that comes when nobody waits any more is dropped
    /// and counted.
    ///
    /// - Parameter decode: makes the reply's values in the run's arena; not called when that is gone.
    func receive(_ strand: Strand, _ decode: (Arena) -> EffectReply) {
        guard !isEnded, strand == .main ? pendingSite != nil : pendingBranches[strand] != nil else {
            core.counters.lateReplies += 1
            return
        }
        let reply = decode(arena)
        // One that comes at once must not deepen the stack for each effect that does so.
        if isAdvancing { return early.append((strand, reply)) }
        cancelTimer()
        advance(resumed(strand, with: reply))
    }

    private func resumed(_ strand: Strand, with reply: EffectReply) -> (strand: Strand, step: Step)? {
        guard strand == .main else { return resumedBranch(strand, with: reply) }
        guard let site = pendingSite else { return nil }
        pendingSite = nil
        switch reply {
        case .value(let value):
            note(site, .main)
            return (.main, core.fibers.resume(fiber, value: value))
        case .failure(let failure):
            return (.main, core.fibers.resume(fiber, failure: failure))
        }
    }

    private func resumedBranch(_ strand: Strand, with reply: EffectReply) -> (strand: Strand, step: Step)? {
        guard let site = pendingBranches.removeValue(forKey: strand) else { return nil }
        switch reply {
        case .value(let value):
            note(site, strand)
            return core.fibers.resume(fiber, strand, value: value)
        case .failure(let failure):
            return core.fibers.resume(fiber, strand, failure: failure)
        }
    }

    /// Goes on until the run ends or everything that it asked for is under way.
    private func advance(_ first: (strand: Strand, step: Step)?) {
        isAdvancing = true
        var next = first
        while true {
            guard let (strand, step) = next ?? nextEarly() else { break }
            switch step {
            case .finished(let completion): return end(.completed(completion))
            case .faulted(let fault): return end(.faulted(fault))
            case .forked: next = core.fibers.proceed(fiber)
            case .suspended(let site):
                if strand == .main { pendingSite = site } else { pendingBranches[strand] = site }
                switch EffectPerformer.start(site, of: self, strand) {
                case .replied(let reply): next = resumed(strand, with: reply)
                case .pending: next = strand == .main ? nil : core.fibers.proceed(fiber)
                case .refused(let fault):
                    if strand == .main { pendingSite = nil } else { pendingBranches[strand] = nil }
                    next = core.fibers.resume(fiber, strand, fault: fault)
                }
            }
        }
        isAdvancing = false
        armTimer()
    }

    private func nextEarly() -> (strand: Strand, step: Step)? {
        while !early.isEmpty {
            let (strand, reply) = early.removeFirst()
            if let next = resumed(strand, with: reply) { return next }
        }
        return nil
    }

    // MARK: What was done

    /// What a transaction does counts when it is committed.
    private func note(_ site: EffectSiteIndex, _ strand: Strand) {
        if let open = transactions.firstIndex(where: { $0.strand == strand }) {
            transactions[open].ledger.note(site)
        } else {
            ledger.note(site)
        }
    }

    /// How often this strand has asked here before; counts up.
    func repetition(of site: EffectSiteIndex, by strand: Strand) -> UInt32 {
        let place = AskedPlace(site: site, strand: strand)
        let count = asked[place] ?? 0
        asked[place] = count + 1
        return count
    }

    /// What the run waits for, for a message.
    var underWay: [String] {
        let sites = (pendingSite.map { [$0] } ?? []) + pendingBranches.values
        return sites.map { deployment.compiled.program.effectSites[Int($0.rawValue)].label }.sorted()
    }

    // MARK: Transactions

    /// The transaction that a strand has open, or is opening.
    func transaction(of strand: Strand) -> OpenTransaction? { transactions.first { $0.strand == strand } }

    /// From here on the strand's statements belong to the transaction.
    func opened(
        _ opening: PostgresTransaction, _ tables: DatabaseTables, by strand: Strand, deadlineNanoseconds: UInt64
    ) {
        transactions.append(
            OpenTransaction(
                strand: strand, connection: opening, tables: tables, deadlineNanoseconds: deadlineNanoseconds,
                askedBefore: asked))
    }

    /// It was committed.
    func closedTransaction(of strand: Strand) {
        guard let open = transactions.firstIndex(where: { $0.strand == strand }) else { return }
        ledger.append(transactions.remove(at: open).ledger)
    }

    /// Undoes the strand's transaction, if one is open: what it did has not been done.
    func rollBack(_ strand: Strand) {
        guard let position = transactions.firstIndex(where: { $0.strand == strand }) else { return }
        let open = transactions.remove(at: position)
        open.connection.rollback()
        // What is published when the block runs again has the same ids.
        for place in asked.keys where place.strand == strand { asked[place] = open.askedBefore[place] }
    }

    /// Something waits in the outbox for the commit of the strand's transaction.
    func published(by strand: Strand) {
        guard let open = transactions.firstIndex(where: { $0.strand == strand }) else { return }
        transactions[open].hasPublished = true
    }

    // MARK: Locks

    func holds(_ lock: HeldLock) { locks.append(lock) }

    /// Nil when the run does not hold it.
    func letGo(lockOwnedBy owner: String) -> HeldLock? {
        locks.firstIndex { $0.owner == owner }.map { locks.remove(at: $0) }
    }

    /// When the first of the locks ends that a strand works under: its own, and those of the strands around it.
    func lockEnd(for strand: Strand) -> UInt64? {
        guard !locks.isEmpty else { return nil }
        var end: UInt64?
        var next: Strand? = strand
        while let holder = next {
            for lock in locks where lock.strand == holder { end = min(end ?? .max, lock.endsAtNanoseconds) }
            next = core.fibers.parent(of: holder, in: fiber)
        }
        return end
    }

    /// Effects have deadlines of their own, never beyond the run's; this is for the one that does not keep to it.
    private func armTimer() {
        guard timer == nil else { return }
        let grace: UInt64 = 50_000_000
        timer = core.loop.schedule(atNanoseconds: deadlineNanoseconds + grace) { [weak self] in
            guard let self, !self.isEnded else { return }
            self.timer = nil
            // What went wrong in one branch says more than that another one took too long.
            self.end(self.core.fibers.branchFault(of: self.fiber).map { .faulted($0) } ?? .timedOut)
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
        // A fault or the end of the time left them open.
        for open in transactions { open.connection.rollback() }
        transactions = []
        for lock in locks { LockEffects.giveBack(lock, heldBy: self) }
        locks = []
        let callback = onEnd
        onEnd = nil
        callback?(self, end)
        core.release(self)
    }
}

/// A transaction that a strand of a run has open.
struct OpenTransaction {
    let strand: Strand
    let connection: PostgresTransaction
    /// Of its database.
    let tables: DatabaseTables
    /// On the loop's monotonic clock.
    let deadlineNanoseconds: UInt64
    /// How often each place had been asked at before it.
    let askedBefore: [AskedPlace: UInt32]
    /// What it has done so far.
    var ledger = EffectLedger()
    var hasPublished = false
}

/// A place in the program, and who asks there.
struct AskedPlace: Hashable {
    let site: EffectSiteIndex
    let strand: Strand
}

/// The effects that a run has carried out, in order, repetitions counted: what has already happened.
struct EffectLedger {
    private(set) var entries: [(site: EffectSiteIndex, count: Int)] = []
    /// Kept short: a fault's message is for reading.
    private static let entriesMax = 32

    mutating func note(_ site: EffectSiteIndex, count: Int = 1) {
        if let last = entries.indices.last, entries[last].site == site {
            entries[last].count += count
        } else if entries.count < Self.entriesMax {
            entries.append((site, count))
        }
    }

    mutating func append(_ other: EffectLedger) {
        for entry in other.entries { note(entry.site, count: entry.count) }
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
