// WritingUnits.swift: how often a handler writes to one database, on the way on which it does so most.
//
// `once: db` keeps what was done in a row that commits together with the writing, so a run has one place that writes:
// one `exec`, one statement that changes rows, or one `transaction`. A second walk over the checked tree, made only for
// subscriptions with `once`; a handler is walked once. Neighbours: Checker+Once.swift (asks and tells), SQLWords.swift.

internal import Diagnostics
internal import Machine

/// Places that write, in the order in which one run comes by; at most two are kept.
typealias WritingPlaces = [SourceRange]

/// What a piece of code writes, by the way on which it is left: the longest list counts.
struct WritingPaths {
    /// Goes on behind it; nil when it never does.
    var onward: WritingPlaces? = []
    /// Leaves the body.
    var left: WritingPlaces = []
    /// Leaves the loop around it.
    var broken: WritingPlaces?

    var longest: WritingPlaces { [onward ?? [], left, broken ?? []].max { $0.count < $1.count } ?? [] }

    static func longer(_ one: WritingPlaces?, _ other: WritingPlaces?) -> WritingPlaces? {
        guard let one, let other else { return one ?? other }
        return one.count >= other.count ? one : other
    }

    /// Either this way or the other.
    func or(_ other: WritingPaths) -> WritingPaths {
        WritingPaths(
            onward: Self.longer(onward, other.onward), left: Self.longer(left, other.left) ?? [],
            broken: Self.longer(broken, other.broken))
    }

    /// This, and then the next.
    func then(_ next: () -> WritingPaths) -> WritingPaths {
        guard let onward else { return self }
        let after = next()
        func behind(_ places: WritingPlaces) -> WritingPlaces { Array((onward + places).prefix(2)) }
        return WritingPaths(
            onward: after.onward.map(behind), left: Self.longer(left, behind(after.left)) ?? [],
            broken: Self.longer(broken, after.broken.map(behind)))
    }

    /// Any number of times.
    var repeated: WritingPaths {
        func twice(_ places: WritingPlaces) -> WritingPlaces { Array((places + places).prefix(2)) }
        let around = twice(onward ?? [])
        return WritingPaths(
            onward: Self.longer(around, broken), left: Array((around + left).prefix(2)), broken: nil)
    }
}

final class WritingUnits {
    private let checker: Checker
    /// Position among the deployment's resources.
    private let database: Int
    private var file: Int
    private var tree: SyntaxTree
    private var known: [MemberIndex: WritingPlaces] = [:]
    private var underWay: Set<MemberIndex> = []
    private var recurring: Set<MemberIndex> = []
    private var depth = 0

    init(_ checker: Checker, database: Int) {
        self.checker = checker
        self.database = database
        file = checker.file
        tree = checker.tree
    }

    /// What one run of the action writes to the database.
    func places(in action: CheckedAction) -> WritingPlaces {
        switch action {
        case .handler(let member): handler(member)
        case .block(let key): inFile(key.file) { paths(key.node).longest }
        }
    }

    private func handler(_ member: MemberIndex) -> WritingPlaces {
        if let known = known[member] { return known }
        guard underWay.insert(member).inserted else {
            recurring.insert(member)
            return []
        }
        defer { underWay.remove(member) }
        let declaration = checker.declarations[member]
        guard declaration.kind == .handler else { return [] }
        var places = inFile(declaration.key.file) { paths(tree.child(2, of: declaration.key.node)).longest }
        // One that calls itself writes again each time.
        if recurring.contains(member), let first = places.first { places = [first, places.last ?? first] }
        known[member] = places
        return places
    }

    private func inFile<Result>(_ other: Int, _ work: () -> Result) -> Result {
        let saved = (file, tree)
        (file, tree) = (other, checker.declarations.files[other].tree)
        defer { (file, tree) = saved }
        return work()
    }

