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

    /// What is known of one path.
    private struct Known {
        /// The first tests, for the message.
        var tests: [PathTest]
        /// What they leave; nil while there is one test, for most paths have no second one.
        var remaining: RemainingValues?
    }

    private let checker: Checker
    private var known: [String: Known] = [:]
    /// What was known before each test, so that an alternative can be taken back.
    private var trail: [(path: String, before: Known?)] = []
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
        guard let before = known[test.path] else {
            if test.mayLeaveNothing, Self.left(by: [test]).isEmpty { return Emptiness(test: test, cause: .alone) }
            trail.append((test.path, nil))
            known[test.path] = Known(tests: [test])
            return nil
        }
        var remaining = before.remaining ?? Self.left(by: before.tests)
        remaining.keep(test.test, holds: test.holds)
        guard remaining.isEmpty else {
            trail.append((test.path, before))
            let isKept = before.tests.count < Self.testsKeptMax
            known[test.path] = Known(tests: isKept ? before.tests + [test] : before.tests, remaining: remaining)
            return nil
        }
        if Self.left(by: [test]).isEmpty { return Emptiness(test: test, cause: .alone) }
        let first = before.tests.first { Self.left(by: [test, $0]).isEmpty }
        return Emptiness(test: test, cause: first.map { .excluded(by: $0) } ?? .together)
    }

    private static func left(by tests: [PathTest]) -> RemainingValues {
        tests.reduce(into: RemainingValues()) { $0.keep($1.test, holds: $1.holds) }
    }

    private mutating func takeBack(to count: Int) {
        while trail.count > count, let last = trail.popLast() { known[last.path] = last.before }
    }
}

extension PathTest {
    /// Whether it alone may leave nothing: `in 5..3`, `< ""`. Most tests are passed by something, and not by all.
    var mayLeaveNothing: Bool {
        switch test {
        case .isNull, .exists, .equals, .startsWith, .endsWith, .contains, .equalsIgnoringCase: false
        case .isOneOf(let scalars): scalars.isEmpty
        case .isBetween(let low?, nil): low.value.isText
        case .isBetween(nil, let high?): high.value.isText
        default: true
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
        var path = ""
        return append(node, to: &path) ? path : nil
    }

    private func append(_ node: NodeID, to path: inout String) -> Bool {
        switch kind(node) {
        case .name:
            guard let name = symbol(node), let index = local(named: name), !locals[index].isVariable else {
                return false
            }
            path += text(name)
        case .member:
            guard callee(node) == nil, kind(child(1, node)) == .name, append(child(0, node), to: &path) else {
                return false
            }
            path += "."
            path += word(child(1, node))
        case .index:
            guard append(child(0, node), to: &path) else { return false }
            switch fold(child(1, node)) {
            case .string(let key)?: path += ".\(key)"
            case .int(let place)?: path += "[\(place)]"
            default: return false
            }
        case .call:
            guard case .builtin(let call)? = callee(node), call.arguments.allSatisfy({ !$0.exists }),
                append(call.receiver, to: &path)
            else { return false }
            path += ".\(Builtin.all[Int(call.index)].name)()"
        default: return false
        }
        return true
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
        var isOfRule = false
        if case .rule = owner { isOfRule = true }
        if isPlainlyPossible(condition, assumingTypes: isOfRule) {
            // Asked in a debug build alone: the search is what is saved.
            return assert(isPossible(condition, of: owner), "a plain condition has a contradiction")
        }
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

    private func isPossible(_ condition: NodeID, of owner: ConditionOwner) -> Bool {
        var search = ContradictionSearch(self)
        assumeTypes(of: owner, in: &search)
        return search.emptiness(of: condition) == nil && search.deadParts.isEmpty
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
