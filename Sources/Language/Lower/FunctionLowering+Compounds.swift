// FunctionLowering+Compounds.swift: lists, objects, comprehensions, `if`, `catch` and `update`.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// Aggregates of up to this many parts are built from registers side by side.
    private static var partsAtOnceMax: Int { 24 }

    func lowerList(_ node: NodeID, into register: Int) {
        let items = Array(children(node))
        let place = range(node)
        if items.count <= Self.partsAtOnceMax, !items.contains(where: { kind($0) == .spread }) {
            let base = window(items, at: place)
            assembler.emit(.newList, register, base, items.count, at: place)
            return
        }
        let list = take(node)
        assembler.emit(.beginList, list, at: place)
        for item in items {
            scoped { lowering in
                let isSpread = lowering.kind(item) == .spread
                let value = lowering.operand(isSpread ? lowering.child(0, item) : item)
                lowering.assembler.emit(isSpread ? .appendAll : .append, list, value, at: lowering.range(item))
            }
        }
        move(list, into: register, at: place)
    }

    func lowerObject(_ node: NodeID, into register: Int) {
        let entries = Array(children(node))
        let place = range(node)
        let isPlain =
            entries.count <= Self.partsAtOnceMax
            && entries.allSatisfy { kind($0) == .entry || kind($0) == .shorthandEntry }
        let keys = isPlain ? entries.map { word(child(0, $0)) } : []
        if isPlain, !keys.indices.contains(where: { keys[..<$0].contains(keys[$0]) }) {
            let base = window(entries.map { kind($0) == .entry ? child(1, $0) : child(0, $0) }, at: place)
            let list = assembler.keyList(keys)
            assembler.emit(.newObject, register, base, entries.count, word: list, at: place)
            return
        }
        let object = take(node)
        assembler.emit(.beginObject, object, at: place)
        for entry in entries { scoped { $0.lowerEntry(entry, of: object) } }
        move(object, into: register, at: place)
    }

    private func lowerEntry(_ entry: NodeID, of object: Int) {
        let place = range(entry)
        switch kind(entry) {
        case .spread:
            let value = operand(child(0, entry))
            assembler.emit(.insertAll, object, value, at: place)
        case .computedEntry:
            let name = operand(child(0, entry))
            let value = operand(child(1, entry))
            assembler.emit(.insert, object, name, value, at: place)
        default:
            let name = take(entry)
            load(.string(word(child(0, entry))), into: name, at: place)
            let value = operand(kind(entry) == .entry ? child(1, entry) : child(0, entry))
            assembler.emit(.insert, object, name, value, at: place)
        }
    }

    func lowerComprehension(_ node: NodeID, into register: Int) {
        scoped { lowering in
            let place = lowering.range(node)
            let isList = lowering.kind(node) == .listComprehension
            let result = lowering.take(node)
            let clause = lowering.child(isList ? 1 : 2, node)
            lowering.assembler.emit(isList ? .beginList : .beginObject, result, at: place)
            lowering.lowerIteration(Array(lowering.children(clause)), at: node) { lowering in
                lowering.scoped { lowering in
                    let first = lowering.operand(lowering.child(0, node))
                    if isList {
                        lowering.assembler.emit(.append, result, first, at: place)
                    } else {
                        let value = lowering.operand(lowering.child(1, node))
                        lowering.assembler.emit(.insert, result, first, value, at: place)
                    }
                }
            }
            lowering.move(result, into: register, at: place)
        }
    }

    func lowerIf(_ node: NodeID, into register: Int?) {
        let place = range(node)
        let otherwise = assembler.newLabel()
        let end = assembler.newLabel()
        let hasOtherwise = child(2, node).exists
        lowerCondition(child(0, node), jumpIf: false, to: otherwise)
        scoped { $0.lowerStatements($0.child(1, node), into: register) }
        if !leaves(child(1, node)), hasOtherwise || register != nil { jump(to: end, at: place) }
        assembler.bind(otherwise)
        if hasOtherwise {
            scoped { $0.lowerStatements($0.child(2, node), into: register) }
        } else if let register {
            assembler.emit(.loadNull, register, at: place)
        }
        assembler.bind(end)
    }

    // Catch.

    func lowerCatch(_ node: NodeID, into register: Int) {
        let place = range(node)
        let from = assembler.newLabel()
        let to = assembler.newLabel()
        let target = assembler.newLabel()
        let end = assembler.newLabel()
        let failure = take(node)
        assembler.bind(from)
        lower(child(0, node), into: register)
        assembler.bind(to)
        jump(to: end, at: place)
        assembler.bind(target)
        assembler.catchRange(from: from, to: to, target: target, register: failure)
        if kind(node) == .catchValue {
            lower(child(1, node), into: register)
        } else {
            scoped { lowering in
                lowering.bind(lowering.child(1, node), to: failure)
                lowering.lowerStatements(lowering.child(2, node), into: register)
            }
        }
        assembler.bind(end)
    }

    // Update.

    /// What an `update` under way keeps in registers.
    private struct UpdateRegisters {
        let key: Int
        let tries: Int
        let attempt: Int
        let timeToLive: Int?
        let timeout: Int?
        let current: Int
        let etag: Int
        let failure: Int
    }

    /// Read, compute, write back what has not changed since; on a conflict pause and start over.
    func lowerUpdate(_ node: NodeID, into register: Int) {
        let place = range(child(0, node))
        guard let symbol = name(ofResource: child(0, node)), let store = declarations.resource(symbol) else { return }
        let label = declarations.symbols[symbol]
        let registers = prepareUpdate(node)
        let top = assembler.newLabel()
        let keep = assembler.newLabel()
        let remove = assembler.newLabel()
        let done = assembler.newLabel()
        let conflict = assembler.newLabel()
        let savedFrom = assembler.newLabel()
        let savedTo = assembler.newLabel()

        assembler.bind(top)
        lowerUpdateRead(registers, store, label, at: place)
        frame.updates.append(Frame.Update(keep: keep, loopDepth: frame.loops.count))
        scoped { lowering in
            lowering.bind(lowering.child(3, node), to: registers.current)
            lowering.lowerStatements(lowering.child(4, node), into: register)
        }
        frame.updates.removeLast()

        assembler.emitJump(.jumpIfNull, register, to: remove, at: place)
        assembler.bind(savedFrom)
        lowerUpdateSave(registers, register, store, label, at: place)
        jump(to: done, at: place)
        assembler.bind(remove)
        assembler.emitJump(.jumpIfNull, registers.etag, to: done, at: place)
        lowerUpdateDelete(registers, store, label, at: place)
        assembler.bind(savedTo)
        jump(to: done, at: place)

        assembler.bind(conflict)
        assembler.catchRange(from: savedFrom, to: savedTo, target: conflict, register: registers.failure)
        lowerUpdateConflict(registers, top, label, at: place)

        assembler.bind(keep)
        move(registers.current, into: register, at: place)
        assembler.bind(done)
    }

    func name(ofResource node: NodeID) -> Symbol? {
        kind(node) == .name ? frame.tree.symbol(of: node) : nil
    }

    private func prepareUpdate(_ node: NodeID) -> UpdateRegisters {
        let place = range(child(0, node))
        let key = take(node)
        lower(child(1, node), into: key)
        var options: [String: NodeID] = [:]
        if child(2, node).exists {
            for option in children(child(2, node)) where kind(option) == .option {
                options[word(child(0, option))] = child(1, option)
            }
        }
        let tries = take(node)
        if let written = options["tries"] {
            lower(written, into: tries)
        } else {
            load(.int(10), into: tries, at: place)
        }
        func optional(_ name: String, _ lowering: Lowering) -> Int? {
            guard let value = options[name] else { return nil }
            let register = lowering.take(node)
            lowering.lower(value, into: register)
            return register
        }
        let timeToLive = optional("ttl", self)
        let timeout = optional("timeout", self)
        let attempt = take(node)
        load(.int(0), into: attempt, at: place)
        return UpdateRegisters(
            key: key, tries: tries, attempt: attempt, timeToLive: timeToLive, timeout: timeout, current: take(node),
            etag: take(node), failure: take(node))
    }

    /// Copies registers side by side.
    func window(of registers: [Int], at place: SourceRange) -> Int {
        let base = frame.next
        for register in registers { move(register, into: frame.take(at: place), at: place) }
        return base
    }

    private func lowerUpdateRead(
        _ registers: UpdateRegisters, _ store: Int, _ label: String, at place: SourceRange
    ) {
        scoped { lowering in
            let base = lowering.window(of: [registers.key] + (registers.timeout.map { [$0] } ?? []), at: place)
            lowering.emitEffect(
                .stateEntry, resource: store, firstOperand: base, positionalCount: 1,
                options: registers.timeout == nil ? [] : [.timeout], label: "\(label).entry", into: base, at: place)
            let etag = lowering.assembler.constant(.string("etag"))
            let value = lowering.assembler.constant(.string("value"))
            lowering.assembler.emit(.getField, registers.etag, base, word: etag, at: place)
            lowering.assembler.emit(.getField, registers.current, base, word: value, at: place)
        }
    }

    private func lowerUpdateSave(
        _ registers: UpdateRegisters, _ value: Int, _ store: Int, _ label: String, at place: SourceRange
    ) {
        scoped { lowering in
            let concurrency = lowering.frame.take(at: place)
            lowering.load(.string("first-write"), into: concurrency, at: place)
            var sources = [registers.key, value, registers.etag, concurrency]
            var options: [EffectOption] = [.etag, .concurrency]
            if let timeToLive = registers.timeToLive {
                sources.append(timeToLive)
                options.append(.ttl)
            }
            if let timeout = registers.timeout {
                sources.append(timeout)
                options.append(.timeout)
            }
            let base = lowering.window(of: sources, at: place)
            lowering.emitEffect(
                .stateSave, resource: store, firstOperand: base, positionalCount: 2, options: options,
                label: "\(label).save", into: base, at: place)
        }
    }

    private func lowerUpdateDelete(
        _ registers: UpdateRegisters, _ store: Int, _ label: String, at place: SourceRange
    ) {
        scoped { lowering in
            let sources = [registers.key, registers.etag] + (registers.timeout.map { [$0] } ?? [])
            let base = lowering.window(of: sources, at: place)
            lowering.emitEffect(
                .stateDelete, resource: store, firstOperand: base, positionalCount: 1,
                options: registers.timeout == nil ? [.etag] : [.etag, .timeout], label: "\(label).delete", into: base,
                at: place)
        }
    }

    /// Class `conflict`: again, until the tries are used up. A first write that meets an entry answers
    /// `internal` on some stores (contract, 8.2): in doubt, read again.
    private func lowerUpdateConflict(
        _ registers: UpdateRegisters, _ top: CodeLabel, _ label: String, at place: SourceRange
    ) {
        scoped { lowering in
            let found = lowering.frame.take(at: place)
            let expected = lowering.frame.take(at: place)
            let again = lowering.assembler.newLabel()
            let giveUp = lowering.assembler.newLabel()
            let name = lowering.assembler.constant(.string("class"))
            lowering.assembler.emit(.getField, found, registers.failure, word: name, at: place)
            lowering.load(.string(FailureClass.conflict.name), into: expected, at: place)
            lowering.assembler.emit(.equal, expected, found, expected, at: place)
            lowering.assembler.emitJump(.jumpIfTrue, expected, to: again, at: place)
            lowering.assembler.emitJump(.jumpIfNotNull, registers.etag, to: giveUp, at: place)
            lowering.load(.string(FailureClass.internal.name), into: expected, at: place)
            lowering.assembler.emitJump(.jumpUnlessEqual, found, expected, to: giveUp, at: place)
            lowering.assembler.bind(again)
            let pause = lowering.window(of: [registers.attempt], at: place)
            lowering.assembler.emit(.addInt, registers.attempt, registers.attempt, 1, at: place)
            lowering.assembler.emitJump(.jumpUnlessLess, registers.attempt, registers.tries, to: giveUp, at: place)
            lowering.emitEffect(
                .conflictPause, resource: nil, firstOperand: pause, positionalCount: 1, options: [],
                label: "\(label).update", into: pause, at: place)
            lowering.assembler.emitJump(.loop, to: top, at: place)
            lowering.assembler.bind(giveUp)
            lowering.assembler.emit(.raise, registers.failure, at: place)
        }
    }
}
