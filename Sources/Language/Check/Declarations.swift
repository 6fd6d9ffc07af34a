// Declarations.swift: every name that a deployment declares, and where.
//
// Records, event types and resources are known in the whole deployment; constants, functions and handlers
// belong to a module. Filled by DeclarationReader.swift before any body is looked at.

internal import Diagnostics
internal import Machine

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

/// One for a deployment. A reference, so that the checker, which calls itself as deep as the tree is, stays small
/// on the stack; nothing changes after the declarations have been read.
final class Declarations {
    var symbols = SymbolTable()
    var files: [ParsedFile] = []
    var modules: [ModuleDeclaration] = []
    var moduleNames: [String: ModuleIndex] = [:]
    /// First words of module names: no local may be called so.
    var moduleHeads: Set<String> = []
    var members: [MemberDeclaration] = []
    var records: [RecordDeclaration] = []
    var recordNames: [Symbol: RecordIndex] = [:]
    var eventTypes: [EventTypeDeclaration] = []
    var eventTypeNames: [String: Int] = [:]
    var resources: [ResourceDeclaration] = []
    var resourceNames: [Symbol: Int] = [:]

    func text(_ symbol: Symbol) -> String { symbols[symbol] }

    /// The module of that name, made when it is new. All files of routes are one.
    func module(named name: String?, path: String) -> ModuleIndex {
        if let known = modules.firstIndex(where: { $0.name == name }) { return ModuleIndex(known) }
        modules.append(ModuleDeclaration(name: name, path: path))
        let index = ModuleIndex(modules.count - 1)
        if let name {
            moduleNames[name] = index
            moduleHeads.insert(String(name.prefix { $0 != "." }))
        }
        return index
    }

    /// A file could not be read whole.
    var hasErrors: Bool { files.contains(where: \.tree.hasErrors) }
    subscript(index: MemberIndex) -> MemberDeclaration { members[index.rawValue] }
    subscript(index: RecordIndex) -> RecordDeclaration { records[index.rawValue] }

    /// The member of that name in a module.
    func member(_ name: Symbol, in module: ModuleIndex) -> MemberIndex? {
        modules[module.rawValue].members[name]
    }
}

/// Names that are known everywhere without a declaration.
enum PlainFunction: String, CaseIterable, Sendable {
    case respond, now, uuid, random, sleep, log, secret
}
