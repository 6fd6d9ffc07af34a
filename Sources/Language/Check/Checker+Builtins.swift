// Checker+Builtins.swift: methods on values: `event.source.starts_with("/eu")`.
//
// The registry of the machine is the one list; a method's name decides, its receiver's kinds are checked where
// they are known. Neighbours: Machine/Builtin.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    var builtinNames: [String] { Builtin.all.map(\.name) }

    func checkBuiltinCall(_ node: NodeID, callee: NodeID) -> Type {
        let receiver = child(0, callee)
        let nameNode = child(1, callee)
        let name = word(nameNode)
        let receiverType = check(receiver)
        guard let index = Builtin.index(named: name) else {
            // What stands in it may be of another language as well: one mistake.
            if ForeignName.methods[name]?.help != nil {
                quietly { $0.checkArgumentsAlone(node) }
            } else {
                checkArgumentsAlone(node)
            }
            // `list.map(x => …)` is one mistake, and the arrow has been told.
            if receiverType != .error, kind(nameNode) == .name, isIntact(around: range(node)) {
                reportUnknownMethod(name, receiverType, at: nameNode)
            }
            return .error
        }
        let builtin = Builtin.all[Int(index)]
        let plain = receiverType.unwrapped
        // Of a secret that is a text again; the other methods would show it, and that is told elsewhere.
        let kinds = plain == .secret && Builtin.secretForms.contains(name) ? .string : Self.kinds(of: plain)
        if let found = kinds, found.isDisjoint(with: builtin.receiver),
            !body.isPredicate || plain != .null
        {
            checkArgumentsAlone(node)
            report(
                Diagnostic(
                    code: .unknownMethod, title: "\(declarations.describe(plain)) has no method `\(name)`",
                    primary: Label(range(nameNode), "`\(name)` is for \(builtin.receiver.text)")))
            return .error
        }
        var takesSecret = plain == .secret || plain == .list(.secret)
        let arguments = matchBuiltin(node, builtin, at: nameNode, takesSecret: &takesSecret)
        let isQuiet = tree.flag(of: callee) == 1
        callees[key(node)] = .builtin(
            BuiltinCall(
                index: index, receiver: receiver, isQuiet: isQuiet, isOnText: plain == .string || plain.isText,
                arguments: arguments))
        let isSecret = takesSecret && Builtin.secretForms.contains(name) && (plain != .list(.secret) || name == "join")
        let result = isSecret ? Type.secret : Self.type(of: builtin, on: plain)
        return isQuiet ? result.orNull : result
    }

    private func reportUnknownMethod(_ name: String, _ type: Type, at node: NodeID) {
        guard !isSaturated else { return }
        let fitting = Builtin.all.filter { builtin in
            Self.kinds(of: type.unwrapped).map { !$0.isDisjoint(with: builtin.receiver) } ?? true
        }.map(\.name)
        let foreign = ForeignName.methods[name]
        let close = foreign == nil ? nearest(name, in: fitting) : foreign?.replacement
        let isEffect = ResourceKind.allCases.contains { EffectSignature.method(name, of: $0) != nil }
        report(
            Diagnostic(
                code: .unknownMethod, title: "unknown method `\(name)`",
                primary: Label(
                    range(node),
                    isEffect && foreign == nil ? "only a resource has it" : "no builtin of this name"),
                help: foreign?.help.map { [$0] } ?? [],
                fix: close.map { .replacing(range(node), name, with: $0) }))
    }

    /// Puts arguments to a builtin's parameters, by place, then by name.
    ///
    /// - Parameter takesSecret: set when one of them is a secret.
    private func matchBuiltin(
        _ node: NodeID, _ builtin: Builtin, at callee: NodeID, takesSecret: inout Bool
    ) -> [NodeID] {
        var taken = Array(repeating: NodeID.none, count: builtin.parameters.count)
        var next = 0
        for argument in arguments(of: node) {
            let value = child(1, argument)
            let type: Type = kind(value) == .selector ? .error : check(value)
            if type == .secret { takesSecret = true }
            var position: Int?
            if child(0, argument).exists {
                let spelling = word(child(0, argument))
                let known = builtin.parameters.map(\.name)
                position = known.firstIndex(of: spelling)
                if position == nil {
                    report(
                        .unknownArgument(
                            spelling, of: builtin.name, known: known, at: range(child(0, argument)),
                            nearest: nearest(spelling, in: known)))
                }
            } else if next < taken.count {
                position = next
                next += 1
            } else {
                report(.wrongArgumentCount("write `\(builtin.usage)`", at: range(value)))
                return taken
            }
            guard let position else { continue }
            if taken[position].exists {
                report(.wrongArgumentCount("`\(builtin.parameters[position].name)` is given twice", at: range(value)))
                continue
            }
            taken[position] = value
            if builtin.parameters[position].isPattern, kind(value) != .selector {
                if type != .error { checkPattern(value, of: builtin.name) }
                continue
            }
            checkBuiltinArgument(value, type, builtin.parameters[position])
            if builtin.name == "in_cidr", case .string(let network)? = fold(value), IPNetwork(network) == nil {
                report(.notANetwork(network, at: range(value)))
            }
        }
        let missing = builtin.parameters.indices.first { !builtin.parameters[$0].isOptional && !taken[$0].exists }
        if let missing {
            let name = builtin.parameters[missing].name
            report(.wrongArgumentCount("`\(name)` is missing: `\(builtin.usage)`", at: range(callee)))
        }
        return taken
    }

    private func checkBuiltinArgument(_ value: NodeID, _ type: Type, _ parameter: Builtin.Parameter) {
        if kind(value) == .selector {
            if !parameter.isSelector {
                report(.notAValue("a selector", "`\(parameter.name)` wants \(parameter.kinds.text)", at: range(value)))
            }
            return
        }
        if parameter.isSelector {
            if type != .error {
                report(.wrongType(declarations.describe(type), wanted: "a selector such as `.price`", at: range(value)))
            }
            return
        }
        // Where a text is wanted a secret is a text, and what comes of that is for the walk that follows secrets.
        let found = type.unwrapped == .secret ? [.string, KindSet(.secret)] : Self.kinds(of: type.unwrapped)
        guard let found, found.isDisjoint(with: parameter.kinds), !body.isPredicate else { return }
        let misfit = Diagnostic.wrongType(
            declarations.describe(type), wanted: "\(parameter.kinds.text) for `\(parameter.name)`", at: range(value))
        if type.unwrapped == .secret { secretMisfits.append(misfit) } else { report(misfit) }
    }

    /// The kinds that values of a type have; nil when nothing is known.
    private static func kinds(of type: Type) -> KindSet? {
        switch type {
        case .null: .null
        case .bool: .bool
        // An int is taken where a float is wanted, and the other way round where it has no fraction.
        case .int, .float: .number
        case .string: .string
        case .bytes: .bytes
        case .time: .time
        case .duration: .duration
        case .list: .list
        case .dictionary, .object, .record, .event, .request: .object
        case .literals(let constants): constants.reduce([]) { $0.union(kinds(of: $1.type) ?? .any) }
        case .failure: KindSet(.failure)
        case .response: KindSet(.response)
        case .secret, .any, .error, .never, .optional: nil
        }
    }

    /// What a builtin gives; the items of a list where they stay the same.
    private static func type(of builtin: Builtin, on receiver: Type) -> Type {
        if case .list(let item) = receiver {
            switch builtin.name {
            case "append", "concat": return .list(.any)
            case "slice", "reverse", "sort", "sort_by", "unique": return .list(item)
            case "first", "last", "get", "min", "max": return item == .never ? .any : item.orNull
            default: break
            }
        }
        switch builtin.returns {
        case .null: return .null
        case .bool: return .bool
        case .int: return .int
        case .float: return .float
        case .string: return .string
        case .bytes: return .bytes
        case .time: return .time
        case .duration: return .duration
        case .list: return .list(.any)
        case .object: return .dictionary(.any)
        case .stringOrNull: return .optional(.string)
        case .intOrNull: return .optional(.int)
        case .floatOrNull: return .optional(.float)
        case .timeOrNull: return .optional(.time)
        case .durationOrNull: return .optional(.duration)
        default: return .any
        }
    }
}

extension Diagnostic {
    static func notANetwork(_ text: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "this is not a network", primary: Label(range, "no address lies in it"),
            help: ["a network is written `\"10.0.0.0/8\"` or `\"2001:db8::/32\"`"])
    }
}

/// Made once: a literal of several kinds is an array that is gone through each time.
extension KindSet {
    static let stringOrNull: KindSet = [.string, .null]
    static let intOrNull: KindSet = [.int, .null]
    static let floatOrNull: KindSet = [.float, .null]
    static let timeOrNull: KindSet = [.time, .null]
    static let durationOrNull: KindSet = [.duration, .null]
}

extension Builtin {
    /// How a call may look: `split(by)`.
    var usage: String {
        "\(name)(\(parameters.map { $0.isOptional ? "\($0.name):" : $0.name }.joined(separator: ", ")))"
    }
}
