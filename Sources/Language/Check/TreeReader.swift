// TreeReader.swift: a file's tree with the deployment's names: paths, and constants that need no run.
//
// Small, so that the checker and the lowering, which both ask for it, make one where they need it.
// Neighbours: TypeReader.swift, Checker.swift, Lower/Frame.swift.

internal import Diagnostics
internal import Machine

struct TreeReader {
    let declarations: Declarations
    var file: Int
    var tree: SyntaxTree
    /// How deep `fold` is in constants that name constants.
    private var constantsFollowed = 0

    init(_ declarations: Declarations, file: Int, tree: SyntaxTree) {
        self.declarations = declarations
        self.file = file
        self.tree = tree
    }

    init(_ declarations: Declarations, file: Int) {
        self.init(declarations, file: file, tree: declarations.files[file].tree)
    }

    var module: ModuleIndex { declarations.files[file].module }
    func kind(_ node: NodeID) -> NodeKind { tree.kind(of: node) }
    func child(_ position: Int, _ node: NodeID) -> NodeID { tree.child(position, of: node) }

    /// The text of a name or a string; empty for what could not be parsed.
    func word(_ node: NodeID) -> String {
        switch kind(node) {
        case .name: declarations.symbols[tree.symbol(of: node)]
        case .string: tree.string(of: node)
        default: ""
        }
    }

    /// The value of an expression that needs no run: literals, lists and objects of them, constants that are
    /// such, and simple sums. Nil for everything else.
    func fold(_ node: NodeID) -> Constant? {
        guard node.exists else { return nil }
        switch kind(node) {
        case .nullLiteral: return .null
        case .trueLiteral: return .bool(true)
        case .falseLiteral: return .bool(false)
        case .integer, .size: return .int(tree.integer(of: node))
        case .duration: return .duration(tree.integer(of: node))
        case .float: return .float(tree.float(of: node))
        case .string: return .string(tree.string(of: node))
        case .negate:
            switch fold(child(0, node)) {
            case .int(let value): return value == .min ? nil : .int(-value)
            case .float(let value): return .float(-value)
            case .duration(let value): return .duration(-value)
            default: return nil
            }
        case .list:
            var items: [Constant] = []
            for item in tree.children(of: node) {
                guard let constant = fold(item) else { return nil }
                items.append(constant)
            }
            return .list(items)
        case .object: return foldObject(node)
        case .name, .member, .path: return foldConstant(node)
        default: return nil
        }
    }

    private func foldObject(_ node: NodeID) -> Constant? {
        var entries = UniqueEntries<Constant>()
        for entry in tree.children(of: node) {
            guard kind(entry) == .entry, let value = fold(child(1, entry)) else { return nil }
            entries.put(word(child(0, entry)), value)
        }
        return .object(entries.all.map { Constant.Entry(key: $0.key, value: $0.value) })
    }

    /// A top-level `let` whose expression folds.
    private func foldConstant(_ node: NodeID) -> Constant? {
        guard constantsFollowed < 16, declarations.hasConstants, let names = plainPath(node),
            let index = memberByPath(names), declarations[index].kind == .constant
        else { return nil }
        let declaration = declarations[index]
        var other = TreeReader(declarations, file: declaration.key.file)
        // A constant that names itself would fold for ever.
        other.constantsFollowed = constantsFollowed + 1
        return other.fold(other.child(2, declaration.key.node))
    }

    func plainPath(_ node: NodeID) -> [NodeID]? { tree.plainPath(node) }

    /// The constant, function or handler that a path names from here.
    func memberByPath(_ names: [NodeID]) -> MemberIndex? {
        guard let last = names.last, kind(last) == .name else { return nil }
        let name = tree.symbol(of: last)
        if names.count == 1 { return declarations.member(name, in: module) }
        guard declarations.roles(of: name).contains(.member), let owner = module(named: names.dropLast()) else {
            return nil
        }
        return declarations.member(name, in: owner)
    }

    private func module(named names: ArraySlice<NodeID>) -> ModuleIndex? {
        guard let first = names.first else { return nil }
        if names.count == 1, kind(first) == .name { return declarations.plainModules[tree.symbol(of: first)] }
        return declarations.moduleNames[names.map { word($0) }.joined(separator: ".")]
    }
}

extension SyntaxTree {
    /// `a.b.c` as its words; nil when it is anything else.
    func plainPath(_ node: NodeID) -> [NodeID]? {
        if kind(of: node) == .path { return Array(children(of: node)) }
        var names: [NodeID] = []
        var rest = node
        while kind(of: rest) == .member {
            guard flag(of: rest) == 0, kind(of: child(1, of: rest)) == .name else { return nil }
            names.append(child(1, of: rest))
            rest = child(0, of: rest)
        }
        guard kind(of: rest) == .name else { return nil }
        names.append(rest)
        names.reverse()
        return names
    }

    /// The first name of `a.b.c`; nil when it is anything else.
    func pathHead(_ node: NodeID) -> NodeID? {
        var rest = node
        while kind(of: rest) == .member {
            guard flag(of: rest) == 0, kind(of: child(1, of: rest)) == .name else { return nil }
            rest = child(0, of: rest)
        }
        return kind(of: rest) == .name ? rest : nil
    }
}

/// Keys and values in order; a later value of the same key takes the place of the earlier, and stands last.
struct UniqueEntries<Value> {
    private static var scannedMax: Int { 16 }
    private var entries: [(key: String, value: Value)?] = []
    private var places: [String: Int] = [:]

    var all: [(key: String, value: Value)] { entries.compactMap(\.self) }

    mutating func put(_ key: String, _ value: Value) {
        if entries.count <= Self.scannedMax {
            if let known = entries.firstIndex(where: { $0?.key == key }) { entries.remove(at: known) }
            entries.append((key, value))
            if entries.count > Self.scannedMax {
                for (place, entry) in entries.enumerated() { if let entry { places[entry.key] = place } }
            }
            return
        }
        if let known = places[key] { entries[known] = nil }
        places[key] = entries.count
        entries.append((key, value))
    }

    mutating func removeAll() { self = UniqueEntries() }
}
