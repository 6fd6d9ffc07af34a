// Checker+Effects.swift: calls of resources' methods: the right method, operands, options and templates.
//
// Neighbours: EffectSignature.swift (the table), SQLTemplate.swift (the scan), Lower/FunctionLowering+Effects.

internal import Diagnostics
internal import Machine

extension Checker {
    func checkResourceCall(_ node: NodeID, resource: Int, method: NodeID, template: NodeID?) -> Type {
        let declaration = declarations.resources[resource]
        let name = word(method)
        guard let signature = EffectSignature.method(name, of: declaration.kind) else {
            checkArgumentsAlone(node)
            if let template { check(template) }
            reportUnknownEffect(name, of: declaration, at: method)
            return .error
        }
        let label = "\(text(declaration.name)).\(name)"
        return checkEffect(node, signature, resource: resource, label: label, at: method, template: template)
    }

    func reportUnknownEffect(_ name: String, of resource: ResourceDeclaration, at node: NodeID) {
        let methods = EffectSignature.methods(of: resource.kind)
        if resource.kind == .lock {
            report(.lockMethod(name, of: text(resource.name), at: range(node), declared: resource.nameRange))
            return
        }
        if methods.isEmpty { return }
        let close = ForeignName.effects[resource.kind.rawValue]?[name] ?? nearest(name, in: methods.map(\.name))
        report(
            Diagnostic(
                code: .unknownEffect,
                title: "\(resource.kind == .app ? "an" : "a") \(resource.kind.rawValue) has no method `\(name)`",
                primary: Label(range(node), "it has \(methods.map { "`\($0.name)`" }.joined(separator: ", "))"),
                related: [Label(resource.nameRange, "declared here")],
                fix: close.map { .replacing(range(node), name, with: $0) }))
    }

    /// `log.info(…)`, `jobs.schedule(…)`: effects that need no resource, under a name that is always there.
    func checkNamed(
        _ owner: String, _ signatures: [EffectSignature], _ what: String, _ node: NodeID, method: NodeID
    ) -> Type {
        let name = word(method)
        guard let signature = signatures.first(where: { $0.name == name }) else {
            checkArgumentsAlone(node)
            let names = signatures.map(\.name)
            report(
                Diagnostic(
                    code: .unknownEffect, title: "`\(owner)` has no \(what) `\(name)`",
                    primary: Label(range(method), "it has \(names.map { "`\($0)`" }.joined(separator: ", "))"),
                    fix: nearest(name, in: names).map { .replacing(range(method), name, with: $0) }))
            return .error
        }
        return checkEffect(node, signature, resource: nil, label: "\(owner).\(name)", at: method, template: nil)
    }

    /// - Parameter template: the text directly behind the method's name.
    func checkEffect(
        _ node: NodeID, _ signature: EffectSignature, resource: Int?, label: String, at callee: NodeID,
        template: NodeID?
    ) -> Type {
        requireEffect(signature, resource: resource, label: label, at: range(callee))
        if signature.canFail { fallibleCount += 1 }
        var rest = arguments(of: node)
        var text = template
        if signature.template != .none, text == nil {
            guard let first = rest.first, !child(0, first).exists else {
                checkArgumentsAlone(node)
                report(.wrongArgumentCount("write `\(signature.usage)`", at: range(callee)))
                return signature.result
            }
            text = child(1, first)
            rest.removeFirst()
        } else if signature.template == .none, let stray = text {
            check(stray)
            report(.wrongArgumentCount("write `\(signature.usage)`", at: range(stray)))
            return signature.result
        }
        let bound = text.map { checkTemplate($0, signature.template, label: label) } ?? []
        var positional: [NodeID] = []
        var options: [EffectCall.Option] = []
        var fixed = signature.fixed
        for argument in rest {
            let value = child(1, argument)
            if child(0, argument).exists, !isNamedOperand(argument, positional.count, of: signature) {
                if kind(value) == .selector {
                    if let path = checkOptionSelector(argument, signature, taken: fixed, options) { fixed.append(path) }
                } else if isGivenTwice(argument, fixed) {
                    check(value)
                } else if let option = checkEffectOption(argument, signature, label, taken: options) {
                    options.append(option)
                }
            } else if positional.count < signature.parameters.count {
                checkOperand(value, positional.count, of: signature)
                positional.append(value)
            } else {
                check(value)
                report(.wrongArgumentCount("write `\(signature.usage)`", at: range(value)))
            }
        }
        let missing = signature.parameters.dropFirst(positional.count).first { !$0.isOptional }
        if let missing, kind(node) != .templateCall || !signature.parameters.isEmpty {
            report(.wrongArgumentCount("`\(missing.name)` is missing: `\(signature.usage)`", at: range(callee)))
        }
        if missing == nil,
            let option = signature.required.first(where: { wanted in !options.contains { $0.option == wanted } })
        {
            report(.wrongArgumentCount("`\(option):` is missing: `\(signature.usage)`", at: range(callee)))
        }
        callees[key(node)] = .effect(
            EffectCall(
                signature: signature, resource: resource, template: text, bound: bound, fixed: fixed,
                positional: positional, options: options, label: label))
        return signature.result
    }

