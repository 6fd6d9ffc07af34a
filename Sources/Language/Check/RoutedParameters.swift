// RoutedParameters.swift: what the routes hand to a handler whose parameter says no type.
//
// `handler save(event)` that only rules lead to is given an event, and `event.subjet` in it is the slip that it is in a
// rule. Nothing is concluded where another handler may call it too, with whatever it has.
// Neighbours: Checker+Routes.swift (notes the routes), Checker+Members.swift (asks).

internal import Diagnostics

/// What a route gives to the handler that it leads to.
struct RoutedParameter {
    /// Of the whole parameter: `.event`, `.request`, or `.any` where the routes differ.
    var type: Type
    /// The path in the route that was seen first.
    let route: SourceRange
}

struct RoutedParameters {
    private var known: [MemberIndex: RoutedParameter] = [:]
    /// Last words of everything that is called somewhere; made when it is first asked for.
    private var called: Set<Symbol>?

    mutating func note(_ member: MemberIndex, _ type: Type, at route: SourceRange) {
        guard let other = known[member] else {
            known[member] = RoutedParameter(type: type, route: route)
            return
        }
        known[member]?.type = Self.common(other.type, type)
    }

    /// What a handler without a written type is given, as far as all of its callers agree; nil when nothing is known.
    mutating func parameter(of member: MemberIndex, in declarations: Declarations) -> RoutedParameter? {
        guard let found = known[member], found.type != .any else { return nil }
        let names = called ?? Self.calledNames(in: declarations)
        called = names
        return names.contains(declarations[member].name) ? nil : found
    }

    private static func common(_ one: Type, _ two: Type) -> Type {
        switch (one, two) {
        case _ where one == two: one
        case (.event, .event): .event(.any)
        case (.request, .request): .request(.any)
        default: .any
        }
    }

    /// One look at each node: cheaper than following what each call means, and enough, since one name too many only
    /// leaves a handler without the check.
    private static func calledNames(in declarations: Declarations) -> Set<Symbol> {
        var names: Set<Symbol> = []
        for tree in declarations.files.lazy.map(\.tree) {
            for place in 0..<tree.nodeCount {
                let node = NodeID(UInt32(place))
                guard tree.kind(of: node) == .call else { continue }
                let callee = tree.child(0, of: node)
                guard callee.exists else { continue }
                let name = tree.kind(of: callee) == .member ? tree.child(1, of: callee) : callee
                if name.exists, tree.kind(of: name) == .name { names.insert(tree.symbol(of: name)) }
            }
        }
        return names
    }
}
