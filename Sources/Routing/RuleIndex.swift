// RuleIndex.swift: finds the rules of a subscription that an event satisfies.
//
// The meaning is that of testing the rules one by one in source order; a differential test compares. A thousand rules
// cost about what ten cost. Neighbours: RuleIndexBuilder.swift (makes the tables), RuleSearch.swift (looks things up),
// Rule.swift.

package import Machine

/// Rules that are never changed, ready for any number of loops.
package struct RuleIndex: Sendable {
    package let rules: [Rule]
    private let memory: IndexMemory
    private let image: IndexImage
    /// By position: the function of a rule's `where`, `UInt32.max` for a rule without one.
    private let predicates: Table<UInt32>
    /// Position of the `otherwise`; -1 when there is none.
    private let otherwise: Int

    /// - Parameter rules: in source order; an `otherwise` comes last.
    package init(rules: [Rule]) {
        self.rules = rules
        let builder = RuleIndexBuilder()
        for (position, rule) in rules.enumerated() { builder.add(rule, at: UInt32(position)) }
        (image, memory) = builder.finish()
        predicates = memory.table(rules.map { $0.predicate?.rawValue ?? .max })
        otherwise = rules.lastIndex { $0.isOtherwise } ?? -1
    }

    /// What the index takes beside the rules themselves.
    package var byteCount: Int { memory.byteCount }

    /// Writes the positions of the rules that fit into `buffer`, in source order.
    ///
    /// - Parameters:
    ///   - event: the slots of the program that the rules were compiled with, filled.
    ///   - all: false ends with the first one (`match: "first"`).
    ///   - evaluate: runs a predicate; it throws when fuel ends it. Asked in source order, and only where the tests
    ///     that the index knows leave a rule open.
    package func match(
        _ event: EventSlots, all: Bool, into buffer: MatchBuffer,
        evaluate: (FunctionIndex) throws(Fault) -> Bool
    ) throws(Fault) {
        let state = unsafe buffer.state
        unsafe state.begin(stampCount: image.hasItemProbes ? image.listCount : 0)
        if event.count >= image.slotsNeeded {
            var search = unsafe RuleSearch(image, event, all: all, into: state)
            unsafe search.run()
        }
        unsafe state.sort()
        let found = unsafe state.pointee.found
        let count = unsafe state.pointee.count
        var kept = 0
        var last = UInt32.max
        for place in 0..<count {
            let outcome = unsafe found[place]
            let rule = outcome >> 1
            // A rule may be found by several of its conjunctions; what is certain comes first.
            if rule == last { continue }
            last = rule
            if outcome & 1 != 0, try !evaluate(FunctionIndex(predicates[rule])) { continue }
            unsafe found[kept] = rule
            kept += 1
            if !all { break }
        }
        if kept == 0, otherwise >= 0 {
            unsafe found[0] = UInt32(otherwise)
            kept = 1
        }
        unsafe state.pointee.count = kept
    }

    /// As above, for callers that want the rules themselves.
    package func matching(
        _ event: EventSlots, all: Bool, using buffer: MatchBuffer = MatchBuffer(),
        evaluate: (FunctionIndex) throws(Fault) -> Bool
    ) throws(Fault) -> [Rule] {
        try match(event, all: all, into: buffer, evaluate: evaluate)
        return (0..<buffer.count).map { rules[buffer[$0]] }
    }
}
