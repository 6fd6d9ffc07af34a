// FunctionLowering+Match.swift: patterns into tests; the first arm that fits wins.
//
// A test never faults: kinds are looked at before anything that minds them.

internal import Diagnostics
internal import Machine

extension Lowering {
    func lowerMatch(_ node: NodeID, into register: Int?) {
        let end = assembler.newLabel()
        let subject = take(node)
        lower(child(0, node), into: subject)
        var hasOtherwise = false
        for arm in children(node).dropFirst() where arm.exists {
            scoped { lowering in
                let result: NodeID
                let next = lowering.assembler.newLabel()
                if lowering.kind(arm) == .matchOtherwise {
                    hasOtherwise = true
                    result = lowering.child(0, arm)
                } else {
                    lowering.test(lowering.child(0, arm), subject, orGoTo: next)
                    if lowering.child(1, arm).exists {
                        lowering.lowerCondition(lowering.child(1, arm), jumpIf: false, to: next)
                    }
                    result = lowering.child(2, arm)
                }
                lowering.scoped { $0.lowerStatements(result, into: register) }
                if !lowering.leaves(result) { lowering.jump(to: end, at: lowering.range(arm)) }
                lowering.assembler.bind(next)
            }
        }
        if !hasOtherwise {
            let text = assembler.constant(.string("no arm of this `match` fits"))
            assembler.emit(.unreachable, 0, word: text, at: range(child(0, node)))
        }
        assembler.bind(end)
    }

    /// Goes on when the pattern fits the value in `subject`, binding its names; else goes to `next`.
    private func test(_ pattern: NodeID, _ subject: Int, orGoTo next: CodeLabel) {
        let place = range(pattern)
        switch kind(pattern) {
        case .wildcard: break
        case .name:
            if Checker.kindWords.contains(word(pattern)) {
                testKind(word(pattern), subject, orGoTo: next, at: place)
            } else if testRecord(pattern, subject, orGoTo: next) == nil {
                bind(pattern, to: subject)
            }
        case .bindingPattern:
            // What fits a record is bound as the record has it: defaults filled in.
            if let fitted = testRecord(child(0, pattern), subject, orGoTo: next) {
                bind(child(1, pattern), to: fitted)
                return
            }
            test(child(0, pattern), subject, orGoTo: next)
            bind(child(1, pattern), to: subject)
        case .alternatives:
            let fits = assembler.newLabel()
            let alternatives = Array(children(pattern))
            for (position, alternative) in alternatives.enumerated() {
                if position == alternatives.count - 1 {
                    test(alternative, subject, orGoTo: next)
                } else {
                    let other = assembler.newLabel()
                    test(alternative, subject, orGoTo: other)
                    jump(to: fits, at: place)
                    assembler.bind(other)
                }
            }
            assembler.bind(fits)
        case .interval: testInterval(pattern, subject, orGoTo: next)
        case .listPattern: testList(pattern, subject, orGoTo: next)
        case .objectPattern: testObject(pattern, subject, orGoTo: next)
        default:
            jump(to: next, unless: subject, equals: fold(pattern) ?? .null, at: place)
        }
    }

    /// The register of what fits the record that the pattern names; nil when it names none.
    private func testRecord(_ pattern: NodeID, _ subject: Int, orGoTo next: CodeLabel) -> Int? {
        guard kind(pattern) == .name, let record = declarations.record(frame.tree.symbol(of: pattern)) else {
            return nil
        }
        let fitted = take(pattern)
        let shape = shape(of: record)
        assembler.emit(.fitOrNull, fitted, subject, word: shape.rawValue, at: range(pattern))
        assembler.emitJump(.jumpIfNull, fitted, to: next, at: range(pattern))
        return fitted
    }

    private func testKind(_ word: String, _ subject: Int, orGoTo next: CodeLabel, at place: SourceRange) {
        if word == "null" {
            assembler.emitJump(.jumpIfNotNull, subject, to: next, at: place)
            return
        }
        guard let wanted = Value.Kind.allCases.first(where: { $0.name == word && $0 != .missing }) else { return }
        let result = frame.take(at: place)
        assembler.emit(.isKind, result, subject, Int(wanted.rawValue), at: place)
        assembler.emitJump(.jumpIfFalse, result, to: next, at: place)
    }

