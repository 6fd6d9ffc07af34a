// FunctionLowering+Locks.swift: `lock locks["resource"] { … }` as taking it, the block, and giving it back on every way out.
//
// The value, a failure, `return`, `retry`, `drop`, `break` and `continue` all come by here. A fault, the end of the run in
// a called handler and the end of its time do not: then the host gives the lock back.
// Neighbours: Check/Checker+Together.swift, Engine/LockEffects (carries it out).

internal import Diagnostics
internal import Machine

extension Lowering {
    func lowerLock(_ node: NodeID, into register: Int) {
        let place = range(child(0, node))
        guard let symbol = name(ofResource: child(0, node)), let resource = declarations.resourceNames[symbol] else {
            return
        }
        let key = take(node)
        lower(child(1, node), into: key)
        let lock = Frame.Lock(
            key: key, owner: take(node), resource: resource, label: declarations.symbols[symbol],
            loopDepth: frame.loops.count)
        let failure = take(node)
        let from = assembler.newLabel()
        let to = assembler.newLabel()
        let failed = assembler.newLabel()
        let done = assembler.newLabel()

        takeLock(lock, options: child(2, node), at: place)
        frame.locks.append(lock)
        assembler.bind(from)
        scoped { $0.lowerStatements($0.child(3, node), into: register) }
        assembler.bind(to)
        frame.locks.removeLast()
        giveBack(lock, at: place)
        jump(to: done, at: place)

        assembler.bind(failed)
        assembler.catchRange(from: from, to: to, target: failed, register: failure)
        giveBackQuietly(lock, at: place)
        assembler.emit(.raise, failure, at: place)
        assembler.bind(done)
    }

    private func takeLock(_ lock: Frame.Lock, options node: NodeID, at place: SourceRange) {
        scoped { lowering in
            let base = lowering.window(of: [lock.key], at: place)
            var options: [EffectOption] = []
            for written in node.exists ? Array(lowering.children(node)) : [] where lowering.kind(written) == .option {
                let target = lowering.frame.take(at: place)
                lowering.scoped { $0.lower($0.child(1, written), into: target) }
                options.append(lowering.word(lowering.child(0, written)) == "ttl" ? .ttl : .timeout)
            }
            lowering.emitEffect(
                .lockTake, resource: lock.resource, firstOperand: base, positionalCount: 1, options: options,
                label: "\(lock.label).lock", into: lock.owner, at: place)
        }
    }

    private func giveBack(_ lock: Frame.Lock, at place: SourceRange) {
        scoped { lowering in
            let base = lowering.window(of: [lock.key, lock.owner], at: place)
            lowering.emitEffect(
                .lockRelease, resource: lock.resource, firstOperand: base, positionalCount: 2, options: [],
                label: "\(lock.label).unlock", into: base, at: place)
        }
    }

    /// On the way out with a failure, which says more than that the lock was lost.
    private func giveBackQuietly(_ lock: Frame.Lock, at place: SourceRange) {
        scoped { lowering in
            let lost = lowering.frame.take(at: place)
            let from = lowering.assembler.newLabel()
            let to = lowering.assembler.newLabel()
            lowering.assembler.bind(from)
            lowering.giveBack(lock, at: place)
            lowering.assembler.bind(to)
            lowering.assembler.catchRange(from: from, to: to, target: to, register: lost)
        }
    }

    /// Before an exit: the locks that are held, or those taken inside of this loop and the ones in it.
    func giveBackLocks(fromLoop depth: Int, at place: SourceRange) {
        for lock in frame.locks.reversed() where lock.loopDepth >= depth { giveBack(lock, at: place) }
    }
}