    private func paths(_ node: NodeID) -> WritingPaths {
        // The walk calls itself, through the handlers that are called, too; what is too deep ends in a fault when it runs.
        guard node.exists, depth < 4 * checker.depthMax else { return WritingPaths() }
        depth += 1
        defer { depth -= 1 }
        switch tree.kind(of: node) {
        case .call, .templateCall: return called(node)
        case .transaction:
            // A name that could not be read has been told of.
            guard tree.kind(of: tree.child(0, of: node)) == .name else { return WritingPaths() }
            return writes(checker.declarations.resource(tree.symbol(of: tree.child(0, of: node))), node)
        case .ifExpression:
            let (yes, no) = (tree.child(1, of: node), tree.child(2, of: node))
            return paths(tree.child(0, of: node)).then { paths(yes).or(paths(no)) }
        case .matchExpression: return match(node)
        case .catchBinding, .catchValue: return caught(node)
        case .coalesce:
            let right = tree.child(1, of: node)
            return paths(tree.child(0, of: node)).then { WritingPaths().or(paths(right)) }
        case .forLoop: return loop(over: tree.children(of: node).prefix(4), [tree.child(4, of: node)])
        case .listComprehension, .objectComprehension:
            let parts = tree.children(of: node)
            return loop(over: parts.last.map { tree.children(of: $0) } ?? [], parts.dropLast())
        case .returnExit, .retryExit, .dropExit, .failExit:
            let whole = inOrder(tree.children(of: node))
            return WritingPaths(onward: nil, left: whole.longest)
        case .breakExit: return WritingPaths(onward: nil, broken: [])
        default: return inOrder(tree.children(of: node))
        }
    }

    private func inOrder(_ nodes: ArraySlice<NodeID>) -> WritingPaths {
        nodes.reduce(WritingPaths()) { before, node in before.then { paths(node) } }
    }

    /// - Parameter clause: `name name? subject where?`; the subject is asked for once.
    private func loop(over clause: ArraySlice<NodeID>, _ turn: ArraySlice<NodeID>) -> WritingPaths {
        let parts = Array(clause)
        guard parts.count == 4 else { return inOrder(turn).repeated }
        return paths(parts[2]).then { inOrder([parts[3]] + turn).repeated }
    }

    private func writes(_ resource: Int?, _ node: NodeID) -> WritingPaths {
        WritingPaths(onward: resource == database ? [tree.range(of: node)] : [])
    }

    private func called(_ node: NodeID) -> WritingPaths {
        let operands = inOrder(tree.children(of: node))
        switch checker.callees[NodeKey(file: file, node: node)] {
        case .effect(let call): return operands.then { effect(call, node) }
        case .member(let member, _): return operands.then { WritingPaths(onward: handler(member)) }
        default: return operands
        }
    }

    private func effect(_ call: EffectCall, _ node: NodeID) -> WritingPaths {
        guard call.resource == database else { return WritingPaths() }
        switch call.signature.kind {
        case .sqlExecute: return writes(database, node)
        case .sqlOne, .sqlRows:
            guard let template = call.template, SQLWords.changesRows(text(of: template)) else { return WritingPaths() }
            return writes(database, node)
        default: return WritingPaths()
        }
    }

    /// The statement with a `$` where a parameter stands.
    private func text(of template: NodeID) -> String {
        guard tree.kind(of: template) == .text else { return tree.string(of: template) }
        return tree.children(of: template)
            .map { tree.kind(of: $0) == .string ? tree.string(of: $0) : " $ " }.joined()
    }

    private func match(_ node: NodeID) -> WritingPaths {
        let parts = tree.children(of: node)
        let arms = parts.dropFirst().map { inOrder(tree.children(of: $0)) }
        return paths(tree.child(0, of: node)).then {
            arms.dropFirst().reduce(arms.first ?? WritingPaths()) { $0.or($1) }
        }
    }

    /// Behind a `catch` what was tried may have been done. But what itself failed was not: `a.exec … catch { b.exec … }`.
    private func caught(_ node: NodeID) -> WritingPaths {
        let tried = tree.child(0, of: node)
        let whole = paths(tried)
        let isUnit = whole.onward?.first == tree.range(of: tried)
        let instead = inOrder(tree.children(of: node).dropFirst())
        if isUnit { return whole.or(instead) }
        return whole.or(WritingPaths(onward: whole.longest).then { instead })
    }
}