    private func testInterval(_ pattern: NodeID, _ subject: Int, orGoTo next: CodeLabel) {
        let place = range(pattern)
        let ends = children(pattern).map { $0.exists ? fold($0) : nil }
        let result = frame.take(at: place)
        let isOrdered = assembler.newLabel()
        // Numbers are one family; anything else is compared with its own kind only.
        let kinds: [Value.Kind]
        switch ends.compactMap({ $0 }).first {
        case .string?: kinds = [.string]
        case .duration?: kinds = [.duration]
        case .time?: kinds = [.time]
        default: kinds = [.int, .float]
        }
        for kind in kinds {
            assembler.emit(.isKind, result, subject, Int(kind.rawValue), at: place)
            assembler.emitJump(.jumpIfTrue, result, to: isOrdered, at: place)
        }
        jump(to: next, at: place)
        assembler.bind(isOrdered)
        if let low = ends[0] {
            load(low, into: result, at: place)
            assembler.emitJump(.jumpUnlessLessOrEqual, result, subject, to: next, at: place)
        }
        if let high = ends[1] {
            load(high, into: result, at: place)
            let opcode: Opcode = frame.tree.flag(of: pattern) == 1 ? .jumpUnlessLess : .jumpUnlessLessOrEqual
            assembler.emitJump(opcode, subject, result, to: next, at: place)
        }
    }

    private func testList(_ pattern: NodeID, _ subject: Int, orGoTo next: CodeLabel) {
        let place = range(pattern)
        testKind("list", subject, orGoTo: next, at: place)
        let parts = Array(children(pattern))
        let hasRest = parts.last.map { kind($0) == .restPattern } ?? false
        let count = hasRest ? parts.count - 1 : parts.count
        guard let length = Builtin.index(named: "length") else { return }
        let size = frame.take(at: place)
        let wanted = frame.take(at: place)
        scoped { lowering in
            let window = lowering.frame.take(at: place)
            lowering.move(subject, into: window, at: place)
            lowering.assembler.emit(.callBuiltin, size, window, 1, word: length, at: place)
        }
        load(.int(Int64(count)), into: wanted, at: place)
        if hasRest {
            assembler.emitJump(.jumpUnlessLessOrEqual, wanted, size, to: next, at: place)
        } else {
            assembler.emitJump(.jumpUnlessEqual, wanted, size, to: next, at: place)
        }
        for (position, part) in parts.prefix(count).enumerated() {
            let item = take(part)
            load(.int(Int64(position)), into: item, at: range(part))
            assembler.emit(.getIndex, item, subject, item, at: range(part))
            test(part, item, orGoTo: next)
        }
        if hasRest, let last = parts.last, let slice = Builtin.index(named: "slice") {
            let rest = take(last)
            let start = take(last)
            move(subject, into: rest, at: range(last))
            load(.int(Int64(count)), into: start, at: range(last))
            assembler.emit(.callBuiltin, rest, rest, 2, word: slice, at: range(last))
            bind(child(0, last), to: rest)
        }
    }

    private func testObject(_ pattern: NodeID, _ subject: Int, orGoTo next: CodeLabel) {
        testKind("object", subject, orGoTo: next, at: range(pattern))
        for fit in children(pattern) {
            let place = range(fit)
            let nameNode = kind(fit) == .fieldPattern ? child(0, fit) : fit
            let value = take(fit)
            let test = take(fit)
            load(.string(word(nameNode)), into: value, at: place)
            assembler.emit(.contains, test, value, subject, at: place)
            assembler.emitJump(.jumpIfFalse, test, to: next, at: place)
            assembler.emit(
                .getField, value, subject, word: assembler.constant(.string(word(nameNode))), at: place)
            if kind(fit) == .fieldPattern {
                self.test(child(1, fit), value, orGoTo: next)
            } else {
                bind(fit, to: value)
            }
        }
    }
}
