// FunctionLowering+Together.swift: a `together` as a list of branches and a join.
//
// A branch becomes a function of its own, whose parameters are the locals that it reads: it gets their values as they are
// when it begins, and nothing assigns them meanwhile. Keys and the clause of a comprehension come before all branches.
// Neighbours: Check/Checker+Together.swift, Machine/Fiber+Strands.swift (runs them).

internal import Diagnostics
internal import Machine

/// A branch that is not lowered yet.
struct PendingBranch {
    let node: NodeKey
    /// The names behind its parameters, in order.
    let captures: [Symbol]
    /// The fitted data that it reads: the last parameter.
    let fitted: Frame.Fitted?
}

extension Lowering {
    func lowerTogether(_ node: NodeID, into register: Int) {
        let whole = child(0, node)
        let start = range(node).start
        let place = SourceRange(file: range(node).file, start: start, end: start + UInt32("together".utf8.count))
        scoped { lowering in
            let branches = lowering.take(node)
            switch lowering.kind(whole) {
            case .list: lowering.lowerListBranches(whole, branches, at: place)
            case .object: lowering.lowerObjectBranches(whole, branches, at: place)
            default: lowering.lowerComprehensionBranches(whole, branches, at: place)
            }
            lowering.move(branches, into: register, at: place)
        }
    }

    private func lowerListBranches(_ node: NodeID, _ branches: Int, at place: SourceRange) {
        let items = Array(children(node))
        assembler.emit(.beginList, branches, at: place)
        for item in items { emitBranch(kind(item) == .spread ? child(0, item) : item, into: branches) }
        assembler.emit(.join, branches, branches, at: place)
        guard items.contains(where: { kind($0) == .spread }) else { return }
        let list = take(node)
        assembler.emit(.beginList, list, at: place)
        for (position, item) in items.enumerated() {
            scoped { lowering in
                let value = lowering.value(position, of: branches, at: lowering.range(item))
                let opcode: Opcode = lowering.kind(item) == .spread ? .appendAll : .append
                lowering.assembler.emit(opcode, list, value, at: lowering.range(item))
            }
        }
        move(list, into: branches, at: place)
    }

    private func lowerObjectBranches(_ node: NodeID, _ branches: Int, at place: SourceRange) {
        let entries = Array(children(node))
        let keys = entries.map { entry -> Int? in
            guard kind(entry) == .computedEntry else { return nil }
            let key = take(entry)
            lower(child(0, entry), into: key)
            return key
        }
        assembler.emit(.beginList, branches, at: place)
        for entry in entries {
            let isPair = kind(entry) == .entry || kind(entry) == .computedEntry
            emitBranch(child(isPair ? 1 : 0, entry), into: branches)
        }
        assembler.emit(.join, branches, branches, at: place)
        let object = take(node)
        assembler.emit(.beginObject, object, at: place)
        for (position, entry) in entries.enumerated() {
            scoped { lowering in
                let place = lowering.range(entry)
                let value = lowering.value(position, of: branches, at: place)
                if lowering.kind(entry) == .spread {
                    lowering.assembler.emit(.insertAll, object, value, at: place)
                    return
                }
                let key = keys[position] ?? lowering.frame.take(at: place)
                if keys[position] == nil {
                    lowering.load(.string(lowering.word(lowering.child(0, entry))), into: key, at: place)
                }
                lowering.assembler.emit(.insert, object, key, value, at: place)
            }
        }
        move(object, into: branches, at: place)
    }

    private func lowerComprehensionBranches(_ node: NodeID, _ branches: Int, at place: SourceRange) {
        let isList = kind(node) == .listComprehension
        let keys = take(node)
        assembler.emit(.beginList, branches, at: place)
        if !isList { assembler.emit(.beginList, keys, at: place) }
        let clause = Array(children(child(isList ? 1 : 2, node)))
        scoped { lowering in
            lowering.lowerIteration(clause, at: node) { lowering in
                lowering.scoped { lowering in
                    if !isList {
                        let key = lowering.operand(lowering.child(0, node))
                        lowering.assembler.emit(.append, keys, key, at: lowering.range(lowering.child(0, node)))
                    }
                    lowering.emitBranch(lowering.child(isList ? 0 : 1, node), into: branches)
                }
            }
        }
        assembler.emit(.join, branches, branches, at: place)
        if !isList { lowerKeyed(keys, branches, at: node) }
    }

    /// The object of these keys and the values at the same places.
    private func lowerKeyed(_ keys: Int, _ values: Int, at node: NodeID) {
        let place = range(node)
        let object = take(node)
        let state = frame.next
        for _ in 0..<3 { _ = take(node) }
        let (key, position, value) = (take(node), take(node), take(node))
        let next = assembler.newLabel()
        let body = assembler.newLabel()
        assembler.emit(.beginObject, object, at: place)
        assembler.emit(.iterate, state, keys, at: place)
        jump(to: next, at: place)
        assembler.bind(body)
        assembler.emit(.getIndex, value, values, position, at: place)
        assembler.emit(.insert, object, key, value, at: range(child(0, node)))
        assembler.bind(next)
        assembler.emitJump(.next, state, key, position, to: body, at: place)
        move(object, into: values, at: place)
    }

    private func value(_ position: Int, of values: Int, at place: SourceRange) -> Int {
        let register = frame.take(at: place)
        load(.int(Int64(position)), into: register, at: place)
        assembler.emit(.getIndex, register, values, register, at: place)
        return register
    }

    // Branches.

    private func emitBranch(_ node: NodeID, into branches: Int) {
        var mentioned: Set<Symbol> = []
        collectNames(node, into: &mentioned)
        var captures: [Symbol] = []
        var registers: [Int] = []
        for name in frame.names.reversed() where mentioned.contains(name.symbol) && !captures.contains(name.symbol) {
            captures.append(name.symbol)
            registers.append(name.register)
        }
        let fitted = frame.fitted.flatMap { captures.contains($0.symbol) ? $0 : nil }
        if let fitted { registers.append(fitted.register) }
        let place = range(node)
        let function = declare(
            .branch(PendingBranch(node: key(node), captures: captures, fitted: fitted)),
            named: "branch of \(owner.name)",
            parameters: registers.count, owner: owner, place)
        scoped { lowering in
            let base = lowering.window(of: registers, at: place)
            lowering.assembler.emit(.branch, branches, base, word: function.rawValue, at: place)
        }
    }

    private func collectNames(_ node: NodeID, into names: inout Set<Symbol>) {
        guard node.exists else { return }
        if kind(node) == .name { names.insert(frame.tree.symbol(of: node)) }
        for inner in children(node) { collectNames(inner, into: &names) }
    }

    /// The branch's own function.
    func lowerBranch(_ branch: PendingBranch) {
        enter(branch.node)
        let place = range(branch.node.node)
        for symbol in branch.captures {
            frame.names.append(Frame.Name(symbol: symbol, register: frame.take(at: place), isVariable: false))
        }
        if let fitted = branch.fitted {
            frame.fitted = Frame.Fitted(symbol: fitted.symbol, key: fitted.key, register: frame.take(at: place))
        }
        let result = frame.take(at: place)
        lower(branch.node.node, into: result)
        assembler.emit(.returnValue, result, at: place)
    }
}
