// Declarations.swift: every name that a deployment declares, and where.
//
// Records, event types and resources are known in the whole deployment; constants, functions and handlers
// belong to a module. Filled by DeclarationReader.swift before any body is looked at.

internal import Diagnostics
internal import Machine
internal import Routing

/// A node in one of the deployment's files.
struct NodeKey: Hashable, Sendable {
    let file: Int
    let node: NodeID
}

struct ModuleIndex: Hashable, Sendable {
    let rawValue: Int
    init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// Position of a constant, function or handler among the deployment's.
struct MemberIndex: Hashable, Sendable {
    let rawValue: Int
    init(_ rawValue: Int) { self.rawValue = rawValue }
}

enum MemberKind: String, Sendable {
    case constant, function, handler
    var word: String { self == .constant ? "constant" : self == .function ? "function" : "handler" }
}

/// A constant, function or handler.
struct MemberDeclaration: Sendable {
    let kind: MemberKind
    let name: Symbol
    let module: ModuleIndex
    /// `shop.orders.review`; in routes the name alone.
    let fullName: String
    let key: NodeKey
    let nameRange: SourceRange
}

struct ParameterDeclaration: Sendable {
    let name: Symbol
    let key: NodeKey
    let type: Type
    /// Its written type, for the check when it runs.
    let typeNode: NodeKey?
    let nameRange: SourceRange
}

struct RecordDeclaration: Sendable {
    struct Field: Sendable {
        let name: String
        let type: Type
        let key: NodeKey
        let typeNode: NodeID
        let defaultNode: NodeID
        let isOptional: Bool
    }
    let name: String
    let key: NodeKey
    let nameRange: SourceRange
    var fields: [Field] = []
}

struct EventTypeDeclaration: Sendable {
    let name: String
    var type: Type
    let typeNode: NodeKey
    let range: SourceRange
}

struct ResourceDeclaration: Sendable {
    let kind: ResourceKind
    let name: Symbol
    let key: NodeKey
    let nameRange: SourceRange
}

/// One file of the deployment, parsed.
struct ParsedFile: Sendable {
    let tree: SyntaxTree
    let module: ModuleIndex
    let source: SourceFile
}

struct ModuleDeclaration: Sendable {
    /// Nil: the app's routes.
    let name: String?
    /// The file to name in messages.
    let path: String
    var members: [Symbol: MemberIndex] = [:]
}

/// What a word is the name of, somewhere in the deployment: most words of a text are names of nothing, and asking
/// one bit first saves looking for them in five dictionaries.
struct SymbolRoles: OptionSet, Sendable {
    let rawValue: UInt8
    static let member = SymbolRoles(rawValue: 1)
    static let resource = SymbolRoles(rawValue: 2)
    static let record = SymbolRoles(rawValue: 4)
    static let moduleHead = SymbolRoles(rawValue: 8)
    static let builtin = SymbolRoles(rawValue: 16)
    static let all: SymbolRoles = [.member, .resource, .record, .moduleHead, .builtin]
}

/// One for a deployment. A reference, so that the checker, which calls itself as deep as the tree is, stays small
/// on the stack; nothing changes after the declarations have been read.
///
/// Exclusivity is not checked when it runs (it took a tenth of the check): one value in one thread fills it, in
/// methods that never hand a part of it to each other, and then it is only read.
final class Declarations {
    @exclusivity(unchecked) var symbols = SymbolTable()
    @exclusivity(unchecked) var files: [ParsedFile] = []
    @exclusivity(unchecked) var modules: [ModuleDeclaration] = []
    @exclusivity(unchecked) var moduleNames: [String: ModuleIndex] = [:]
    /// First words of module names: no local may be called so.
    @exclusivity(unchecked) var moduleHeads: Set<String> = []
    /// Modules whose name is one word, by it.
    @exclusivity(unchecked) private(set) var plainModules: [Symbol: ModuleIndex] = [:]
    @exclusivity(unchecked) private var routesModule: ModuleIndex?
    /// What each symbol is the name of, somewhere; filled by `noteRoles`.
    @exclusivity(unchecked) private var symbolRoles: [SymbolRoles] = []
    /// Event types by their names, in order; made when it is first asked for.
    private lazy var sortedEventTypes: [Int] = eventTypes.indices.sorted {
        eventTypes[$0].name < eventTypes[$1].name
    }
    @exclusivity(unchecked) private(set) var hasConstants = false
    @exclusivity(unchecked) var members: [MemberDeclaration] = []
    @exclusivity(unchecked) var records: [RecordDeclaration] = []
    @exclusivity(unchecked) var recordNames: [Symbol: RecordIndex] = [:]
    @exclusivity(unchecked) var eventTypes: [EventTypeDeclaration] = []
    @exclusivity(unchecked) var eventTypeNames: [String: Int] = [:]
    @exclusivity(unchecked) var resources: [ResourceDeclaration] = []
    @exclusivity(unchecked) var resourceNames: [Symbol: Int] = [:]

