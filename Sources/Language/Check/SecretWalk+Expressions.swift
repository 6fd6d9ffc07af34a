// SecretWalk+Expressions.swift: which secrets an expression's value may hold.

internal import Machine

extension SecretWalk {
    mutating func flow(_ node: NodeID) -> SecretFlow {
        guard node.exists, !isEnded else { return .clean }
        return deeper { $0.flowOfKind(node) }
    }

    private mutating func flowOfKind(_ node: NodeID) -> SecretFlow {
        switch kind(node) {
        case .name: return named(node)
        case .member: return flow(child(0, node)).field(word(child(1, node)))
        case .index: return item(node)
        case .call, .templateCall: return called(node)
        case .text: return text(node)
        case .list: return list(node)
        case .object: return object(node)
        case .listComprehension, .objectComprehension: return comprehension(node)
        case .coalesce:
            let left = flow(child(0, node))
            let right = branches([{ _ in .clean }, { $0.flow($0.child(1, node)) }])
            return left.joined(with: right)
        case .ifExpression: return choice(node)
        case .matchExpression: return match(node)
        case .catchBinding, .catchValue: return caught(node)
        case .update: return updated(node)
        case .transaction: return scoped { $0.block($0.child(2, node)) }
        case .lock:
            sink(flow(child(1, node)), "part of the name of a lock", at: child(1, node))
            return scoped { $0.block($0.child(3, node)) }
        case .together: return beside(node)
        case .block: return scoped { $0.block(node) }
        case .returnExit, .retryExit, .dropExit, .failExit, .keepExit, .breakExit, .continueExit: return exit(node)
        case .anyQuantifier, .allQuantifier:
            let items = flow(child(1, node)).parts
            scoped { walk in
                walk.bind(walk.child(0, node), items)
                _ = walk.flow(walk.child(2, node))
            }
            return .clean
        default:
            for child in children(node) where child.exists { _ = flow(child) }
            return .clean
        }
    }

    private func named(_ node: NodeID) -> SecretFlow {
        let name = tree.symbol(of: node)
        return locals.last { $0.name == name }?.flow ?? .clean
    }

    private mutating func item(_ node: NodeID) -> SecretFlow {
        let object = flow(child(0, node))
        let place = child(1, node)
        _ = flow(place)
        switch kind(place) {
        case .string: return object.field(tree.string(of: place))
        case .integer: return object.field(Self.place(Int(truncatingIfNeeded: tree.integer(of: place))))
        default: return object.parts
        }
    }

    /// How a place in a list literal is kept.
    static func place(_ number: Int) -> String { "[\(number)]" }

    private mutating func text(_ node: NodeID) -> SecretFlow {
        var own = SecretFlow.clean
        for part in children(node) { own = own.joined(with: flow(part)) }
        return SecretFlow(own: own.own)
    }

    private mutating func list(_ node: NodeID) -> SecretFlow {
        var result = SecretFlow.clean
        let items = Array(children(node))
        let isPlain = !items.contains { kind($0) == .spread }
        for (number, item) in items.enumerated() {
            if kind(item) == .spread {
                result = result.joined(with: SecretFlow(others: flow(child(0, item)).parts))
            } else if isPlain {
                result = result.setting(Self.place(number), flow(item))
            } else {
                result = result.joined(with: SecretFlow(others: flow(item)))
            }
        }
        return result
    }

    private mutating func object(_ node: NodeID) -> SecretFlow {
        var result = SecretFlow.clean
        for entry in children(node) {
            switch kind(entry) {
            case .entry: result = result.setting(word(child(0, entry)), flow(child(1, entry)))
            case .shorthandEntry: result = result.setting(word(child(0, entry)), flow(child(0, entry)))
            case .computedEntry:
                _ = flow(child(0, entry))
                result = result.joined(with: SecretFlow(others: flow(child(1, entry))))
            case .spread: result = result.joined(with: flow(child(0, entry)))
            default: break
            }
        }
        return result
    }

