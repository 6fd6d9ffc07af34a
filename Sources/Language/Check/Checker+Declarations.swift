// Checker+Declarations.swift: the first walk: what is declared, in which module, and twice or once.
//
// Bodies are not looked at. Types of record fields and event types are read in a second step, when all
// records are known. Neighbours: Declarations.swift (the outcome), TypeReader.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    /// Reads the declarations of all files.
    func readDeclarations() {
        for index in declarations.files.indices { inFile(index) { $0.readFile() } }
        declarations.noteRoles()
        for index in declarations.records.indices { readFields(of: RecordIndex(index)) }
        for index in declarations.eventTypes.indices {
            let node = declarations.eventTypes[index].typeNode
            declarations.eventTypes[index].type = inFile(node.file) { $0.readType(node.node) }
        }
        reportNamesOfModules()
    }

    private func readFile() {
        guard tree.root.exists, kind(tree.root) == .file else { return }
        for node in tree.children(of: tree.root) {
            switch kind(node) {
            case .constant: declareMember(.constant, node)
            case .function: declareMember(.function, node)
            case .handler: declareMember(.handler, node)
            case .record: declareRecord(node)
            case .eventType: declareEventType(node)
            case .resource: declareResource(node)
            default: break
            }
        }
    }

    private func declareMember(_ memberKind: MemberKind, _ node: NodeID) {
        let nameNode = child(0, node)
        guard let name = symbol(nameNode) else { return }
        let spelling = text(name)
        if let other = declarations.member(name, in: module) {
            report(.duplicateName(spelling, at: range(nameNode), other: declarations[other].nameRange))
            return
        }
        if let resource = declarations.resourceNames[name] {
            let other = declarations.resources[resource].nameRange
            report(.duplicateName(spelling, at: range(nameNode), other: other))
        } else if PlainFunction(rawValue: spelling) != nil || FailureClass(name: spelling) != nil {
            report(.shadowedName(spelling, at: range(nameNode), what: "builtin `\(spelling)`", other: nil))
        }
        let index = MemberIndex(declarations.members.count)
        let moduleName = declarations.modules[module.rawValue].name
        declarations.members.append(
            MemberDeclaration(
                kind: memberKind, name: name, module: module,
                fullName: moduleName.map { "\($0).\(spelling)" } ?? spelling, key: key(node),
                nameRange: range(nameNode)))
        declarations.modules[module.rawValue].members[name] = index
    }

    private func declareRecord(_ node: NodeID) {
        let nameNode = child(0, node)
        guard let name = symbol(nameNode) else { return }
        if let other = declarations.recordNames[name] {
            report(.duplicateName(text(name), at: range(nameNode), other: declarations[other].nameRange))
            return
        }
        if Self.namedTypes[text(name)] != nil || ["Event", "Request"].contains(text(name)) {
            report(.shadowedName(text(name), at: range(nameNode), what: "type `\(text(name))`", other: nil))
            return
        }
        declarations.recordNames[name] = RecordIndex(declarations.records.count)
        declarations.records.append(
            RecordDeclaration(name: text(name), key: key(node), nameRange: range(nameNode)))
    }

    private func declareEventType(_ node: NodeID) {
        let nameNode = child(0, node)
        guard kind(nameNode) == .string else { return }
        let name = tree.string(of: nameNode)
        if let other = declarations.eventTypeNames[name] {
            let otherRange = declarations.eventTypes[other].range
            report(.duplicateName(name, at: range(nameNode), other: otherRange))
            return
        }
        if name.contains("*") {
            report(
                Diagnostic(
                    code: .badGlob, title: "`event` names one event type",
                    primary: Label(range(nameNode), "`*` has a meaning in rules only"),
                    help: ["write an `event` for each type; a rule with a `*` has the type that all of them agree on"]))
            return
        }
        declarations.eventTypeNames[name] = declarations.eventTypes.count
        declarations.eventTypes.append(
            EventTypeDeclaration(name: name, type: .any, typeNode: key(child(1, node)), range: range(nameNode)))
    }

    private func declareResource(_ node: NodeID) {
        let nameNode = child(1, node)
        guard let name = symbol(nameNode), let kind = ResourceKind(rawValue: word(child(0, node))) else { return }
        if let other = declarations.resourceNames[name] {
            let otherRange = declarations.resources[other].nameRange
            report(.duplicateName(text(name), at: range(nameNode), other: otherRange))
            return
        }
        if let member = declarations.member(name, in: module) {
            report(.duplicateName(text(name), at: range(nameNode), other: declarations[member].nameRange))
        }
        declarations.resourceNames[name] = declarations.resources.count
        declarations.resources.append(
            ResourceDeclaration(kind: kind, name: name, key: key(node), nameRange: range(nameNode)))
    }

    /// A resource may not be called like a module: `shop.get` would have two meanings.
    private func reportNamesOfModules() {
        for resource in declarations.resources {
            let name = text(resource.name)
            guard declarations.moduleHeads.contains(name) else { continue }
            report(.shadowedName(name, at: resource.nameRange, what: "module `\(name)`", other: nil))
        }
    }

    private func readFields(of index: RecordIndex) {
        let record = declarations[index]
        let fields = inFile(record.key.file) { checker -> [RecordDeclaration.Field] in
            var fields: [RecordDeclaration.Field] = []
            var places: [String: SourceRange] = [:]
            for node in checker.tree.children(of: record.key.node).dropFirst()
            where checker.kind(node) == .field {
                let nameNode = checker.child(0, node)
                let name = checker.word(nameNode)
                if let other = places[name] {
                    checker.report(.duplicateName(name, at: checker.range(nameNode), other: other))
                    continue
                }
                places[name] = checker.range(nameNode)
                let typeNode = checker.child(1, node)
                fields.append(
                    RecordDeclaration.Field(
                        name: name, type: checker.readType(typeNode), key: checker.key(nameNode),
                        typeNode: typeNode, defaultNode: checker.child(2, node),
                        isOptional: checker.kind(typeNode) == .typeOptional))
            }
            return fields
        }
        declarations.records[index.rawValue].fields = fields
    }

    /// Defaults must be constants that fit. After all fields are known.
    func checkRecords() {
        checkRecordsThatNeedThemselves()
        for record in declarations.records {
            inFile(record.key.file) { checker in
                for field in record.fields where field.defaultNode.exists {
                    guard let constant = checker.foldOrReport(field.defaultNode, what: "the default of a field")
                    else { continue }
                    if checker.declarations.fit(constant.type, field.type) == .never {
                        checker.report(
                            .wrongType(
                                checker.declarations.describe(constant.type),
                                wanted: checker.declarations.describe(field.type),
                                at: checker.range(field.defaultNode)))
                    } else if let found = checker.violation(of: constant, field.typeNode) {
                        checker.report(
                            .defaultOutside(
                                found.why, at: checker.range(field.defaultNode), bounds: checker.range(found.at)))
                    }
                }
            }
        }
    }
}
