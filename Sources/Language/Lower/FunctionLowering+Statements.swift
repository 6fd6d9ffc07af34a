// FunctionLowering+Statements.swift: blocks, locals, loops and the ways out.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// A block's statements; the last expression's value goes into `register`, else null. No register: nobody wants it.
    func lowerStatements(_ node: NodeID, into register: Int?) {
        guard kind(node) == .block else {
            lower(node, orDropInto: register)
            return
        }
        let statements = Array(children(node))
        for (place, statement) in statements.enumerated() {
            let isLast = place == statements.count - 1
            switch kind(statement) {
            case .letStatement, .varStatement: lowerLocal(statement)
            case .assignment: lowerAssignment(statement)
            case .forLoop: lowerFor(statement)
            default:
                lower(statement, orDropInto: isLast ? register : nil)
                continue
            }
            if isLast, let register { assembler.emit(.loadNull, register, at: range(statement)) }
        }
        if statements.isEmpty, let register { assembler.emit(.loadNull, register, at: range(node)) }
    }

    /// Evaluates an expression; without a register for what comes of it alone.
    func lower(_ node: NodeID, orDropInto register: Int?) {
        if let register {
            lower(node, into: register)
            return
        }
        scoped { lowering in
            guard lowering.checked.coercions[lowering.key(node)] == nil, lowering.frame.overflow == nil else {
                let unused = lowering.take(node)
                lowering.lower(node, into: unused)
                return
            }
            switch lowering.kind(node) {
            case .ifExpression: lowering.lowerIf(node, into: nil)
            case .matchExpression: lowering.lowerMatch(node, into: nil)
            case .block: lowering.lowerStatements(node, into: nil)
            default:
                let unused = lowering.take(node)
                lowering.lower(node, into: unused)
            }
        }
    }

    /// Does what comes after never run? Says yes only of what leaves no jump to its own end behind.
    func leaves(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .returnExit, .retryExit, .dropExit, .failExit, .keepExit, .breakExit, .continueExit: true
        case .block: children(node).last.map { leaves($0) } ?? false
        case .ifExpression: child(2, node).exists && leaves(child(1, node)) && leaves(child(2, node))
        default: false
        }
    }

    private func lowerLocal(_ node: NodeID) {
        let register = take(node)
        lower(child(2, node), into: register)
        bind(child(0, node), to: register, isVariable: kind(node) == .varStatement)
    }

    private func lowerAssignment(_ node: NodeID) {
        guard let target = name(child(0, node)) else { return }
        let place = range(node)
        let operation = AssignmentOperator(rawValue: frame.tree.flag(of: node)) ?? .set
        scoped { lowering in
            let expression = lowering.child(1, node)
            if operation == .set {
                if lowering.writesLast(expression) {
                    lowering.lower(expression, into: target.register)
                    return
                }
                // Not into the variable itself: the expression may read it half-way.
                let value = lowering.take(node)
                lowering.lower(expression, into: value)
                lowering.move(value, into: target.register, at: place)
                return
            }
            if operation == .add || operation == .subtract, let step = lowering.step(expression, operation == .add) {
                lowering.assembler.emit(.addInt, target.register, target.register, step, at: place)
                return
            }
            let value = lowering.operand(expression)
            let opcode: Opcode =
                switch operation {
                case .add: .add
                case .subtract: .subtract
                case .multiply: .multiply
                case .set, .divide: .divide
                }
            lowering.assembler.emit(opcode, target.register, target.register, value, at: place)
        }
    }

    /// Is the target written by one last instruction, after all operands were read?
    private func writesLast(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .add, .subtract, .multiply, .divide, .remainder, .integer, .float, .string, .trueLiteral, .falseLiteral,
            .nullLiteral:
            checked.coercions[key(node)] == nil
        default: false
        }
    }

    private func lowerFor(_ node: NodeID) {
        scoped { lowering in
            let clause = Array(lowering.children(node).prefix(4))
            lowering.lowerIteration(clause, at: node) { lowering in
                lowering.scoped { $0.lowerStatements($0.child(4, node), into: nil) }
            }
        }
    }

    /// Runs `work` for each item of a clause: `name name? subject where?`. The step stands behind the work, so that
    /// an item costs one jump.
    func lowerIteration(_ clause: [NodeID], at node: NodeID, _ work: (Lowering) -> Void) {
        let (first, second, subject, condition) = (clause[0], clause[1], clause[2], clause[3])
        let place = range(subject)
        let state = frame.next
        for _ in 0..<3 { _ = take(node) }
        let item = take(node)
        let index = second.exists ? take(node) : item
        if kind(subject) == .interval {
            let low = operand(child(0, subject))
            let high = operand(child(1, subject))
            let excludes: UInt32 = frame.tree.flag(of: subject) == 1 ? 1 : 0
            assembler.emit(.iterateRange, state, low, high, word: excludes, at: place)
        } else {
            let value = operand(subject)
            assembler.emit(.iterate, state, value, at: place)
        }
        let next = assembler.newLabel()
        let body = assembler.newLabel()
        let end = assembler.newLabel()
        jump(to: next, at: place)
        assembler.bind(body)
        // With two names the first is the index (of an object: the key).
        if second.exists {
            bind(first, to: index)
            bind(second, to: item)
        } else {
            bind(first, to: item)
        }
        frame.loops.append(Frame.Loop(next: next, end: end))
        if condition.exists { lowerCondition(condition, jumpIf: false, to: next) }
        work(self)
        frame.loops.removeLast()
        assembler.bind(next)
        assembler.emitJump(kind(subject) == .interval ? .nextInt : .next, state, item, index, to: body, at: place)
        assembler.bind(end)
    }

    // Exits.

    func lowerExit(_ node: NodeID) {
        let place = range(node)
        switch kind(node) {
        case .returnExit:
            if child(0, node).exists {
                let value = operand(child(0, node))
                giveBackLocks(fromLoop: 0, at: place)
                assembler.emit(.returnValue, value, at: place)
            } else {
                giveBackLocks(fromLoop: 0, at: place)
                assembler.emit(.returnNull, at: place)
            }
        case .retryExit, .dropExit:
            let reason = child(0, node).exists ? operand(child(0, node)) : take(node)
            if !child(0, node).exists { assembler.emit(.loadNull, reason, at: place) }
            giveBackLocks(fromLoop: 0, at: place)
            assembler.emit(kind(node) == .retryExit ? .retry : .drop, reason, at: place)
        case .failExit:
            let failure = operand(child(0, node))
            assembler.emit(.raise, failure, at: place)
        case .keepExit:
            if let update = frame.updates.last { jump(to: update.keep, at: place) }
        default:
            guard let loop = frame.loops.last else { return }
            giveBackLocks(fromLoop: frame.loops.count, at: place)
            jump(to: kind(node) == .breakExit ? loop.end : loop.next, at: place)
        }
    }
}
