// FunctionLowering+Transactions.swift: `transaction db { … }` as begin, the block, commit, and a way back.
//
// Law 8: each of the three is one effect, and running the block again is a jump. A failure inside goes to the
// rollback through the catch table; a fault or the run's end does not come by here, so the host rolls back then.
// Neighbours: Check/Checker+Transactions.swift (what may stand inside), Engine/DatabaseEffects (carries it out).

internal import Diagnostics
internal import Machine

extension Lowering {
    /// How often a block that lost against another transaction is run again.
    private static var rerunsMax: Int64 { 3 }
    /// SQLSTATE serialization_failure and deadlock_detected: the same block may succeed when it is run again.
    private static var rerunStates: [String] { ["40001", "40P01"] }

    func lowerTransaction(_ node: NodeID, into register: Int) {
        let place = range(child(0, node))
        guard let symbol = name(ofResource: child(0, node)), let database = declarations.resource(symbol) else {
            return
        }
        let label = declarations.symbols[symbol]
        let timeout = lowerTransactionTimeout(node)
        let attempt = take(node)
        load(.int(0), into: attempt, at: place)
        let failure = take(node)
        let top = assembler.newLabel()
        let from = assembler.newLabel()
        let to = assembler.newLabel()
        let failed = assembler.newLabel()
        let done = assembler.newLabel()

        assembler.bind(top)
        lowerBegin(database, label, timeout: timeout, into: register, done: done, at: place)
        assembler.bind(from)
        scoped { $0.lowerStatements($0.child(2, node), into: register) }
        emitStep(.transactionCommit, "\(label).commit", of: database, operands: [register], at: place)
        assembler.bind(to)
        jump(to: done, at: place)

        assembler.bind(failed)
        assembler.catchRange(from: from, to: to, target: failed, register: failure)
        emitStep(.transactionRollback, "\(label).rollback", of: database, at: place)
        lowerRerun(failure, attempt: attempt, top: top, label, at: place)
        assembler.bind(done)
    }

    /// Where the event was here before, `once` has the block's value, in a list of its own, and the block is passed by.
    private func lowerBegin(
        _ database: Int, _ label: String, timeout: Int?, into register: Int, done: CodeLabel, at place: SourceRange
    ) {
        scoped { lowering in
            let kept = lowering.frame.take(at: place)
            let test = lowering.frame.take(at: place)
            let fresh = lowering.assembler.newLabel()
            lowering.emitStep(
                .transactionBegin, "\(label).begin", of: database, timeout: timeout, into: kept, at: place)
            lowering.assembler.emit(.isKind, test, kept, Int(Value.Kind.list.rawValue), at: place)
            lowering.assembler.emitJump(.jumpIfFalse, test, to: fresh, at: place)
            lowering.load(.int(0), into: test, at: place)
            lowering.assembler.emit(.getIndex, register, kept, test, at: place)
            lowering.jump(to: done, at: place)
            lowering.assembler.bind(fresh)
        }
    }

    private func lowerTransactionTimeout(_ node: NodeID) -> Int? {
        guard child(1, node).exists else { return nil }
        let written = children(child(1, node)).first { kind($0) == .option && word(child(0, $0)) == "timeout" }
        guard let written else { return nil }
        let register = take(node)
        lower(child(1, written), into: register)
        return register
    }

    private func emitStep(
        _ kind: EffectKind, _ label: String, of database: Int, operands: [Int] = [], timeout: Int? = nil,
        into register: Int? = nil, at place: SourceRange
    ) {
        scoped { lowering in
            let target = register ?? lowering.frame.take(at: place)
            let base = lowering.window(of: operands + (timeout.map { [$0] } ?? []), at: place)
            lowering.emitEffect(
                kind, resource: database, firstOperand: base, positionalCount: operands.count,
                options: timeout == nil ? [] : [.timeout], label: label, into: target, at: place)
        }
    }

    /// After the rollback: a pause and the block again when another transaction was in the way, else the failure goes on.
    private func lowerRerun(
        _ failure: Int, attempt: Int, top: CodeLabel, _ label: String, at place: SourceRange
    ) {
        scoped { lowering in
            let found = lowering.frame.take(at: place)
            let other = lowering.frame.take(at: place)
            let again = lowering.assembler.newLabel()
            let giveUp = lowering.assembler.newLabel()
            func read(_ key: String, of object: Int) {
                let name = lowering.assembler.constant(.string(key))
                lowering.assembler.emit(.getField, found, object, word: name, at: place)
            }
            read("class", of: failure)
            lowering.load(.string(FailureClass.conflict.name), into: other, at: place)
            lowering.assembler.emitJump(.jumpUnlessEqual, found, other, to: giveUp, at: place)
            // A script's own `fail conflict(…)` has whatever details it was given.
            read("details", of: failure)
            lowering.assembler.emit(.isKind, other, found, Int(Value.Kind.object.rawValue), at: place)
            lowering.assembler.emitJump(.jumpIfFalse, other, to: giveUp, at: place)
            read("sqlstate", of: found)
            for state in Self.rerunStates {
                lowering.load(.string(state), into: other, at: place)
                lowering.assembler.emit(.equal, other, found, other, at: place)
                lowering.assembler.emitJump(.jumpIfTrue, other, to: again, at: place)
            }
            lowering.jump(to: giveUp, at: place)
            lowering.assembler.bind(again)
            lowering.load(.int(Self.rerunsMax), into: other, at: place)
            lowering.assembler.emitJump(.jumpUnlessLess, attempt, other, to: giveUp, at: place)
            let pause = lowering.window(of: [attempt], at: place)
            lowering.assembler.emit(.addInt, attempt, attempt, 1, at: place)
            lowering.emitEffect(
                .conflictPause, resource: nil, firstOperand: pause, positionalCount: 1, options: [],
                label: "\(label).again", into: pause, at: place)
            lowering.assembler.emitJump(.loop, to: top, at: place)
            lowering.assembler.bind(giveUp)
            lowering.assembler.emit(.raise, failure, at: place)
        }
    }
}
