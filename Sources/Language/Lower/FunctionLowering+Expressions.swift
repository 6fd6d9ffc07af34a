// FunctionLowering+Expressions.swift: values into registers.
//
// `lower` writes a value into a given register; `operand` gives a register that holds it, which for a local is
// its own. Neighbours: …+Conditions.swift (jumps), …+Calls.swift, …+Compounds.swift.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// A register with the value. A local's own register is given as it is, so the value must be used before
    /// anything assigns.
    func operand(_ node: NodeID) -> Int {
        if kind(node) == .name, let name = name(node), checked.coercions[key(node)] == nil,
            frame.fitted?.symbol != frame.tree.symbol(of: node)
        {
            return name.register
        }
        if let register = fittedField(node) { return register }
        let register = take(node)
        lower(node, into: register)
        return register
    }

    /// Two operands. The left one is copied when the right one may assign it.
    func operands(_ left: NodeID, _ right: NodeID) -> (Int, Int) {
        var first = operand(left)
        if let name = name(left), name.isVariable, mayAssign(right) {
            first = take(left)
            move(name.register, into: first, at: range(left))
        }
        return (first, operand(right))
    }

    private func mayAssign(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .assignment: return true
        case .name, .integer, .size, .duration, .float, .string, .trueLiteral, .falseLiteral, .nullLiteral: return false
        default: return children(node).contains { $0.exists && mayAssign($0) }
        }
    }

    /// Registers side by side with these values.
    func window(_ nodes: [NodeID], at place: SourceRange) -> Int {
        let base = frame.next
        for node in nodes {
            let register = frame.take(at: node.exists ? range(node) : place)
            if node.exists {
                scoped { $0.lower(node, into: register) }
            } else {
                assembler.emit(.loadNull, register, at: place)
            }
        }
        return base
    }

    /// Evaluates an expression into a register.
    func lower(_ node: NodeID, into register: Int) {
        // The function is refused already; its tree may be deep.
        guard frame.overflow == nil else { return }
        let mark = frame.next
        lowerUnchecked(node, into: register)
        frame.next = mark
        if let type = checked.coercions[key(node)], let shape = shape(of: type) {
            assembler.emit(.fit, register, register, 1, word: shape.rawValue, at: range(node))
        }
    }

    private func lowerUnchecked(_ node: NodeID, into register: Int) {
        let place = range(node)
        if let constant = literal(node) {
            load(constant, into: register, at: place)
            return
        }
        switch kind(node) {
        case .text: lowerText(node, into: register)
        case .name: lowerName(node, into: register)
        case .member: lowerMember(node, into: register)
        case .index: lowerIndex(node, into: register)
        case .call, .templateCall: lowerCall(node, into: register)
        case .list: lowerList(node, into: register)
        case .object: lowerObject(node, into: register)
        case .listComprehension, .objectComprehension: lowerComprehension(node, into: register)
        case .ifExpression: lowerIf(node, into: register)
        case .matchExpression: lowerMatch(node, into: register)
        case .update: lowerUpdate(node, into: register)
        case .transaction: lowerTransaction(node, into: register)
        case .together: lowerTogether(node, into: register)
        case .lock: lowerLock(node, into: register)
        case .block: scoped { $0.lowerStatements(node, into: register) }
        case .returnExit, .retryExit, .dropExit, .failExit, .keepExit, .breakExit, .continueExit: lowerExit(node)
        case .catchBinding, .catchValue: lowerCatch(node, into: register)
        case .coalesce:
            let end = assembler.newLabel()
            lower(child(0, node), into: register)
            assembler.emitJump(.jumpIfNotNull, register, to: end, at: place)
            lower(child(1, node), into: register)
            assembler.bind(end)
        case .negate:
            let value = operand(child(0, node))
            assembler.emit(.negate, register, value, at: place)
        case .add, .subtract, .multiply, .divide, .remainder: lowerArithmetic(node, into: register)
        default: lowerBoolean(node, into: register)
        }
    }

    /// Literals only: what `fold` gives without following names.
    func literal(_ node: NodeID) -> Constant? {
        switch kind(node) {
        case .nullLiteral, .trueLiteral, .falseLiteral, .integer, .size, .duration, .float, .string: fold(node)
        case .negate: fold(node)
        case .list, .object: children(node).isEmpty ? nil : foldedAggregate(node)
        default: nil
        }
    }

    private func foldedAggregate(_ node: NodeID) -> Constant? {
        isPlainLiteral(node) ? fold(node) : nil
    }

    private func isPlainLiteral(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .list: children(node).allSatisfy { isPlainLiteral($0) }
        case .object: children(node).allSatisfy { kind($0) == .entry && isPlainLiteral(child(1, $0)) }
        case .nullLiteral, .trueLiteral, .falseLiteral, .integer, .size, .duration, .float, .string: true
        default: false
        }
    }

    private func lowerArithmetic(_ node: NodeID, into register: Int) {
        let place = range(node)
        if kind(node) == .add || kind(node) == .subtract, let step = step(child(1, node), kind(node) == .add) {
            let value = operand(child(0, node))
            assembler.emit(.addInt, register, value, step, at: place)
            return
        }
        let (left, right) = operands(child(0, node), child(1, node))
        let opcode: Opcode =
            switch kind(node) {
            case .add: .add
            case .subtract: .subtract
            case .multiply: .multiply
            case .divide: .divide
            default: .remainder
            }
        assembler.emit(opcode, register, left, right, at: place)
    }

    /// What `addInt` adds for a literal that is added or subtracted.
    func step(_ node: NodeID, _ isAdded: Bool) -> Int? {
        guard case .int(let step)? = literal(node) else { return nil }
        let amount = isAdded ? step : 0 &- step
        return (-128...127).contains(amount) ? Int(amount) : nil
    }

    /// Texts of any length, a stretch at a time.
    private func lowerText(_ node: NodeID, into register: Int) {
        let stretch = 24
        let parts = Array(children(node))
        var start = 0
        var carried: Int?
        while start < parts.count {
            let end = min(start + stretch, parts.count)
            let base = frame.next
            let mark = frame.next
            var count = end - start
            if let done = carried {
                move(done, into: take(node), at: range(node))
                count += 1
            }
            for part in parts[start..<end] {
                let target = take(part)
                scoped { $0.lower(part, into: target) }
            }
            let place = parts[start..<end].first { kind($0) != .string }.map { range($0) } ?? range(node)
            assembler.emit(.concatenate, register, base, count, at: place)
            frame.next = mark
            carried = register
            start = end
        }
    }

    // Names and paths.

    private func lowerName(_ node: NodeID, into register: Int) {
        let place = range(node)
        if case .constant(let member)? = callee(node) {
            lowerConstantUse(member, into: register, at: place)
            return
        }
        if let slot = slot(of: node) {
            assembler.emit(.loadSlot, register, imm16: slot, at: place)
            return
        }
        guard let name = name(node) else { return }
        if let fitted = frame.fitted, fitted.symbol == frame.tree.symbol(of: node) {
            lowerFitted(fitted, name.register, into: register, at: place)
            return
        }
        move(name.register, into: register, at: place)
    }

    /// The whole event, with the data that was fitted.
    private func lowerFitted(_ fitted: Frame.Fitted, _ whole: Int, into register: Int, at place: SourceRange) {
        let key = frame.take(at: place)
        assembler.emit(.beginObject, register, at: place)
        assembler.emit(.insertAll, register, whole, at: place)
        load(.string(fitted.key), into: key, at: place)
        assembler.emit(.insert, register, key, fitted.register, at: place)
    }

    func lowerConstantUse(_ member: MemberIndex, into register: Int, at place: SourceRange) {
        if let value = constants?[member] {
            load(value, into: register, at: place)
            return
        }
        let target = function(of: member)
        let base = frame.next
        frame.highest = max(frame.highest, base + 1)
        assembler.emit(.call, register, base, word: target.rawValue, at: place)
    }

    /// `event.data` after fitting: its register.
    private func fittedField(_ node: NodeID) -> Int? {
        guard let fitted = frame.fitted, kind(node) == .member, checked.coercions[key(node)] == nil else { return nil }
        let object = child(0, node)
        guard kind(object) == .name, frame.tree.symbol(of: object) == fitted.symbol, word(child(1, node)) == fitted.key
        else { return nil }
        return fitted.register
    }

    private func lowerMember(_ node: NodeID, into register: Int) {
        let place = range(child(1, node))
        if case .constant(let member)? = callee(node) {
            lowerConstantUse(member, into: register, at: range(node))
            return
        }
        if let fitted = fittedField(node) {
            move(fitted, into: register, at: place)
            return
        }
        if let slot = slot(of: node) {
            assembler.emit(.loadSlot, register, imm16: slot, at: range(node))
            return
        }
        let object = operand(child(0, node))
        let name = constant(named: child(1, node))
        let opcode: Opcode = frame.tree.flag(of: node) == 1 ? .getFieldQuiet : .getField
        assembler.emit(opcode, register, object, word: name, at: place)
    }

    private func lowerIndex(_ node: NodeID, into register: Int) {
        if let slot = slot(of: node) {
            assembler.emit(.loadSlot, register, imm16: slot, at: range(node))
            return
        }
        let (object, index) = operands(child(0, node), child(1, node))
        assembler.emit(.getIndex, register, object, index, at: range(child(1, node)))
    }

    /// In a `where`: the slot of a static path under `event`.
    func slot(of node: NodeID) -> Int? {
        guard frame.isPredicate, let path = staticPath(node) else { return nil }
        return assembler.slot(path: path)
    }

    private func staticPath(_ node: NodeID) -> [PathStep]? {
        switch kind(node) {
        case .name:
            guard word(node) == "event", name(node) == nil else { return nil }
            return []
        case .member:
            return staticPath(child(0, node)).map { $0 + [.key(word(child(1, node)))] }
        case .index:
            guard let path = staticPath(child(0, node)) else { return nil }
            switch literal(child(1, node)) {
            case .string(let key): return path + [.key(key)]
            case .int(let place) where place >= 0 && place < 1 << 30: return path + [.index(Int(place))]
            default: return nil
            }
        default: return nil
        }
    }
}