    /// `save(key: "k", value: 1)`: told, and taken for what it means.
    private func isNamedOperand(_ argument: NodeID, _ position: Int, of signature: EffectSignature) -> Bool {
        guard position < signature.parameters.count,
            word(child(0, argument)) == signature.parameters[position].name
        else { return false }
        report(.givenByPlace(signature, argument: range(argument), value: range(child(1, argument))))
        return true
    }

    private func checkOperand(_ value: NodeID, _ position: Int, of signature: EffectSignature) {
        let parameter = signature.parameters[position]
        if check(value, wanted: parameter.type, what: "`\(parameter.name)`") == .response {
            report(.wrongType("response", wanted: "data for `\(parameter.name)`", at: range(value)))
        }
        if signature.kind == .stateTransact { checkChanges(value) }
    }

    func checkEffectOption(
        _ argument: NodeID, _ signature: EffectSignature, _ label: String, taken: [EffectCall.Option]
    ) -> EffectCall.Option? {
        let value = child(1, argument)
        let name = word(child(0, argument))
        let type = check(value)
        guard let option = EffectOption(name: name), signature.options.contains(option) else {
            // A parameter may be given by its name where it is the last one missing.
            let known = signature.options.map { "\($0)" }
            report(
                .unknownArgument(
                    name, of: label, known: known, at: range(child(0, argument)), nearest: nearest(name, in: known)))
            return nil
        }
        if taken.contains(where: { $0.option == option }) {
            report(.wrongArgumentCount("`\(name)` is given twice", at: range(value)))
            return nil
        }
        expect(type, option.type, at: value, what: "`\(name)`")
        return EffectCall.Option(option: option, value: value)
    }

    // Templates.

    /// The types of the values that become parameters.
    private func checkTemplate(_ node: NodeID, _ template: EffectSignature.Template, label: String) -> [Type] {
        guard kind(node) == .string || kind(node) == .text else {
            if check(node) != .error || kind(node) != .error {
                report(
                    template == .sql ? .sqlNotLiteral(label, at: range(node)) : .pathNotLiteral(label, at: range(node)))
            }
            return []
        }
        if template == .sql { return checkSQL(node) }
        checkPath(node, label: label)
        return []
    }

    /// Literal pieces and what stands between them.
    func parts(of node: NodeID) -> [NodeID] {
        kind(node) == .text ? Array(tree.children(of: node)) : [node]
    }

    private func checkSQL(_ node: NodeID) -> [Type] {
        var scanner = SQLScanner()
        var bound: [Type] = []
        var problem: (SQLScanner.Problem, SourceRange)?
        for part in parts(of: node) {
            if kind(part) == .string {
                if problem == nil { problem = scanner.scan(tree.string(of: part)).map { ($0, range(part)) } }
            } else {
                if problem == nil { problem = scanner.parameter().map { ($0, range(part)) } }
                let type = check(part).unwrapped
                bound.append(type)
                switch type {
                case .failure, .response:
                    report(.wrongType(declarations.describe(type), wanted: "a value for the database", at: range(part)))
                default: break
                }
            }
        }
        if problem == nil { problem = scanner.finish().map { ($0, range(node)) } }
        if let (problem, place) = problem { report(.sql(problem, at: place)) }
        return bound
    }