    private mutating func comprehension(_ node: NodeID) -> SecretFlow {
        scoped { walk in
            let isList = walk.kind(node) == .listComprehension
            let clause = walk.child(isList ? 1 : 2, node)
            if walk.kind(clause) == .clause { walk.clause(Array(walk.children(clause))) }
            if !isList { _ = walk.flow(walk.child(0, node)) }
            return SecretFlow(others: walk.flow(walk.child(isList ? 0 : 1, node)))
        }
    }

    /// `name name? subject where?`: binds the names.
    mutating func clause(_ nodes: [NodeID]) {
        let items = kind(nodes[2]) == .interval ? SecretFlow.clean : flow(nodes[2]).parts
        if nodes[1].exists {
            bind(nodes[0], .clean)
            bind(nodes[1], items)
        } else {
            bind(nodes[0], items)
        }
        if nodes[3].exists { _ = flow(nodes[3]) }
    }

    private mutating func choice(_ node: NodeID) -> SecretFlow {
        _ = flow(child(0, node))
        return branches([
            { $0.flow($0.child(1, node)) },
            { $0.flow($0.child(2, node)) },
        ])
    }

    private mutating func caught(_ node: NodeID) -> SecretFlow {
        let value = child(0, node)
        return branches([
            { $0.flow(value) },
            { walk in
                // The failure comes from within; it holds no secret, for none may go into one.
                _ = walk.flow(value)
                walk.isEnded = false
                return walk.scoped { walk in
                    guard walk.kind(node) == .catchBinding else { return walk.flow(walk.child(1, node)) }
                    walk.bind(walk.child(1, node), .clean)
                    return walk.block(walk.child(2, node))
                }
            },
        ])
    }

    /// A branch that always fails ends its own way, and none of the others.
    private mutating func beside(_ node: NodeID) -> SecretFlow {
        let whole = child(0, node)
        let value = flow(whole)
        guard isEnded, kind(whole) == .list || kind(whole) == .object else { return value }
        for part in children(whole) {
            isEnded = false
            let isPair = kind(part) == .entry || kind(part) == .computedEntry
            let isPlain = kind(part) != .spread && kind(part) != .shorthandEntry
            _ = flow(isPair ? child(1, part) : isPlain ? part : child(0, part))
        }
        isEnded = true
        return value
    }

    private mutating func updated(_ node: NodeID) -> SecretFlow {
        sink(flow(child(1, node)), "part of a key", at: child(1, node))
        if child(2, node).exists { for option in children(child(2, node)) { _ = flow(child(1, option)) } }
        let value = scoped { walk -> SecretFlow in
            walk.bind(walk.child(3, node), .clean)
            return walk.block(walk.child(4, node))
        }
        isEnded = false
        sink(value, "saved in a store", at: child(4, node))
        return .clean
    }

    // Match.

    private mutating func match(_ node: NodeID) -> SecretFlow {
        let subject = flow(child(0, node))
        let arms = children(node).dropFirst().filter { $0.exists && (kind($0) == .arm || kind($0) == .matchOtherwise) }
        return branches(
            arms.map { arm in
                { walk in
                    walk.scoped { walk in
                        guard walk.kind(arm) == .arm else { return walk.flow(walk.child(0, arm)) }
                        walk.pattern(walk.child(0, arm), subject)
                        if walk.child(1, arm).exists { _ = walk.flow(walk.child(1, arm)) }
                        return walk.flow(walk.child(2, arm))
                    }
                }
            })
    }

    /// Binds the names of a pattern to the parts of its subject.
    private mutating func pattern(_ node: NodeID, _ subject: SecretFlow) {
        switch kind(node) {
        case .name: if !checker.isKindTest(word: word(node)) { bind(node, subject) }
        case .bindingPattern:
            pattern(child(0, node), subject)
            bind(child(1, node), subject)
        case .listPattern:
            for (number, part) in children(node).enumerated() {
                if kind(part) == .restPattern {
                    bind(child(0, part), SecretFlow(others: subject.parts))
                } else {
                    pattern(part, subject.field(Self.place(number)))
                }
            }
        case .objectPattern:
            for fit in children(node) {
                if kind(fit) == .fieldPattern {
                    pattern(child(1, fit), subject.field(word(child(0, fit))))
                } else {
                    bind(fit, subject.field(word(fit)))
                }
            }
        default: break
        }
    }
}
