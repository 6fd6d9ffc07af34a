// LockEffects.swift: taking a lock and giving it back, on every way out of its block.
//
// Each taking has an owner's id of its own, so that nobody gives back what another run holds. The program gives the lock
// back where it can (Language/Lower/FunctionLowering+Locks); what a run still holds when it ends is given back here.
// Neighbours: Run.swift (knows what is held), Dapr/SidecarCall+Lock (the calls).

internal import Dapr
internal import Language
internal import Machine
internal import Transport

/// A lock that a strand of a run holds.
struct HeldLock {
    let strand: Strand
    let store: String
    let resource: String
    let owner: String
    /// On the loop's monotonic clock: from here on the store may give it to somebody else.
    let endsAtNanoseconds: UInt64
}

enum LockEffects {
    static func take(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        let now = run.core.loop.nowNanoseconds
        let seconds = seconds(request, now)
        let lock = HeldLock(
            strand: request.strand, store: request.target, resource: request.operand(0).asString ?? "",
            owner: run.core.random.uuid(), endsAtNanoseconds: now + UInt64(max(0, seconds)) * 1_000_000_000)
        let call: SidecarCall
        do throws(EffectFailure) {
            call = try .lock(store: lock.store, resource: lock.resource, owner: lock.owner, seconds: seconds)
        } catch {
            return .replied(.failure(error.value(in: run.arena)))
        }
        run.core.sidecar.perform(
            call, traceparent: run.context.trace.text, deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            taken(lock, reply, request)
        }
        return .pending
    }

    /// Whole seconds, rounded up. Without `ttl:` as long as the run may take, and one more to give it back in.
    private static func seconds(_ request: EffectRequest, _ now: UInt64) -> Int64 {
        if let stated = request.option(.ttl) {
            let nanoseconds = stated.asDurationNanoseconds ?? 0
            return nanoseconds <= 0 ? 0 : (nanoseconds - 1) / 1_000_000_000 + 1
        }
        let end = request.run.deadlineNanoseconds
        return (end > now ? Int64((end - now) / 1_000_000_000) : 0) + 2
    }

    private static func taken(_ lock: HeldLock, _ reply: SidecarReply, _ request: EffectRequest) {
        let run = request.run
        if run.isEnded {
            if reply.mayHoldLock { giveBack(lock, heldBy: run) }
            return request.receive { _ in .value(.null) }
        }
        request.receive { arena in
            switch reply.value(in: arena) {
            case .success(let owner):
                run.holds(lock)
                return .value(owner)
            case .failure(let failure):
                // Nobody knows what became of the request: were it done, it would be in everybody's way.
                if reply.mayHoldLock { giveBack(lock, heldBy: run) }
                return .failure(failure.value(in: arena))
            }
        }
    }

    static func release(_ request: EffectRequest) -> EffectStart {
        let run = request.run
        guard let lock = run.letGo(lockOwnedBy: request.operand(1).asString ?? ""), let call = call(toGiveBack: lock)
        else {
            return .replied(.value(.null))
        }
        // Not bounded by a lock around it: that one being over is why this one is given back.
        let limit = run.core.loop.nowNanoseconds + run.core.configuration.limits.effectTimeoutNanoseconds
        run.core.sidecar.perform(
            call, traceparent: run.context.trace.text, deadlineNanoseconds: min(limit, run.deadlineNanoseconds)
        ) { reply in
            if reply.wasNeverSent { giveBack(lock, heldBy: run) }
            request.receive { arena in
                guard case .failure(let failure) = reply.value(in: arena) else { return .value(.null) }
                if reply.hadLostLock { return .failure(failure.value(in: arena)) }
                // The block is done; that the lock stays until it ends by itself is no reason to do it again.
                if !reply.wasNeverSent { tell(failure, lock, run) }
                return .value(.null)
            }
        }
        return .pending
    }

    /// Gives a lock back for a run that does not wait for it; the engine's end does.
    static func giveBack(_ lock: HeldLock, heldBy run: Run) {
        guard let call = call(toGiveBack: lock) else { return }
        let core = run.core
        let finish = core.beginParting()
        core.sidecar.perform(
            call, traceparent: run.context.trace.text,
            deadlineNanoseconds: core.loop.nowNanoseconds + core.configuration.limits.effectTimeoutNanoseconds
        ) { reply in
            // Lost already: then there is nothing to give back.
            if !reply.hadLostLock, let failure = reply.refusal { tell(failure, lock, run) }
            finish()
        }
    }

    private static func call(toGiveBack lock: HeldLock) -> SidecarCall? {
        try? .unlock(store: lock.store, resource: lock.resource, owner: lock.owner)
    }

    private static func tell(_ failure: EffectFailure, _ lock: HeldLock, _ run: Run) {
        run.core.log.warn(
            "a lock was not given back; it ends by itself: \(failure.message)",
            [("lock", lock.store), ("resource", lock.resource), ("route", run.route)])
    }
}
