// TypeReader.swift: written types, and constants that are known without running anything.
//
// Neighbours: Lower/ShapeLowering.swift (reads the same nodes again, with their bounds, into shapes).

internal import Diagnostics
internal import Machine

extension Checker {
    /// The type that a type node writes. What is wrong with it is reported once, here.
    func readType(_ node: NodeID) -> Type {
        guard node.exists else { return .any }
        switch kind(node) {
        case .typeName: return readNamedType(node)
        case .typeList:
            checkBounds(child(1, node), of: .list(.any))
            return .list(readType(child(0, node)))
        case .typeDictionary: return .dictionary(readType(child(0, node)))
        case .typeOptional: return readType(child(0, node)).orNull
        case .typeUnion:
            let constants = tree.children(of: node).compactMap { fold($0) }
            return .literals(constants)
        default: return .error
        }
    }

    private func readNamedType(_ node: NodeID) -> Type {
        let nameNode = child(0, node)
        guard let name = symbol(nameNode) else { return .error }
        let argument = child(2, node)
        let spelling = text(name)
        if spelling == "Event" || spelling == "Request" {
            let inner = argument.exists ? readType(argument) : .any
            return spelling == "Event" ? .event(inner) : .request(inner)
        }
        if let base = Self.namedTypes[spelling] {
            checkBounds(child(1, node), of: base)
            return base
        }
        if let record = declarations.record(name) { return .record(record) }
        if isSaturated || mayBeUnread(spelling) || !isIntact(around: range(node)) { return .error }
        let known = declarations.records.map(\.name) + Self.namedTypes.keys.sorted() + ["Event", "Request"]
        let meant = nearest(spelling, in: known) ?? Self.foreignTypes[spelling.lowercased()]
        if argument.exists, let written = Self.genericTypes[spelling.lowercased()] {
            report(.genericType(spelling, written, at: range(nameNode)))
        } else {
            report(.unknownType(spelling, at: range(nameNode), nearest: meant))
        }
        return .error
    }

    /// What other languages call these.
    private static let foreignTypes = [
        "integer": "int", "long": "int", "int64": "int", "int32": "int", "uint": "int", "bigint": "int", "short": "int",
        "number": "float", "double": "float", "decimal": "float", "real": "float", "numeric": "float",
        "str": "string", "text": "string", "varchar": "string", "char": "string", "uuid": "string",
        "boolean": "bool", "date": "time", "datetime": "time", "timestamp": "time", "instant": "time",
        "timedelta": "duration", "interval": "duration", "array": "list", "vector": "list", "map": "object",
        "dict": "object", "hash": "object", "json": "any", "dynamic": "any", "unknown": "any", "blob": "bytes",
        "bytea": "bytes", "void": "null", "none": "null", "nil": "null",
    ]

    /// What others write with angle brackets.
    private static let genericTypes = [
        "list": "[T]", "array": "[T]", "vector": "[T]", "set": "[T]", "sequence": "[T]", "map": "{T}", "dict": "{T}",
        "dictionary": "{T}", "record": "{T}", "hashmap": "{T}", "optional": "T?", "option": "T?", "maybe": "T?",
        "nullable": "T?",
    ]

    static let namedTypes: [String: Type] = [
        "any": .any, "null": .null, "bool": .bool, "int": .int, "float": .float, "string": .string,
        "bytes": .bytes, "time": .time, "duration": .duration, "object": .dictionary(.any), "list": .list(.any),
        "failure": .failure, "response": .response, "secret": .secret,
    ]

    /// `(1..256)` and `(like: "ORD-*")` where they make sense.
    private func checkBounds(_ node: NodeID, of type: Type) {
        guard node.exists else { return }
        switch kind(node) {
        case .boundsLike:
            if type != .string { report(.badBounds("only a string has `like`", at: range(node))) }
        case .boundsInterval:
            let interval = child(0, node)
            guard kind(interval) == .interval else { return }
            let low = child(0, interval)
            let high = child(1, interval)
            let ends = [low, high].map { $0.exists ? foldOrReport($0, what: "a bound") : nil }
            for (end, side) in zip(ends, [low, high]) {
                guard let end else { continue }
                switch (type, end) {
                case (.string, .int(let value)), (.list, .int(let value)):
                    if value < 0 { report(.badBounds("a length is 0 or more", at: range(side))) }
                case (.int, .int), (.float, .int), (.float, .float): break
                case (.int, _), (.float, _), (.string, _), (.list, _):
                    report(.badBounds("this is not \(type == .float ? "a number" : "an int")", at: range(side)))
                default: report(.badBounds("`\(declarations.describe(type))` has no bounds", at: range(node)))
                }
            }
            if ends.allSatisfy({ $0?.number != nil }), isEmptyInterval(interval) {
                report(.badBounds("nothing lies between them", at: range(interval)))
            }
        default: break
        }
    }

    var reader: TreeReader { TreeReader(declarations, file: file, tree: tree) }

    /// The value of an expression that needs no run; nil for everything else.
    func fold(_ node: NodeID) -> Constant? {
        guard node.exists else { return nil }
        switch kind(node) {
        case .string: return .string(tree.string(of: node))
        case .integer, .size: return .int(tree.integer(of: node))
        case .nullLiteral, .trueLiteral, .falseLiteral, .duration, .float, .negate, .list, .object:
            return reader.fold(node)
        case .name, .member, .path: return declarations.hasConstants ? reader.fold(node) : nil
        default: return nil
        }
    }

    func foldOrReport(_ node: NodeID, what: String) -> Constant? {
        if let constant = fold(node) { return constant }
        if kind(node) != .error { report(.notConstant(what, at: range(node))) }
        return nil
    }

    /// `a.b.c` as its words; nil when it is anything else.
    func plainPath(_ node: NodeID) -> [NodeID]? { tree.plainPath(node) }

    /// The constant, function or handler that a path names from here.
    func memberByPath(_ names: [NodeID]) -> MemberIndex? { reader.memberByPath(names) }
}

extension Constant {
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .float(let value): value
        case .duration(let value): Double(value)
        default: nil
        }
    }
}

extension Diagnostic {
    static func unknownType(_ name: String, at range: SourceRange, nearest: String?) -> Diagnostic {
        Diagnostic(
            code: .unknownType, title: "unknown type `\(name)`", primary: Label(range, "no record of this name"),
            help: nearest == nil
                ? ["types are any null bool int float string bytes time duration [T] {T} T? and records"] : [],
            fix: nearest.map { .replacing(range, name, with: $0) })
    }

    static func genericType(_ name: String, _ written: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .unknownType, title: "unknown type `\(name)`",
            primary: Label(range, "only Event and Request have one in angles"),
            help: ["it is written `\(written)`, with the type in the place of `T`"])
    }

    static func badBounds(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(code: .badBounds, title: "invalid bounds of a type", primary: Label(range, why))
    }

    static func notConstant(_ what: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .notConstant, title: "\(what) must be constant",
            primary: Label(range, "this is only known when it runs"))
    }

    static func wrongType(_ found: String, wanted: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "expected \(wanted), found \(found)",
            primary: Label(range, "this is \(found)"))
    }
}

extension Suggestion {
    /// "replace `totl` with `total`"
    static func replacing(_ range: SourceRange, _ old: String, with new: String) -> Suggestion {
        Suggestion(range: range, replacement: new, text: "replace `\(old)` with `\(new)`")
    }
}
