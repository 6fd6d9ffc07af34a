// SecretWalk+Calls.swift: secrets that are handed to functions, effects and methods.

internal import Machine

extension SecretWalk {
    mutating func called(_ node: NodeID) -> SecretFlow {
        switch checker.callees[key(node)] {
        case .effect(let call): return effect(call, node)
        case .member(let member, let arguments):
            let name = declarations[member].fullName
            let given = arguments.map { argument in
                flow(argument).going("and passed to `\(name)`", at: argument.exists ? range(argument) : range(node))
            }
            return isEnded ? .clean : self.call(member, given)
        case .builtin(let call): return builtin(call, node)
        case .failure(_, let arguments):
            for argument in arguments { sink(flow(argument), "told in the failure", at: argument) }
            return .clean
        case .response(let arguments):
            for argument in arguments { sink(flow(argument), "sent in the response", at: argument) }
            return .clean
        case .constant, nil:
            for child in children(node) where child.exists { _ = flow(child) }
            return .clean
        }
    }

    private mutating func effect(_ call: EffectCall, _ node: NodeID) -> SecretFlow {
        let effect = call.signature.kind
        if effect == .secret { return SecretFlow(own: SecretOrigin(call: key(node), at: range(node))) }
        if let template = call.template, kind(template) == .text {
            for part in children(template) where kind(part) != .string {
                sink(flow(part), SecretSink.words(effect, parameter: "template"), at: part)
            }
        }
        for (parameter, operand) in zip(call.signature.parameters, call.positional) {
            sink(flow(operand), SecretSink.words(effect, parameter: parameter.name), at: operand)
        }
        for option in call.options {
            let value = flow(option.value)
            if !option.option.takesSecrets { sink(value, SecretSink.words(option.option), at: option.value) }
        }
        return .clean
    }

    // Methods.

    private mutating func builtin(_ call: BuiltinCall, _ node: NodeID) -> SecretFlow {
        let builtin = Builtin.all[Int(call.index)]
        let name = builtin.name
        let receiver = flow(call.receiver)
        let arguments = call.arguments.map { isSelector($0) ? SecretFlow.clean : flow($0) }
        let given = arguments.first ?? .clean
        if name == "kind" { return .clean }
        if let own = receiver.own ?? (Builtin.secretForms.contains(name) ? arguments.lazy.compactMap(\.own).first : nil)
        {
            guard Builtin.secretForms.contains(name) else { return shown(receiver, by: name, node) }
            return SecretFlow(own: own)
        }
        for (parameter, argument) in zip(builtin.parameters, arguments) where argument.own != nil {
            // What takes any value compares it or keeps it; a text that is looked for in a text is told of.
            let isText = parameter.kinds == .any ? call.isOnText : parameter.kinds.contains(.string)
            if isText, name != "hmac_sha256" { return shown(argument, by: name, node) }
        }
        switch name {
        case "hmac_sha256", "contains", "index_of", "has", "length", "keys": return .clean
        case "to_json": return shown(receiver, by: name, node)
        case "join": return SecretFlow(own: receiver.parts.own ?? given.own)
        case "first", "last", "min", "max", "sum": return receiver.parts
        case "get": return part(of: receiver, at: call.arguments.first)
        case "append": return receiver.joined(with: SecretFlow(others: given))
        case "concat", "merge": return receiver.joined(with: given)
        case "reverse", "sort", "sort_by", "unique", "slice", "values": return SecretFlow(others: receiver.parts)
        case "flatten": return SecretFlow(others: receiver.parts.parts)
        case "zip": return SecretFlow(others: SecretFlow(others: receiver.parts.joined(with: given.parts)))
        case "group_by": return SecretFlow(others: SecretFlow(others: receiver.parts))
        case "set": return set(receiver, at: call.arguments.first, arguments.count > 1 ? arguments[1] : .clean)
        case "remove": return without(receiver, call.arguments.first)
        case "omit", "pick": return receiver
        default: return .clean
        }
    }

    private func isSelector(_ node: NodeID) -> Bool { node.exists && kind(node) == .selector }

    /// A method that would tell something of the secret.
    private mutating func shown(_ flow: SecretFlow, by name: String, _ node: NodeID) -> SecretFlow {
        sink(flow, "shown by `\(name)`", at: node)
        return .clean
    }

    private func literal(_ node: NodeID?) -> String? {
        guard let node, node.exists else { return nil }
        switch kind(node) {
        case .string: return tree.string(of: node)
        case .integer: return Self.place(Int(truncatingIfNeeded: tree.integer(of: node)))
        default: return nil
        }
    }

    private func part(of receiver: SecretFlow, at place: NodeID?) -> SecretFlow {
        literal(place).map { receiver.field($0) } ?? receiver.parts
    }

    private func set(_ receiver: SecretFlow, at place: NodeID?, _ value: SecretFlow) -> SecretFlow {
        guard let name = literal(place) else { return receiver.joined(with: SecretFlow(others: value)) }
        return receiver.setting(name, value)
    }

    private func without(_ receiver: SecretFlow, _ place: NodeID?) -> SecretFlow {
        literal(place).map { receiver.setting($0, .clean) } ?? receiver
    }
}
