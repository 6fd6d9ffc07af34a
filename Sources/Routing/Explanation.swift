// Explanation.swift: why each rule of a subscription takes an event or does not, clause by clause.
//
// Cold on purpose: every clause is a predicate of its own and is run by the machine, so what is told here does not
// depend on the index that it explains. Neighbours: RuleIndex.swift, Language/Lower/ClauseLowering.swift (makes the
// clauses), Engine/EventExplainer.swift (fills in the values).

package import Diagnostics
package import Machine

/// A part of a `where` that can be asked on its own.
package struct RuleClause: Sendable {
    package enum Joint: Sendable, Equatable {
        /// A single test, as it is written.
        case test(FunctionIndex)
        case all, any, not
    }
    package let joint: Joint
    package let range: SourceRange
    /// Paths of the event that a test reads, in the order in which they are written.
    package let paths: [ReadPath]
    /// Empty for a test, one for `not`.
    package let parts: [RuleClause]

    package struct ReadPath: Sendable, Hashable {
        package let slot: Int
        /// As written: `event.data.total`.
        package let text: String
        package init(slot: Int, text: String) {
            self.slot = slot
            self.text = text
        }
    }

    package init(joint: Joint, range: SourceRange, paths: [ReadPath], parts: [RuleClause]) {
        self.joint = joint
        self.range = range
        self.paths = paths
        self.parts = parts
    }
}

/// How one rule met one event.
package struct RuleExplanation: Sendable {
    package enum Outcome: String, Sendable {
        /// Takes the event.
        case taken
        /// Would take it, had no rule before it.
        case late
        /// Its types fit, its `where` does not.
        case refused
        case otherType = "other_type"
    }
    package let rule: Rule
    package let outcome: Outcome
    package let clause: AskedClause?
}

/// A clause with its answer.
package struct AskedClause: Sendable {
    package let clause: RuleClause
    package let holds: Bool
    package let parts: [AskedClause]
}

package enum Explanation {
    /// - Parameters:
    ///   - rules: of one subscription, in source order.
    ///   - clauses: of each rule's `where`, by its place.
    ///   - type: the event's.
    ///   - all: `match: "all"`.
    ///   - holds: runs a predicate.
    package static func explain(
        _ rules: [Rule], _ clauses: [RuleClause?], type: String, all: Bool,
        holds: (FunctionIndex) throws(Fault) -> Bool
    ) throws(Fault) -> [RuleExplanation] {
        var result: [RuleExplanation] = []
        var isTaken = false
        for (place, rule) in rules.enumerated() {
            let asked =
                place < clauses.count ? try clauses[place].map { clause throws(Fault) in try ask(clause, holds) } : nil
            let fitsType = rule.typePatterns.isEmpty || rule.typePatterns.contains { Glob($0).matches(type) }
            let fits = asked?.holds ?? true
            let outcome: RuleExplanation.Outcome
            if rule.isOtherwise {
                outcome = isTaken ? .late : .taken
            } else if !fitsType {
                outcome = .otherType
            } else if !fits {
                outcome = .refused
            } else {
                outcome = isTaken && !all ? .late : .taken
            }
            if outcome == .taken { isTaken = true }
            result.append(RuleExplanation(rule: rule, outcome: outcome, clause: fitsType ? asked : nil))
        }
        return result
    }

    /// Every part is asked, also where the answer is known by then: the reader wants to see all of them.
    private static func ask(
        _ clause: RuleClause, _ holds: (FunctionIndex) throws(Fault) -> Bool
    ) throws(Fault) -> AskedClause {
        var parts: [AskedClause] = []
        for part in clause.parts { parts.append(try ask(part, holds)) }
        let answer: Bool
        switch clause.joint {
        case .test(let function): answer = try holds(function)
        case .all: answer = parts.allSatisfy { $0.holds }
        case .any: answer = parts.contains { $0.holds }
        case .not: answer = !(parts.first?.holds ?? false)
        }
        return AskedClause(clause: clause, holds: answer, parts: parts)
    }
}