    private func checkPath(_ node: NodeID, label: String) {
        let parts = parts(of: node)
        let first = parts.first.flatMap { kind($0) == .string ? tree.string(of: $0) : nil } ?? ""
        if !first.hasPrefix("/") { report(.pathWithoutSlash(label, at: range(parts.first ?? node))) }
        for part in parts where kind(part) != .string {
            let type = check(part)
            switch type {
            case .null, .list, .dictionary, .object, .record, .event, .request, .bytes, .failure, .response:
                report(.notText(declarations.describe(type), at: range(part)))
            default: break
            }
        }
        for part in parts where kind(part) == .string {
            let text = tree.string(of: part)
            if text.contains("?") || text.contains("#") { report(.queryInPath(at: range(part))) }
        }
    }
}

extension Diagnostic {
    static func givenByPlace(_ signature: EffectSignature, argument: SourceRange, value: SourceRange) -> Diagnostic {
        let name = SourceRange(file: argument.file, start: argument.start, end: value.start)
        return Diagnostic(
            code: .unknownArgument, title: "this argument is given by its place",
            primary: Label(name, "write `\(signature.usage)`"),
            fix: Suggestion(range: name, replacement: "", text: "remove its name"))
    }

    static func sqlNotLiteral(_ label: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .sqlNotLiteral, title: "SQL must be written out",
            primary: Label(range, "this is put together elsewhere"),
            help: ["write `\(label) \"SELECT … WHERE id = ${id}\"`: every `${…}` becomes a bound parameter"])
    }

    static func sql(_ problem: SQLScanner.Problem, at range: SourceRange) -> Diagnostic {
        switch problem {
        case .interpolationInside(let where_):
            Diagnostic(
                code: .sqlInterpolationInQuotes, title: "`${…}` inside \(where_)",
                primary: Label(range, "here it would be text, not a bound parameter"),
                help: ["take the quotes away, or join in SQL: `'%' || ${x} || '%'`"])
        case .unbalanced(let what):
            Diagnostic(
                code: .sqlUnbalanced, title: "\(what) is not closed in this SQL",
                primary: Label(range, "it ends inside \(what)"))
        case .severalStatements:
            Diagnostic(
                code: .sqlSeveralStatements, title: "more than one SQL statement",
                primary: Label(range, "something follows a `;`"),
                help: ["make a call for each of them"])
        case .placeholder(let text):
            Diagnostic(
                code: .sqlPlaceholder, title: "`\(text)` in a template",
                primary: Label(range, "placeholders are made from `${…}`"),
                help: ["write the value where it belongs: `${id}`"])
        case .empty:
            Diagnostic(code: .sqlUnbalanced, title: "this SQL is empty", primary: Label(range, "no statement"))
        }
    }

    static func lockMethod(
        _ name: String, of lock: String, at range: SourceRange, declared: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: .unknownEffect, title: "a lock has no method `\(name)`",
            primary: Label(range, "it has no methods, for it is given back at the end of a block"),
            related: [Label(declared, "declared here")],
            help: ["write `lock \(lock)[\"resource\"] { … }`"])
    }

    static func pathNotLiteral(_ label: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .pathNotLiteral, title: "the path must be written out",
            primary: Label(range, "this is put together elsewhere"),
            help: ["write `\(label)(\"/v1/things/${id}\")`: every `${…}` is encoded as one segment"])
    }

    static func pathWithoutSlash(_ label: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .pathNotLiteral, title: "a path begins with `/`", primary: Label(range, "no `/` at the start"))
    }

    static func queryInPath(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .pathNotLiteral, title: "a path has no `?` and no `#`", primary: Label(range, "not part of a path"),
            help: ["give the query by name: `query: { tag: \"x\" }`"])
    }
}
