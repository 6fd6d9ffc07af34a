// FunctionLowering+Conditions.swift: what decides jumps, without making a bool first.
//
// `!=` is `not ==`, and `not (a < b)` is never turned into `b <= a`: in quiet mode both may be false.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// Goes to `label` when the condition is `wanted`, else goes on.
    func lowerCondition(_ node: NodeID, jumpIf wanted: Bool, to label: CodeLabel) {
        let mark = frame.next
        defer { frame.next = mark }
        let place = range(node)
        switch kind(node) {
        case .not: lowerCondition(child(0, node), jumpIf: !wanted, to: label)
        case .and, .or:
            // `a and b` leaves at once when a is false; `a or b` when it is true.
            let early = kind(node) == .or
            if wanted == early {
                lowerCondition(child(0, node), jumpIf: wanted, to: label)
                lowerCondition(child(1, node), jumpIf: wanted, to: label)
            } else {
                let past = assembler.newLabel()
                lowerCondition(child(0, node), jumpIf: early, to: past)
                lowerCondition(child(1, node), jumpIf: wanted, to: label)
                assembler.bind(past)
            }
        case .less where !wanted, .lessOrEqual where !wanted, .greater where !wanted, .greaterOrEqual where !wanted:
            lowerOrderJump(node, to: label)
        case .equal where !wanted, .notEqual where wanted: lowerEqualityJump(node, to: label)
        case .isIn, .isNotIn:
            if kind(child(1, node)) == .interval {
                lowerInterval(node, jumpIf: kind(node) == .isIn ? wanted : !wanted, to: label)
            } else {
                let result = take(node)
                lowerMembership(node, into: result)
                assembler.emitJump(
                    (kind(node) == .isIn) == wanted ? .jumpIfTrue : .jumpIfFalse, result, to: label, at: place)
            }
        default:
            if !wanted, lowerStartsWith(node, to: label) { return }
            let value = operand(node)
            assembler.emitJump(wanted ? .jumpIfTrue : .jumpIfFalse, value, to: label, at: place)
        }
    }

    /// `text.starts_with("…")`, the test of many rules, in one instruction. No when it is another call.
    private func lowerStartsWith(_ node: NodeID, to label: CodeLabel) -> Bool {
        guard case .builtin(let call)? = callee(node), !call.isQuiet, call.index == Builtin.index(named: "starts_with"),
            call.arguments.count == 1, case .string(let part)? = literal(call.arguments[0]),
            checked.coercions[key(node)] == nil, let number = Int16(exactly: assembler.constant(.string(part)))
        else { return false }
        let text = operand(call.receiver)
        assembler.emitJump(
            .jumpUnlessStartsWith, text, imm16: Int(number), to: label, at: range(child(1, child(0, node))))
        return true
    }

    private func lowerEqualityJump(_ node: NodeID, to label: CodeLabel) {
        let place = range(node)
        for (value, other) in [(child(0, node), child(1, node)), (child(1, node), child(0, node))] {
            guard let constant = literal(other), checked.coercions[key(other)] == nil else { continue }
            let subject = operand(value)
            jump(to: label, unless: subject, equals: constant, at: place)
            return
        }
        let (left, right) = operands(child(0, node), child(1, node))
        assembler.emitJump(.jumpUnlessEqual, left, right, to: label, at: place)
    }

    private func lowerOrderJump(_ node: NodeID, to label: CodeLabel) {
        let place = range(node)
        if case .int(let bound)? = literal(child(1, node)), checked.coercions[key(child(1, node))] == nil,
            Int16(exactly: bound) != nil
        {
            let value = operand(child(0, node))
            let opcode: Opcode =
                switch kind(node) {
                case .less: .jumpUnlessLessInt
                case .lessOrEqual: .jumpUnlessLessOrEqualInt
                case .greater: .jumpUnlessGreaterInt
                default: .jumpUnlessGreaterOrEqualInt
                }
            assembler.emitJump(opcode, value, imm16: Int(bound), to: label, at: place)
            return
        }
        let (left, right) = operands(child(0, node), child(1, node))
        switch kind(node) {
        case .less: assembler.emitJump(.jumpUnlessLess, left, right, to: label, at: place)
        case .lessOrEqual: assembler.emitJump(.jumpUnlessLessOrEqual, left, right, to: label, at: place)
        case .greater: assembler.emitJump(.jumpUnlessLess, right, left, to: label, at: place)
        default: assembler.emitJump(.jumpUnlessLessOrEqual, right, left, to: label, at: place)
        }
    }

    /// `x in low..high`, either end open.
    private func lowerInterval(_ node: NodeID, jumpIf wanted: Bool, to label: CodeLabel) {
        let interval = child(1, node)
        let place = range(node)
        let value = operand(child(0, node))
        let outside = wanted ? assembler.newLabel() : label
        if child(0, interval).exists {
            let low = operand(child(0, interval))
            assembler.emitJump(.jumpUnlessLessOrEqual, low, value, to: outside, at: place)
        }
        if child(1, interval).exists {
            let high = operand(child(1, interval))
            let opcode: Opcode = frame.tree.flag(of: interval) == 1 ? .jumpUnlessLess : .jumpUnlessLessOrEqual
            assembler.emitJump(opcode, value, high, to: outside, at: place)
        }
        if wanted {
            jump(to: label, at: place)
            assembler.bind(outside)
        }
    }

    private func lowerMembership(_ node: NodeID, into register: Int) {
        let (value, container) = operands(child(0, node), child(1, node))
        assembler.emit(.contains, register, value, container, at: range(node))
    }

    /// An expression that gives a bool.
    func lowerBoolean(_ node: NodeID, into register: Int) {
        let place = range(node)
        switch kind(node) {
        case .equal, .notEqual:
            let (left, right) = operands(child(0, node), child(1, node))
            assembler.emit(.equal, register, left, right, at: place)
            if kind(node) == .notEqual { assembler.emit(.not, register, register, at: place) }
        case .less, .lessOrEqual:
            let (left, right) = operands(child(0, node), child(1, node))
            assembler.emit(kind(node) == .less ? .less : .lessOrEqual, register, left, right, at: place)
        case .greater, .greaterOrEqual:
            let (left, right) = operands(child(0, node), child(1, node))
            assembler.emit(kind(node) == .greater ? .less : .lessOrEqual, register, right, left, at: place)
        case .isIn where kind(child(1, node)) != .interval: lowerMembership(node, into: register)
        case .not:
            let value = operand(child(0, node))
            assembler.emit(.not, register, value, at: place)
        case .exists: lowerExists(child(0, node), into: register)
        case .anyQuantifier, .allQuantifier: lowerQuantifier(node, into: register)
        case .and, .or, .isIn, .isNotIn:
            let no = assembler.newLabel()
            let end = assembler.newLabel()
            lowerCondition(node, jumpIf: false, to: no)
            assembler.emit(.loadBool, register, 1, at: place)
            jump(to: end, at: place)
            assembler.bind(no)
            assembler.emit(.loadBool, register, 0, at: place)
            assembler.bind(end)
        default:
            assembler.emit(.loadNull, register, at: place)
        }
    }

    /// Whether the last step of a path is there; a `null` there counts, a missing key or place does not.
    private func lowerExists(_ path: NodeID, into register: Int) {
        let place = range(path)
        if let slot = slot(of: path) {
            assembler.emit(.loadSlot, register, imm16: slot, at: place)
            assembler.emit(.isKind, register, register, Int(Value.Kind.missing.rawValue), at: place)
            assembler.emit(.not, register, register, at: place)
            return
        }
        let object = take(path)
        lowerQuietly(child(0, path), into: object)
        let no = assembler.newLabel()
        let end = assembler.newLabel()
        let test = take(path)
        if kind(path) == .member {
            assembler.emit(.isKind, test, object, Int(Value.Kind.object.rawValue), at: place)
            assembler.emitJump(.jumpIfFalse, test, to: no, at: place)
            load(.string(word(child(1, path))), into: test, at: place)
            assembler.emit(.contains, register, test, object, at: place)
        } else {
            assembler.emitJump(.jumpIfNull, object, to: no, at: place)
            let index = operand(child(1, path))
            assembler.emit(.isKind, test, object, Int(Value.Kind.list.rawValue), at: place)
            let isObject = assembler.newLabel()
            assembler.emitJump(.jumpIfFalse, test, to: isObject, at: place)
            lowerPlaceExists(index, object, into: register, at: place)
            jump(to: end, at: place)
            assembler.bind(isObject)
            assembler.emit(.contains, register, index, object, at: place)
        }
        jump(to: end, at: place)
        assembler.bind(no)
        assembler.emit(.loadBool, register, 0, at: place)
        assembler.bind(end)
    }

    private func lowerPlaceExists(_ index: Int, _ list: Int, into register: Int, at place: SourceRange) {
        let window = frame.take(at: place)
        move(list, into: window, at: place)
        guard let length = Builtin.index(named: "length") else { return }
        assembler.emit(.callBuiltin, window, window, 1, word: length, at: place)
        assembler.emit(.less, register, index, window, at: place)
    }

    /// The steps before the last: null stays null.
    private func lowerQuietly(_ node: NodeID, into register: Int) {
        guard kind(node) == .member, callee(node) == nil else {
            lower(node, into: register)
            return
        }
        lowerQuietly(child(0, node), into: register)
        let name = constant(named: child(1, node))
        assembler.emit(.getFieldQuiet, register, register, word: name, at: range(child(1, node)))
    }

    private func lowerQuantifier(_ node: NodeID, into register: Int) {
        let place = range(node)
        let isAny = kind(node) == .anyQuantifier
        let state = frame.next
        for _ in 0..<3 { _ = take(node) }
        let item = take(node)
        let subject = operand(child(1, node))
        assembler.emit(.loadBool, register, isAny ? 0 : 1, at: place)
        assembler.emit(.iterate, state, subject, at: range(child(1, node)))
        let next = assembler.newLabel()
        let body = assembler.newLabel()
        let end = assembler.newLabel()
        let found = assembler.newLabel()
        jump(to: next, at: place)
        assembler.bind(body)
        scoped { lowering in
            lowering.bind(lowering.child(0, node), to: item)
            lowering.lowerCondition(lowering.child(2, node), jumpIf: isAny, to: found)
        }
        assembler.bind(next)
        assembler.emitJump(.next, state, item, item, to: body, at: place)
        jump(to: end, at: place)
        assembler.bind(found)
        assembler.emit(.loadBool, register, isAny ? 1 : 0, at: place)
        assembler.bind(end)
    }
}
