// EffectPerformer.swift: carries out what a fiber asks for, on this loop's own connections.
//
// Law 7: operands are encoded before `start` returns; a reply is decoded into the arena of the run that asked, and only
// if that still lives. What needs no world (`now`, `uuid`, `random`, `log`) is answered at once.
// Neighbours: Run.swift (asks), SidecarEffects.swift (state, invocation, publishing), DatabaseEffects.swift (SQL).

internal import Diagnostics
internal import Language
internal import Machine
internal import Postgres
internal import Transport

/// What becomes of an effect that was started.
enum EffectStart {
    case replied(EffectReply)
    /// `request.receive` is called, once, now or later.
    case pending
    /// It must not be done: the run ends here.
    case refused(Fault)
}

enum EffectPerformer {
    /// Starts the effect that a strand of the run waits for.
    static func start(_ index: EffectSiteIndex, of run: Run, _ strand: Strand) -> EffectStart {
        let request = EffectRequest(run: run, strand: strand, index: index)
        if run.deployment.readsSecrets, let fault = SecretGuard.leak(in: request) { return .refused(fault) }
        switch request.site.kind {
        case .now: return .replied(.value(.time(nanoseconds: Clock.wallNanoseconds())))
        case .uuid: return .replied(.value(run.arena.string(run.core.random.uuid())))
        case .random: return .replied(.value(.float(run.core.random.unit())))
        case .logDebug: return log(.debug, request)
        case .logInfo: return log(.info, request)
        case .logWarn: return log(.warn, request)
        case .logError: return log(.error, request)
        case .sleep: return sleep(nanoseconds: request.operand(0).asDurationNanoseconds ?? 0, request)
        case .conflictPause: return sleep(nanoseconds: conflictPause(request), request)
        case .sqlExecute: return DatabaseEffects.run(.execute, request)
        case .sqlOne: return DatabaseEffects.run(.one, request)
        case .sqlRows: return DatabaseEffects.run(.rows, request)
        case .transactionBegin: return DatabaseEffects.begin(request)
        case .transactionCommit: return DatabaseEffects.commit(request)
        case .transactionRollback: return DatabaseEffects.rollback(request)
        case .lockTake: return LockEffects.take(request)
        case .lockRelease: return LockEffects.release(request)
        case .stateGet, .stateEntry, .stateSave, .stateDelete, .invokeGet, .invokePost, .invokePut, .invokePatch,
            .invokeDelete, .publish, .forward, .secret, .stateGetMany, .stateTransact, .stateQuery, .publishAll,
            .bindingCall, .settingsGet, .jobSchedule, .jobCancel:
            return SidecarEffects.start(request)
        }
    }

    private static func log(_ level: LogLevel, _ request: EffectRequest) -> EffectStart {
        let run = request.run
        var fields: [(String, String)] = []
        for (key, value) in request.operand(1).entries(in: run.arena) ?? [] {
            fields.append((key, value.asString ?? EffectRequest.shown(value)))
        }
        if !run.context.eventID.isEmpty { fields.append(("event", run.context.eventID)) }
        run.core.log.write(level, request.operand(0).asString ?? EffectRequest.shown(request.operand(0)), fields)
        return .replied(.value(.null))
    }

    private static func sleep(nanoseconds: Int64, _ request: EffectRequest) -> EffectStart {
        let run = request.run
        let wakesAt = run.core.loop.nowNanoseconds + UInt64(max(0, nanoseconds))
        guard wakesAt < request.endNanoseconds else {
            let what = request.endNanoseconds < run.deadlineNanoseconds ? "lock's" : "delivery's"
            return .replied(request.failure(.timeout, "the \(what) time does not last for this pause"))
        }
        run.core.loop.schedule(atNanoseconds: wakesAt) { request.receive { _ in .value(.null) } }
        return .pending
    }

    /// 5 ms doubling to 500 ms, with jitter over the whole of it: writers that met once should not meet again.
    private static func conflictPause(_ request: EffectRequest) -> Int64 {
        let attempt = request.operand(0).asInt ?? 0
        let full = min(5_000_000 << min(max(attempt, 0), 16), 500_000_000)
        return Int64(Double(full) * request.run.core.random.unit())
    }
}

/// One effect as its fiber asks for it: the site, and the operands in the fiber's registers.
struct EffectRequest {
    let run: Run
    let strand: Strand
    let index: EffectSiteIndex
    let site: EffectSite

    init(run: Run, strand: Strand, index: EffectSiteIndex) {
        self.run = run
        self.strand = strand
        self.index = index
        site = run.deployment.compiled.program.effectSites[Int(index.rawValue)]
    }

    /// A positional operand. Good only while the strand waits.
    func operand(_ position: Int) -> Value { run.core.fibers.operand(position, of: run.fiber, strand) }

    /// Gives the strand its reply.
    func receive(_ decode: (Arena) -> EffectReply) { run.receive(strand, decode) }

    /// An option's operand; nil when it is not stated or null.
    func option(_ option: EffectOption) -> Value? {
        guard let position = site.options.firstIndex(of: option) else { return nil }
        let value = operand(Int(site.positionalCount) + position)
        return value.isNull ? nil : value
    }

    /// The text behind the declared resource: a store's name, a topic, an app id.
    var target: String {
        guard let resource, case .text(let text) = resource.target else { return "" }
        return text
    }

    /// What the writing that is asked for here is kept under; nil where `once` does not cover it.
    var claim: OnceClaim? {
        guard let claim = run.context.once, claim.database == site.resource else { return nil }
        return claim
    }

    var resource: ResourcePlan? { site.resource.map { run.deployment.resources[Int($0.rawValue)] } }

    /// When all must be over: the strand's transaction, its locks, the run.
    var endNanoseconds: UInt64 {
        let end = run.transaction(of: strand)?.deadlineNanoseconds ?? run.deadlineNanoseconds
        return run.lockEnd(for: strand).map { min($0, end) } ?? end
    }

    /// When the effect must be over: its own time-out, and never beyond the end of all.
    var deadlineNanoseconds: UInt64 {
        let stated = option(.timeout)?.asDurationNanoseconds.map { UInt64(max(0, $0)) }
        let limit = stated ?? run.core.configuration.limits.effectTimeoutNanoseconds
        return min(run.core.loop.nowNanoseconds + limit, endNanoseconds)
    }

    func failure(_ kind: FailureClass, _ message: String) -> EffectReply {
        .failure(run.arena.failure(class: kind, message: message, origin: .effect))
    }

    /// A value for a log: JSON, or the kind of what has none.
    static func shown(_ value: Value) -> String {
        guard let bytes = try? value.json() else { return "‹\(value.kind.name)›" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
