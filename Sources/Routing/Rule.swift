// Rule.swift: one way from an event to a handler, compiled.
//
// Neighbours: RuleIndex.swift (finds the rules that an event satisfies).

package import Diagnostics
package import Machine

/// Position of a rule in its subscription, in source order.
package struct RuleID: Hashable, Sendable, Comparable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

package struct Rule: Sendable {
    package let id: RuleID
    /// `as name`, else its first pattern, else `otherwise`.
    package let name: String
    /// Globs over the event's type; empty means any type.
    package let typePatterns: [String]
    /// The `where`, a function of the event without parameters that reads slots; run in quiet mode.
    package let predicate: FunctionIndex?
    /// What the index understands of it; what it asks is what `predicate` asks.
    package let condition: Predicate
    /// Takes the event.
    package let action: FunctionIndex
    /// Taken only when no rule before it was: an `otherwise`.
    package let isOtherwise: Bool
    package let range: SourceRange

    package init(
        id: RuleID, name: String, typePatterns: [String], predicate: FunctionIndex?, condition: Predicate = .opaque,
        action: FunctionIndex, isOtherwise: Bool, range: SourceRange
    ) {
        self.id = id
        self.name = name
        self.typePatterns = typePatterns
        self.predicate = predicate
        self.condition = condition
        self.action = action
        self.isOtherwise = isOtherwise
        self.range = range
    }
}
