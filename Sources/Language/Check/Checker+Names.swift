// Checker+Names.swift: what a name or a path stands for, and which fields a value has.
//
// Order of look-up: locals, the own module, then what the whole deployment knows. Neighbours: Checker.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    /// A name that stands for a value.
    func checkName(_ node: NodeID) -> Type {
        guard let name = symbol(node) else { return .error }
        if let index = local(named: name) {
            locals[index].isUsed = true
            return locals[index].type
        }
        if let member = declarations.member(name, in: module) { return valueOf(member, at: node) }
        let spelling = text(name)
        if let resource = declarations.resource(name) {
            let declaration = declarations.resources[resource]
            let method = EffectSignature.methods(of: declaration.kind).first?.usage ?? "…"
            let use =
                declaration.kind == .lock
                ? "hold it for a block: `lock \(spelling)[…] { … }`" : "call a method of it: `\(spelling).\(method)`"
            report(.notAValue("the \(declaration.kind.rawValue) `\(spelling)`", use, at: range(node)))
            return .error
        }
        if declarations.record(name) != nil {
            report(.notAValue("the record `\(spelling)`", "it may stand where a type stands", at: range(node)))
            return .error
        }
        if declarations.isBuiltin(name) {
            report(.notAValue("the builtin `\(spelling)`", "call it: `\(spelling)(…)`", at: range(node)))
            return .error
        }
        if declarations.isModuleHead(name) {
            report(.notAValue("the module `\(spelling)`", "name something in it", at: range(node)))
            return .error
        }
        reportUnknownName(node, candidates: valueNames())
        return .error
    }

    /// Names that may stand as a value here.
    func valueNames() -> [String] {
        var names = locals.reversed().map { text($0.name) }
        for (name, index) in declarations.modules[module.rawValue].members
        where declarations[index].kind == .constant { names.append(text(name)) }
        return names
    }

    func reportUnknownName(_ node: NodeID, candidates: [String], isCalled: Bool = false) {
        guard !isSaturated else { return }
        if mayBeUnreadLocal(node) { return }
        let spelling = word(node)
        guard unknownNames.insert("\(body.owner) \(spelling)").inserted else { return }
        let foreign = foreignName(spelling, isCalled: isCalled)
        let close = foreign == nil ? nearest(spelling, in: candidates) : nil
        var help: [String] = []
        if let close, let name = declarations.symbols.symbol(for: close), let index = local(named: name) {
            let place = locals[index].range
            locals[index].isUsed = true
            let line = declarations.files[file].source.position(at: place.start).line
            // `event` of a rule is bound nowhere.
            help = ["did you mean `\(close)`\(place.start < place.end ? ", bound on line \(line)" : "")?"]
        } else if let close {
            help = ["did you mean `\(close)`?"]
        } else if let text = foreign?.help {
            help = [text]
        } else if foreign == nil, let other = membersElsewhere(spelling).first {
            help = ["another module has one: `\(other)`"]
        }
        report(
            Diagnostic(
                code: .unknownName, title: "unknown name `\(spelling)`",
                primary: Label(range(node), "not defined in \(body.owner)"), help: help,
                fix: foreign?.replacement.map { .replacing(range(node), spelling, with: $0) }))
    }

    /// What a word of another language is here; nil when it is none.
    private func foreignName(_ spelling: String, isCalled: Bool) -> ForeignName.Instead? {
        let known = isCalled ? ForeignName.functions[spelling] : ForeignName.values[spelling]
        if let known { return known }
        // `data.id` in a rule.
        if !isCalled, let path = ForeignName.parts[spelling], let owner = path.split(separator: ".").first,
            let name = declarations.symbols.symbol(for: String(owner)), local(named: name) != nil
        {
            return .word(path)
        }
        guard spelling == "event" || spelling == "request", body.takesNothing else { return nil }
        return .text("take it as the parameter: `handler name(\(spelling)) { … }`")
    }

    /// Members of that name in the scripts' modules, by their full names, sorted.
    private func membersElsewhere(_ name: String) -> [String] {
        guard let symbol = declarations.symbols.symbol(for: name) else { return [] }
        return declarations.modules.compactMap { $0.name != nil ? $0.members[symbol] : nil }
            .map { declarations[$0].fullName }.sorted()
    }

    /// A constant's type; functions and handlers are not values.
    func valueOf(_ member: MemberIndex, at node: NodeID) -> Type {
        let declaration = declarations[member]
        guard declaration.kind == .constant else {
            report(
                .notAValue(
                    "the \(declaration.kind.word) `\(declaration.fullName)`", "call it: `\(declaration.fullName)(…)`",
                    at: range(node)))
            return .error
        }
        callees[key(node)] = .constant(member)
        return typeOfConstant(member)
    }

    /// `object.name`, or a constant of another module.
    func checkMember(_ node: NodeID) -> Type {
        if let type = checkModulePath(node) { return type }
        let object = child(0, node)
        let nameNode = child(1, node)
        if let name = symbol(object), local(named: name) == nil, let resource = declarations.resource(name) {
            let declaration = declarations.resources[resource]
            let member = word(nameNode)
            let known = EffectSignature.method(member, of: declaration.kind)
            if let known {
                // Where something could not be read it may have been the call's text.
                if isIntact(around: range(node)) {
                    report(
                        .notAValue(
                            "`\(text(name)).\(member)`", "call it: `\(text(name)).\(known.usage)`", at: range(node)))
                }
            } else {
                reportUnknownEffect(member, of: declaration, at: nameNode)
            }
            return .error
        }
        let isQuiet = tree.flag(of: node) == 1
        let type = check(object)
        if !isQuiet { noteReadOfClaims(object) }
        guard kind(nameNode) == .name else { return .error }
        let result = typeOfField(word(nameNode), of: type, at: nameNode, isQuiet: isQuiet)
        // A rule sees the data as it came, before its type is checked: anything may be missing.
        return isQuiet || body.isPredicate ? result.orNull : result
    }

    /// A dotted path whose head is a module. Nil when the head is something else.
    private func checkModulePath(_ node: NodeID) -> Type? {
        guard let first = tree.pathHead(node), isModuleHead(tree.symbol(of: first)), let names = tree.plainPath(node)
        else { return nil }
        if let member = memberByPath(names) { return valueOf(member, at: node) }
        // A constant of a module, and then fields of it.
        if names.indices.dropFirst().contains(where: { memberByPath(Array(names[..<$0])) != nil }) { return nil }
        reportUnknownMember(names, at: node, candidates: { $0.kind == .constant })
        return .error
    }

    /// Whether the name begins a path through modules, here.
    func isModuleHead(_ name: Symbol) -> Bool {
        declarations.isModuleHead(name) && local(named: name) == nil && declarations.member(name, in: module) == nil
            && declarations.resource(name) == nil
    }

    /// Reports a path through modules that leads nowhere: the module, or the member in it.
    func reportUnknownMember(
        _ names: [NodeID], at node: NodeID, candidates: (MemberDeclaration) -> Bool
    ) {
        guard !isSaturated else { return }
        let moduleName = names.dropLast().map { word($0) }.joined(separator: ".")
        let last = word(names[names.count - 1])
        guard let module = declarations.moduleNames[moduleName] else {
            let close = nearest(moduleName, in: declarations.moduleNames.keys.sorted())
            let place = range(names[0]).through(range(names[max(0, names.count - 2)]))
            report(
                Diagnostic(
                    code: .unknownModule, title: "unknown module `\(moduleName)`",
                    primary: Label(place, "no script of this name"),
                    fix: close.map { .replacing(place, moduleName, with: $0) }))
            return
        }
        if mayBeUnread(last) { return }
        let members = declarations.modules[module.rawValue].members.values.map { declarations[$0] }.filter(candidates)
        let close = nearest(last, in: members.map { text($0.name) })
        report(
            Diagnostic(
                code: .unknownName, title: "unknown name `\(moduleName).\(last)`",
                primary: Label(
                    range(names[names.count - 1]),
                    "`\(declarations.modules[module.rawValue].path)` declares nothing of this name that fits here"),
                fix: close.map { .replacing(range(names[names.count - 1]), last, with: $0) }))
    }

    // Fields.

    private static let eventFields: [String: Type] = [
        "id": .string, "source": .string, "type": .string, "subject": .optional(.string),
        "time": .any, "specversion": .string, "datacontenttype": .optional(.string),
        "dataschema": .optional(.string), "topic": .optional(.string), "pubsub": .optional(.string),
        "attempt": .int,
    ]
    private static let requestFields: [String: Type] = [
        "method": .string, "path": .string, "params": .dictionary(.string), "query": .dictionary(.string),
        "headers": .dictionary(.string), "raw": .bytes, "claims": .any, "caller": .optional(.string), "peer": .any,
    ]

    func typeOfField(_ name: String, of type: Type, at node: NodeID, isQuiet: Bool) -> Type {
        switch type {
        case .error, .any, .never: return type == .any ? .any : .error
        case .optional(let inner): return typeOfField(name, of: inner, at: node, isQuiet: isQuiet)
        case .record(let index):
            let record = declarations[index]
            if let field = record.fields.first(where: { $0.name == name }) {
                return field.isOptional ? field.type.orNull : field.type
            }
            reportUnknownField(name, of: record, at: node)
            return .error
        case .dictionary(let value): return value.orNull
        case .object(let fields): return fields.last { $0.name == name }?.type ?? .any
        case .event(let data): return typeOfEventField(name, data: data, at: node)
        case .request(let requestBody):
            if name == "body" { return requestBody }
            lastRequestField = key(node)
            if let known = Self.requestFields[name] { return known }
            reportUnknownField(
                name, of: "a request", known: Self.requestFields.keys.sorted() + ["body"], at: node,
                related: body.parameterRoute.map { [$0] } ?? [])
            return .error
        case .failure:
            switch name {
            case "class", "message": return .string
            case "details": return .any
            default:
                reportUnknownField(name, of: "a failure", known: ["class", "message", "details"], at: node)
                return .error
            }
        case .null:
            if isQuiet || body.isPredicate { return .null }
            report(
                Diagnostic(
                    code: .wrongType, title: "cannot read `\(name)` of null",
                    primary: Label(range(node), "the value before the dot is always null")))
            return .error
        default:
            reportNoFields(name, of: type, at: node)
            return .error
        }
    }

    private func typeOfEventField(_ name: String, data: Type, at node: NodeID) -> Type {
        if name == "data" { return data }
        if let known = Self.eventFields[name] { return known }
        // Anything else is an extension attribute; one that is nearly a known name is a slip.
        let known = Self.eventFields.keys.sorted() + ["data"]
        let isAttribute = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        let close = nearestOnes(name, in: known)
        if isAttribute, close.isEmpty { return .any }
        let nearly = close.map { "`\($0)`" }.joined(separator: " and ")
        report(
            Diagnostic(
                code: .unknownAttribute, title: "an event has no attribute `\(name)`",
                primary: Label(
                    range(node),
                    isAttribute ? "nearly \(nearly)" : "extension attributes are lower-case letters and digits"),
                related: body.parameterRoute.map { [$0] } ?? [],
                help: close.isEmpty ? ["what the sender put into the event is under `event.data`"] : [],
                fix: close.count == 1 ? .replacing(range(node), name, with: close[0]) : nil))
        return .error
    }

    private func reportUnknownField(_ name: String, of record: RecordDeclaration, at node: NodeID) {
        let names = record.fields.map(\.name)
        let close = nearest(name, in: names)
        let shown = names.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
        let origin = originOfRecord(record)
        report(
            Diagnostic(
                code: .unknownField, title: "`\(record.name)` has no field `\(name)`",
                primary: Label(
                    range(node),
                    names.isEmpty ? "it has no fields" : "fields are \(shown)\(names.count > 5 ? " …" : "")"),
                related: [Label(record.nameRange, origin)],
                help: close == nil ? ["an extra field of the data is read with `[\"\(name)\"]`"] : [],
                fix: close.map { .replacing(range(node), name, with: $0) }))
    }

    /// Why the record stands where it does: the event type that carries it, or itself.
    private func originOfRecord(_ record: RecordDeclaration) -> String {
        guard let name = declarations.symbols.symbol(for: record.name), let index = declarations.recordNames[name],
            let eventType = declarations.eventTypes.first(where: { $0.type == .record(index) }), body.isPredicate
        else { return "declared here" }
        return "event type `\(eventType.name)` carries this record"
    }

    private func reportUnknownField(
        _ name: String, of what: String, known: [String], at node: NodeID, related: [Label] = []
    ) {
        let close = nearest(name, in: known)
        let shown = known.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
        report(
            Diagnostic(
                code: .unknownField, title: "\(what) has no field `\(name)`",
                primary: Label(range(node), "fields are \(shown)\(known.count > 5 ? " …" : "")"), related: related,
                fix: close.map { .replacing(range(node), name, with: $0) }))
    }

    private func reportNoFields(_ name: String, of type: Type, at node: NodeID) {
        report(
            Diagnostic(
                code: .wrongType, title: "cannot read `\(name)` of \(declarations.describe(type))",
                primary: Label(range(node), "only an object has fields"),
                help: builtinNames.contains(name) ? ["a method is called: `.\(name)()`"] : []))
    }

    /// `object[index]`
    func checkIndex(_ node: NodeID) -> Type {
        let object = check(child(0, node)).unwrapped
        noteReadOfClaims(child(0, node))
        let index = check(child(1, node))
        switch object {
        case .list(let item):
            expect(index, .int, at: child(1, node), what: "the place in a list")
            return item
        case .dictionary(let value):
            expect(index, .string, at: child(1, node), what: "the key of an object")
            return value.orNull
        case .object, .record, .event, .request:
            expect(index, .string, at: child(1, node), what: "the key of an object")
            if case .string(let name) = fold(child(1, node)), case .object(let fields) = object {
                return fields.last { $0.name == name }?.type ?? .any
            }
            return .any
        case .any: return .any
        case .error, .never: return .error
        default:
            if body.isPredicate { return .null }
            if object == .string || object.isText, isIntact(around: range(node)) {
                report(.indexOfText(at: range(child(0, node))))
            } else if object != .string {
                report(
                    .wrongType(declarations.describe(object), wanted: "a list or an object", at: range(child(0, node))))
            }
            return .error
        }
    }
}

extension Diagnostic {
    static func indexOfText(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "expected a list or an object, found string",
            primary: Label(range, "this is a text"),
            help: ["a part of a text is `.slice(0, 1)`, its characters are `.split(\"\")`"])
    }
}
