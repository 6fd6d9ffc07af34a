// FunctionLowering+Statements.swift: blocks, locals, loops and the ways out.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// A block's statements; the last expression's value goes into `register`, else null.
    mutating func lowerStatements(_ node: NodeID, into register: Int) {
        guard kind(node) == .block else {
            lower(node, into: register)
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
                if isLast {
                    lower(statement, into: register)
                } else {
                    scoped { lowering in
                        let unused = lowering.take(statement)
                        lowering.lower(statement, into: unused)
                    }
                }
                continue
            }
            if isLast { assembler.emit(.loadNull, register, at: range(statement)) }
        }
        if statements.isEmpty { assembler.emit(.loadNull, register, at: range(node)) }
    }

    private mutating func lowerLocal(_ node: NodeID) {
        let register = take(node)
        lower(child(2, node), into: register)
        bind(child(0, node), to: register, isVariable: kind(node) == .varStatement)
    }

    private mutating func lowerAssignment(_ node: NodeID) {
        guard let target = name(child(0, node)) else { return }
        let place = range(node)
        let operation = AssignmentOperator(rawValue: frame.tree.flag(of: node)) ?? .set
        scoped { lowering in
            let expression = lowering.child(1, node)
            if operation == .set {
                // Not into the variable itself: the expression may read it half-way.
                let value = lowering.take(node)
                lowering.lower(expression, into: value)
                lowering.move(value, into: target.register, at: place)
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

    private mutating func lowerFor(_ node: NodeID) {
        scoped { lowering in
            let clause = Array(lowering.children(node).prefix(4))
            lowering.lowerIteration(clause, at: node) { lowering in
                let unused = lowering.take(node)
                lowering.scoped { $0.lowerStatements($0.child(4, node), into: unused) }
            }
        }
    }

    /// Runs `work` for each item of a clause: `name name? subject where?`.
    mutating func lowerIteration(_ clause: [NodeID], at node: NodeID, _ work: (inout Lowering) -> Void) {
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
        let end = assembler.newLabel()
        assembler.bind(next)
        assembler.emitJump(.next, state, item, index, to: end, at: place)
        // With two names the first is the index (of an object: the key).
        if second.exists {
            bind(first, to: index)
            bind(second, to: item)
        } else {
            bind(first, to: item)
        }
        frame.loops.append(Frame.Loop(next: next, end: end))
        if condition.exists { lowerCondition(condition, jumpIf: false, to: next, backward: true) }
        work(&self)
        frame.loops.removeLast()
        assembler.emitJump(.loop, to: next, at: place)
        assembler.bind(end)
    }

    /// A condition whose jump goes back to the head of a loop, through a `loop`.
    private mutating func lowerCondition(_ node: NodeID, jumpIf wanted: Bool, to head: CodeLabel, backward: Bool) {
        let past = assembler.newLabel()
        lowerCondition(node, jumpIf: !wanted, to: past)
        assembler.emitJump(.loop, to: head, at: range(node))
        assembler.bind(past)
    }

    // Exits.

    mutating func lowerExit(_ node: NodeID) {
        let place = range(node)
        switch kind(node) {
        case .returnExit:
            if child(0, node).exists {
                let value = operand(child(0, node))
                assembler.emit(.returnValue, value, at: place)
            } else {
                assembler.emit(.returnNull, at: place)
            }
        case .retryExit, .dropExit:
            let reason = child(0, node).exists ? operand(child(0, node)) : take(node)
            if !child(0, node).exists { assembler.emit(.loadNull, reason, at: place) }
            assembler.emit(kind(node) == .retryExit ? .retry : .drop, reason, at: place)
        case .failExit:
            let failure = operand(child(0, node))
            assembler.emit(.raise, failure, at: place)
        case .keepExit:
            if let update = frame.updates.last { jump(to: update.keep, at: place) }
        default:
            guard let loop = frame.loops.last else { return }
            if kind(node) == .breakExit {
                jump(to: loop.end, at: place)
            } else {
                assembler.emitJump(.loop, to: loop.next, at: place)
            }
        }
    }
}
