// Contradiction.swift: conditions that are never true, or always, because their tests exclude each other.
//
// Goes through `and`, `or` and `not` with what is known so far of each path's values. Only what is certain counts: a
// part that is not understood could be either, and so could a constant: `where debug` is a switch. Each `or` is looked at on its own, so the work grows with the text.
// Neighbours: Routing/RemainingValues.swift (what tests leave), ContradictionText.swift (the words).

internal import Diagnostics
internal import Machine
internal import Routing

/// A test of one path in a condition.
struct PathTest {
    /// `none`: what the rule's event types say.
    let node: NodeID
    let path: String
    /// Nil: never passed.
    let test: Test?
    let holds: Bool
}

/// Why nothing is left.
struct Emptiness {
    enum Cause {
        /// Nothing passes this test.
        case alone
        /// The test before it excludes it.
        case excluded(by: PathTest)
        /// All tests of the path together do.
        case together
    }
    /// With it nothing was left.
    let test: PathTest
    let cause: Cause
}

/// A walk through one condition.
struct ContradictionSearch {
    /// A part of a condition, with `not`s taken off.
    private typealias Part = (node: NodeID, holds: Bool)

    private let checker: Checker
    private var values: [String: RemainingValues] = [:]
    /// The first tests of each path, for the message.
    private var tests: [String: [PathTest]] = [:]
    /// What `values` held before each test, so that an alternative can be taken back.
    private var trail: [(path: String, before: RemainingValues?, isKept: Bool)] = []
    /// Alternatives of an `or` that are never true, while the whole may be.
    private(set) var deadParts: [(node: NodeID, why: Emptiness)] = []
    private var stepsLeft = 20_000

    init(_ checker: Checker) { self.checker = checker }

    /// What is known of a path before the condition is looked at.
    mutating func assume(_ test: Test, of path: String) {
        _ = keep(PathTest(node: .none, path: path, test: test, holds: true))
    }

    /// Why the condition is never true, or with `holds` false never false. Nil when it may be.
    mutating func emptiness(of condition: NodeID, holds: Bool = true) -> Emptiness? {
        search([(condition, holds)])
    }

    private mutating func search(_ start: [Part]) -> Emptiness? {
        var parts = start
        var alternatives: [[Part]] = []
        while let part = parts.popLast() {
            stepsLeft -= 1
            guard stepsLeft > 0 else { return nil }
            switch (checker.kind(part.node), part.holds) {
            case (.not, _): parts.append((checker.child(0, part.node), !part.holds))
            case (.and, true), (.or, false):
                let operands = checker.tree.children(of: part.node).map { ($0, part.holds) }
                parts += operands.reversed()
            case (.and, false), (.or, true): alternatives.append(operands(of: part))
            default: if let found = keep(part) { return found }
            }
        }
        for parts in alternatives { if let found = searchEach(parts) { return found } }
        return nil
    }

    /// Of an `or`: nothing is left when no alternative leaves anything.
    private mutating func searchEach(_ parts: [Part]) -> Emptiness? {
        var found: [(node: NodeID, why: Emptiness)] = []
        for part in parts {
            let marks = (trail.count, deadParts.count)
            let why = search([part])
            takeBack(to: marks.0)
            guard let why else { continue }
            deadParts.removeSubrange(marks.1...)
            found.append((part.node, why))
        }
        if found.count == parts.count { return found.first?.why }
        deadParts += found
        return nil
    }

    /// `a or b or c` has three, however deep the tree is.
    private func operands(of part: Part) -> [Part] {
        let joint = checker.kind(part.node)
        var result: [Part] = []
        var open = [part.node]
        while let node = open.popLast() {
            if checker.kind(node) == joint {
                open += checker.tree.children(of: node).reversed()
            } else {
                result.append((node, part.holds))
            }
        }
        return result
    }

    // Tests.

    private mutating func keep(_ part: Part) -> Emptiness? {
        if let path = checker.staticPath(part.node) {
            return keep(PathTest(node: part.node, path: path, test: .equals(.bool(true)), holds: part.holds))
        }
        if checker.kind(part.node) == .exists {
            guard let path = checker.staticPath(checker.child(0, part.node)) else { return nil }
            return keep(PathTest(node: part.node, path: path, test: .exists, holds: part.holds))
        }
        if let (subject, test, isNegated) = checker.readTest(part.node) {
            guard let path = checker.staticPath(subject) else { return nil }
            return keep(PathTest(node: part.node, path: path, test: test, holds: part.holds != isNegated))
        }
        return nil
    }

