// ContradictionText.swift: the words for conditions that are never true, or always.
//
// Neighbours: Contradiction.swift (finds them), Diagnostics/Catalogue+Warnings.swift (W0803 and W0807).

internal import Diagnostics
internal import Machine
internal import Routing

extension Diagnostic {
    static func neverTrue(
        _ why: Emptiness, _ condition: NodeID, of owner: Checker.ConditionOwner, in checker: Checker
    ) -> Diagnostic {
        let title =
            switch owner {
            case .rule: "this rule can never match"
            case .other: "this condition is never true"
            }
        return Diagnostic(
            code: .ruleNeverMatches, title: title,
            primary: Label(checker.range(condition), why.reason(isNegated: false, in: checker)),
            help: why.help(isNegated: false, in: checker))
    }

    /// One alternative of an `or`.
    static func partNeverTrue(_ why: Emptiness, _ part: NodeID, in checker: Checker) -> Diagnostic {
        Diagnostic(
            code: .ruleNeverMatches, title: "this part of the condition is never true",
            primary: Label(checker.range(part), why.reason(isNegated: false, in: checker)),
            help: why.help(isNegated: false, in: checker))
    }

    static func alwaysTrue(
        _ why: Emptiness, _ condition: NodeID, of owner: Checker.ConditionOwner, in checker: Checker
    ) -> Diagnostic {
        let title =
            switch owner {
            case .rule: "this `where` takes every event"
            case .other: "this condition is always true"
            }
        return Diagnostic(
            code: .alwaysTrue, title: title,
            primary: Label(checker.range(condition), why.reason(isNegated: true, in: checker)),
            help: why.help(isNegated: true, in: checker))
    }
}

extension Emptiness {
    /// - Parameter isNegated: it is the opposite that is never true.
    func reason(isNegated: Bool, in checker: Checker) -> String {
        switch cause {
        case .alone: return test.aloneReason(isNegated: isNegated, in: checker)
        case .together:
            return isNegated
                ? "every value of `\(test.path)` passes one of its tests"
                : "no value of `\(test.path)` passes all of its tests"
        case .excluded(by: let first):
            guard first.node.exists else { return "the rule's event types decide it" }
            let (one, two) = (first.shown(isNegated, in: checker), test.shown(isNegated, in: checker))
            if isNegated { return "every value passes `\(one)` or `\(two)`" }
            return rangeReason(first) ?? "no value passes both `\(one)` and `\(two)`"
        }
    }

    func help(isNegated: Bool, in checker: Checker) -> [String] {
        switch cause {
        case .alone: return test.aloneHelp(in: checker)
        case .excluded(by: let first) where first.node.exists:
            if isNegated {
                return first.isUnequal(in: checker) && test.isUnequal(in: checker) ? ["did you mean `and`?"] : []
            }
            return first.isPlain(in: checker) && test.isPlain(in: checker) ? ["did you mean `or`?"] : []
        case .excluded, .together: return []
        }
    }

    /// For the two that are met most: two values, and two ends of a range.
    private func rangeReason(_ first: PathTest) -> String? {
        guard first.holds, test.holds else { return nil }
        switch (first.test, test.test) {
        case (.equals(let one)?, .equals(let two)?): return "nothing is \(one.text) and \(two.text)"
        case (.isBetween(let low?, nil)?, .isBetween(nil, let high?)?),
            (.isBetween(nil, let high?)?, .isBetween(let low?, nil)?):
            let what = low.value.isText ? "text" : "number"
            return "no \(what) is above \(low.value.text) and below \(high.value.text)"
        default: return nil
        }
    }
}

extension PathTest {
    func shown(_ isNegated: Bool, in checker: Checker) -> String {
        if isStraight(in: checker) != isNegated { return checker.excerpt(node) }
        switch checker.kind(node) {
        case .name, .member, .index, .call, .exists: return "not \(checker.excerpt(node))"
        default: return "not (\(checker.excerpt(node)))"
        }
    }

    /// Whether it counts as it is written, with no `not` around it.
    private func isStraight(in checker: Checker) -> Bool {
        holds != isUnequal(in: checker)
    }

    func isUnequal(in checker: Checker) -> Bool {
        checker.kind(node) == .notEqual || checker.kind(node) == .isNotIn
    }

    /// Something that a person would rather join by `or`.
    func isPlain(in checker: Checker) -> Bool { holds && isStraight(in: checker) }

    func aloneReason(isNegated: Bool, in checker: Checker) -> String {
        if isNegated { return "every value passes it" }
        switch test {
        case nil: return "nothing is in an empty list"
        case .isBetween?: return "nothing lies in `\(checker.excerpt(checker.child(1, node)))`"
        default: return "no value passes `\(shown(false, in: checker))`"
        }
    }

    func aloneHelp(in checker: Checker) -> [String] {
        guard holds, case .isBetween(let low?, let high?)? = test, checker.kind(checker.child(1, node)) == .interval
        else { return [] }
        let dots = checker.tree.flag(of: checker.child(1, node)) == 1 ? "..<" : ".."
        var alone = RemainingValues()
        alone.keep(.isBetween(Bound(high.value, isIncluded: true), Bound(low.value, isIncluded: true)), holds: true)
        guard !alone.isEmpty, low.value != high.value else { return ["`..<` leaves out its upper end"] }
        return ["the lower end stands first: `\(high.value.text)\(dots)\(low.value.text)`"]
    }
}

extension Scalar {
    /// As it is written in Bay.
    var text: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let text): "\"\(text.string)\""
        }
    }
}

extension Checker {
    /// The source of a node, on one line and not too long.
    func excerpt(_ node: NodeID) -> String {
        let place = range(node)
        let bytes = declarations.files[file].source.bytes[Int(place.start)..<Int(place.end)]
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= 48 ? line : line.prefix(47) + "…"
    }
}
