// SecretWalk.swift: follows every secret from where it is read through all that a handler does with it.
//
// A second walk over the checked tree, made only when some handler reads a secret. Locals, branches, loops and own
// functions and handlers are followed, a function once for each way in which secrets come into it; what may hold a
// secret on any path counts. Where a secret would arrive at a sink, that is told with the way that it took.
// Neighbours: SecretFlow.swift (what is followed), SecretWalk+….swift (by kind of node), SecretSinks.swift.

internal import Diagnostics
internal import Machine

struct SecretWalk {
    let checker: Checker
    var declarations: Declarations { checker.declarations }
    private(set) var diagnostics: [Diagnostic] = []

    var file = 0
    var tree: SyntaxTree
    var locals: [(name: Symbol, flow: SecretFlow)] = []
    /// What the body gives; a handler gives its value away, a function to its caller.
    var result = SecretFlow.clean
    var isHandler = true
    /// Nothing comes here any more on this path.
    var isEnded = false
    private var depth = 0

    private struct Call: Hashable {
        let member: MemberIndex
        let arguments: [SecretFlow]
    }
    /// Results by call, in the order in which they were found.
    private var results: [Call: SecretFlow] = [:]
    private var order: [Call] = []
    /// Calls whose body is being walked, and those of them that were asked for again meanwhile: they call themselves.
    private var underWay: Set<Call> = []
    private var recurring: Set<Call> = []
    private var walkCount = 0
    private var told: Set<NodeKey> = []
    /// How deep calls with secrets are followed, and how many bodies are walked in all.
    private static let callDepthMax = 16
    private static let walksMax = 20_000

    init(_ checker: Checker) {
        self.checker = checker
        tree = checker.tree
    }

    /// Every leak in the handlers and blocks of the deployment.
    static func leaks(in checker: Checker) -> [Diagnostic] {
        var walk = SecretWalk(checker)
        for index in checker.declarations.members.indices {
            let member = MemberIndex(index)
            if checker.declarations[member].kind == .handler { _ = walk.call(member, []) }
        }
        for block in checker.routeBlocks {
            walk.inBody(of: block.file, isHandler: true) { _ = $0.block(block.node) }
        }
        return walk.diagnostics
    }

    // Reading the tree.

    func kind(_ node: NodeID) -> NodeKind { tree.kind(of: node) }
    func range(_ node: NodeID) -> SourceRange { tree.range(of: node) }
    func child(_ position: Int, _ node: NodeID) -> NodeID { tree.child(position, of: node) }
    func children(_ node: NodeID) -> ArraySlice<NodeID> { tree.children(of: node) }
    func key(_ node: NodeID) -> NodeKey { NodeKey(file: file, node: node) }
    func word(_ node: NodeID) -> String {
        switch kind(node) {
        case .name: declarations.text(tree.symbol(of: node))
        case .string: tree.string(of: node)
        default: ""
        }
    }

    // Bodies.

    /// What a function gives, or a handler, when its parameters hold these.
    mutating func call(_ member: MemberIndex, _ arguments: [SecretFlow]) -> SecretFlow {
        let declaration = declarations[member]
        guard declaration.kind != .constant else { return .clean }
        // Without secrets a function cannot come by one.
        let isClean = arguments.allSatisfy(\.isClean)
        if declaration.kind == .function, isClean { return .clean }
        let call = Call(member: member, arguments: isClean ? [] : arguments.map { $0.limited() })
        if let known = results[call] {
            if underWay.contains(call) { recurring.insert(call) }
            return known
        }
        guard underWay.count < Self.callDepthMax else { return .clean }
        underWay.insert(call)
        defer { underWay.remove(call) }
        let mark = order.count
        results[call] = .clean
        order.append(call)
        // A function that calls itself is asked again until it says nothing new.
        for _ in 0..<SecretFlow.depthMax where walkCount < Self.walksMax {
            walkCount += 1
            let found = walkBody(of: declaration, call.arguments).limited()
            let known = results[call] ?? .clean
            results[call] = known.joined(with: found)
            guard found != known, recurring.contains(call) else { break }
            for other in order[(mark + 1)...] { results[other] = nil }
            order.removeSubrange((mark + 1)...)
        }
        return results[call] ?? .clean
    }