    /// Event types that a rule's pattern takes: the one of this name, or with a `*` all that fit, which are looked for
    /// among those that begin as it does.
    func eventTypes(matching pattern: String, comparisons: inout Int) -> [Int] {
        guard let star = pattern.utf8.firstIndex(of: UInt8(ascii: "*")) else {
            return eventTypeNames[pattern].map { [$0] } ?? []
        }
        if comparisons > 4_000_000 { return [] }
        let sorted = sortedEventTypes
        let prefix = pattern[..<star]
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if eventTypes[sorted[middle]].name < prefix { low = middle + 1 } else { high = middle }
        }
        let glob = Glob(pattern)
        var found: [Int] = []
        while low < sorted.count, eventTypes[sorted[low]].name.hasPrefix(prefix) {
            comparisons += 1
            if glob.matches(eventTypes[sorted[low]].name) { found.append(sorted[low]) }
            low += 1
        }
        return found.sorted()
    }

    func text(_ symbol: Symbol) -> String { symbols[symbol] }

    /// The module of that name, made when it is new. All files of routes are one.
    func module(named name: String?, path: String) -> ModuleIndex {
        if let known = name.map({ moduleNames[$0] }) ?? routesModule { return known }
        modules.append(ModuleDeclaration(name: name, path: path))
        let index = ModuleIndex(modules.count - 1)
        if let name {
            moduleNames[name] = index
            let head = String(name.prefix { $0 != "." })
            moduleHeads.insert(head)
            let symbol = symbols.intern(head)
            if head == name { plainModules[symbol] = index }
        } else {
            routesModule = index
        }
        return index
    }

    func append(_ file: ParsedFile) {
        files.append(file)
        hasErrors = hasErrors || file.tree.hasErrors
    }

    /// A file could not be read whole.
    private(set) var hasErrors = false

    /// Called once, when all declarations have been read.
    func noteRoles() {
        symbolRoles = Array(repeating: [], count: symbols.count)
        func note(_ symbol: Symbol, _ role: SymbolRoles) { symbolRoles[Int(symbol.rawValue)].insert(role) }
        for member in members { note(member.name, .member) }
        for resource in resources { note(resource.name, .resource) }
        for symbol in recordNames.keys { note(symbol, .record) }
        let builtins = PlainFunction.allCases.map(\.rawValue) + FailureClass.allCases.map(\.name)
        for name in builtins { if let symbol = symbols.symbol(for: name) { note(symbol, .builtin) } }
        for head in moduleHeads { if let symbol = symbols.symbol(for: head) { note(symbol, .moduleHead) } }
        hasConstants = members.contains { $0.kind == .constant }
    }

    func roles(of symbol: Symbol) -> SymbolRoles {
        Int(symbol.rawValue) < symbolRoles.count ? symbolRoles[Int(symbol.rawValue)] : .all
    }

    subscript(index: MemberIndex) -> MemberDeclaration { members[index.rawValue] }
    subscript(index: RecordIndex) -> RecordDeclaration { records[index.rawValue] }

    /// The member of that name in a module.
    func member(_ name: Symbol, in module: ModuleIndex) -> MemberIndex? {
        guard roles(of: name).contains(.member) else { return nil }
        return modules[module.rawValue].members[name]
    }

    /// The resource of that name.
    func resource(_ name: Symbol) -> Int? { roles(of: name).contains(.resource) ? resourceNames[name] : nil }
    /// The record of that name.
    func record(_ name: Symbol) -> RecordIndex? { roles(of: name).contains(.record) ? recordNames[name] : nil }
    /// Whether module names begin with it.
    func isModuleHead(_ name: Symbol) -> Bool { roles(of: name).contains(.moduleHead) }
    /// Whether it names what is known everywhere without a declaration.
    func isBuiltin(_ name: Symbol) -> Bool { roles(of: name).contains(.builtin) }
}

/// Names that are known everywhere without a declaration.
enum PlainFunction: String, CaseIterable, Sendable {
    case respond, now, uuid, random, sleep, log, secret
}