    private static let testsKeptMax = 32

    private mutating func keep(_ test: PathTest) -> Emptiness? {
        let before = values[test.path]
        var remaining = before ?? RemainingValues()
        remaining.keep(test.test, holds: test.holds)
        guard remaining.isEmpty else {
            let isKept = tests[test.path, default: []].count < Self.testsKeptMax
            trail.append((test.path, before, isKept))
            values[test.path] = remaining
            if isKept { tests[test.path, default: []].append(test) }
            return nil
        }
        var alone = RemainingValues()
        alone.keep(test.test, holds: test.holds)
        if alone.isEmpty { return Emptiness(test: test, cause: .alone) }
        let first = tests[test.path]?.first { other in
            var both = alone
            both.keep(other.test, holds: other.holds)
            return both.isEmpty
        }
        return Emptiness(test: test, cause: first.map { .excluded(by: $0) } ?? .together)
    }

    private mutating func takeBack(to count: Int) {
        while trail.count > count, let last = trail.popLast() {
            values[last.path] = last.before
            if last.isKept { tests[last.path]?.removeLast() }
        }
    }
}

extension Checker: TestReading {
    func callee(_ node: NodeID) -> Callee? { callees[key(node)] }
    func isCoerced(_ node: NodeID) -> Bool { coercions[key(node)] != nil }
    func isLocal(_ name: NodeID) -> Bool { symbol(name).flatMap { local(named: $0) } != nil }

    /// `event.data["a"].b[0].length()`: what has one value as long as the condition is looked at. Nil for anything
    /// else, a `var` among it.
    func staticPath(_ node: NodeID) -> String? {
        switch kind(node) {
        case .name:
            guard let name = symbol(node), let index = local(named: name), !locals[index].isVariable else { return nil }
            return text(name)
        case .member:
            guard callee(node) == nil, kind(child(1, node)) == .name else { return nil }
            return staticPath(child(0, node)).map { "\($0).\(word(child(1, node)))" }
        case .index:
            guard let object = staticPath(child(0, node)) else { return nil }
            switch fold(child(1, node)) {
            case .string(let key)?: return "\(object).\(key)"
            case .int(let place)?: return "\(object)[\(place)]"
            default: return nil
            }
        case .call:
            guard case .builtin(let call)? = callee(node), call.arguments.allSatisfy({ !$0.exists }) else { return nil }
            return staticPath(call.receiver).map { "\($0).\(Builtin.all[Int(call.index)].name)()" }
        default: return nil
        }
    }

    /// What a condition decides.
    enum ConditionOwner {
        /// The rule's event types.
        case rule([String])
        case other
    }

    /// Reports a condition, or a part of it, that is never true, or a condition that always is.
    func reportContradiction(_ condition: NodeID, of owner: ConditionOwner) {
        guard isIntact(around: range(condition)) else { return }
        var search = ContradictionSearch(self)
        assumeTypes(of: owner, in: &search)
        if let why = search.emptiness(of: condition) {
            report(.neverTrue(why, condition, of: owner, in: self))
            return
        }
        for (node, why) in search.deadParts { report(.partNeverTrue(why, node, in: self)) }
        guard search.deadParts.isEmpty, mayBeAlwaysTrue(condition) else { return }
        var opposite = ContradictionSearch(self)
        assumeTypes(of: owner, in: &opposite)
        guard let why = opposite.emptiness(of: condition, holds: false) else { return }
        report(.alwaysTrue(why, condition, of: owner, in: self))
    }

    private func assumeTypes(of owner: ConditionOwner, in search: inout ContradictionSearch) {
        guard case .rule(let patterns) = owner, !patterns.isEmpty else { return }
        let isExact = !patterns.contains { $0.contains("*") }
        if isExact {
            search.assume(.isOneOf(patterns.map { .string(ByteText($0)) }), of: "event.type")
        } else if patterns.count == 1 {
            search.assume(.isLike(ByteText(patterns[0])), of: "event.type")
        }
    }

    /// Tests joined by `and` are not, and most conditions are such.
    private func mayBeAlwaysTrue(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .or, .not, .notEqual, .isNotIn: true
        case .and: tree.children(of: node).allSatisfy { mayBeAlwaysTrue($0) }
        default: false
        }
    }
}