    private mutating func walkBody(of declaration: MemberDeclaration, _ arguments: [SecretFlow]) -> SecretFlow {
        let isHandler = declaration.kind == .handler
        return inBody(of: declaration.key.file, isHandler: isHandler) { walk in
            let node = declaration.key.node
            let list = walk.child(1, node)
            var parameters: [NodeID] = []
            if list.exists { parameters = walk.kind(list) == .parameters ? Array(walk.children(list)) : [list] }
            for (position, parameter) in parameters.enumerated() where walk.kind(parameter) == .parameter {
                walk.bind(walk.child(0, parameter), position < arguments.count ? arguments[position] : .clean)
            }
            let content = walk.child(isHandler ? 2 : 3, node)
            let last = walk.block(content)
            if !isHandler, !walk.isEnded { walk.result = walk.result.joined(with: last) }
            return walk.result
        }
    }

    private mutating func inBody<Result>(
        of other: Int, isHandler handler: Bool, _ work: (inout SecretWalk) -> Result
    ) -> Result {
        let saved = (file, tree, locals, result, isHandler, isEnded)
        (file, tree, locals, result, isHandler, isEnded) = (
            other, declarations.files[other].tree, [], .clean, handler, false
        )
        defer { (file, tree, locals, result, isHandler, isEnded) = saved }
        return work(&self)
    }

    // Locals.

    mutating func bind(_ node: NodeID, _ flow: SecretFlow) {
        guard node.exists, kind(node) == .name else { return }
        locals.append((tree.symbol(of: node), flow.limited().going("and kept as `\(word(node))`", at: range(node))))
    }

    mutating func scoped<Result>(_ work: (inout SecretWalk) -> Result) -> Result {
        let count = locals.count
        defer { locals.removeSubrange(count...) }
        return work(&self)
    }

    /// Several ways to go on; afterwards a local holds what any of them left in it that comes to its end.
    mutating func branches(_ ways: [(inout SecretWalk) -> SecretFlow]) -> SecretFlow {
        let before = (locals, isEnded)
        var flow = SecretFlow.clean
        var after: [(name: Symbol, flow: SecretFlow)]?
        for way in ways {
            (locals, isEnded) = before
            let found = way(&self)
            guard !isEnded else { continue }
            flow = flow.joined(with: found)
            after = after.map { Self.joined($0, locals) } ?? locals
        }
        isEnded = before.1 || after == nil
        locals = after ?? before.0
        return flow
    }

    /// A block that runs any number of times: walked until the locals hold nothing new.
    mutating func loop(_ body: (inout SecretWalk) -> Void) {
        for _ in 0...SecretFlow.depthMax {
            let before = locals
            let wasEnded = isEnded
            body(&self)
            isEnded = wasEnded
            locals = Self.joined(before, locals)
            if zip(before, locals).allSatisfy({ $0.flow == $1.flow }) { return }
        }
    }

    private static func joined(
        _ one: [(name: Symbol, flow: SecretFlow)], _ other: [(name: Symbol, flow: SecretFlow)]
    ) -> [(name: Symbol, flow: SecretFlow)] {
        zip(one, other).map { ($0.name, $0.flow.joined(with: $1.flow)) }
    }

    // Leaks.

    /// Reports a secret that arrives where it must not.
    ///
    /// - Parameter words: completes "here it would be …".
    mutating func sink(_ flow: SecretFlow, _ words: @autoclosure () -> String, at node: NodeID) {
        guard let origin = flow.first, told.insert(key(node)).inserted else { return }
        diagnostics.append(.secretLeaks(words(), at: range(node), way: origin.way))
    }

    /// The walk calls itself; what is too deep has been refused already.
    mutating func deeper(_ work: (inout SecretWalk) -> SecretFlow) -> SecretFlow {
        guard depth < checker.depthMax else { return .clean }
        depth += 1
        defer { depth -= 1 }
        return work(&self)
    }
}
