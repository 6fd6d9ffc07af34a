// Checker+Routes.swift: which event goes to which handler, and whether that can work.
//
// Neighbours: Checker+Subscriptions.swift (options and rules), Checker+Endpoints.swift, Checker+Resources.swift.

internal import Diagnostics
internal import Machine

/// Who calls a handler: it decides what the handler is given.
enum RouteKind {
    case event
    case request

    var parameter: String { self == .event ? "event" : "request" }
}

extension Checker {
    func checkRoutes() {
        for index in declarations.files.indices { inFile(index) { $0.checkRoutesOfFile() } }
    }

    private func checkRoutesOfFile() {
        guard tree.root.exists, kind(tree.root) == .file else { return }
        for node in tree.children(of: tree.root) {
            switch kind(node) {
            case .subscribe: checkSubscription(node)
            case .endpoint: checkEndpoint(node)
            case .serve: report(.notInThisBuild("`serve`", at: firstWord(of: node, "serve")))
            case .trigger: checkTrigger(node)
            default: break
            }
        }
    }

    /// `=> path` or a block. Nil when it is in error.
    func checkAction(_ node: NodeID, _ route: RouteKind, data: Type, dataOrigin: SourceRange?)
        -> CheckedAction?
    {
        switch kind(node) {
        case .block:
            let owner = route == .event ? "this rule" : "this endpoint"
            let context = BodyContext(owner: owner, purity: .effects, isReached: true)
            _ = inBody(context) { checker in
                checker.bindImplicit(route, data)
                return checker.checkStatements(node)
            }
            routeBlocks.append(key(node))
            return .block(key(node))
        case .path: return checkHandlerPath(node, route, data: data, dataOrigin: dataOrigin)
        default: return nil
        }
    }

    /// `event` or `request`, which a rule's block and `where` have without naming it.
    func bindImplicit(_ route: RouteKind, _ data: Type) {
        guard let name = declarations.symbols.symbol(for: route.parameter) else { return }
        let type: Type = route == .event ? .event(data) : .request(data)
        let place = SourceRange(file: tree.file, start: 0, end: 0)
        locals.append(Local(name: name, range: place, type: type, isVariable: false, isReported: false))
    }

    private func checkHandlerPath(
        _ node: NodeID, _ route: RouteKind, data: Type, dataOrigin: SourceRange?
    ) -> CheckedAction? {
        let names = Array(tree.children(of: node))
        guard let member = memberByPath(names), declarations[member].kind == .handler else {
            reportUnknownHandler(names, at: node)
            return nil
        }
        reach(member)
        guard let parameter = parametersOfHandler(member) else { return .handler(member) }
        if parameter.typeNode == nil {
            routedParameters.note(member, route == .event ? .event(data) : .request(data), at: range(node))
        }
        switch (parameter.type, route) {
        case (.request, .event), (.event, .request):
            report(
                Diagnostic(
                    code: .handlerMisfit, title: "this handler does not fit the route",
                    primary: Label(
                        range(node),
                        route == .event ? "an event is routed here" : "a request is routed here"),
                    related: [
                        Label(
                            parameter.nameRange,
                            "it takes \(parameter.type.article) `\(declarations.describe(parameter.type))`")
                    ]))
        case (.event(let wanted), .event):
            if !wanted.isOpen, !data.isOpen, wanted != data {
                reportTypeConflict(node, wanted, data, parameter, dataOrigin)
            }
        default: break
        }
        return .handler(member)
    }

    private func reportTypeConflict(
        _ node: NodeID, _ wanted: Type, _ data: Type, _ parameter: ParameterDeclaration, _ origin: SourceRange?
    ) {
        let handlerPlace = Label(parameter.nameRange, "the handler takes `Event<\(declarations.describe(wanted))>`")
        report(
            Diagnostic(
                code: .eventTypeConflict, title: "event type and handler disagree about the data",
                primary: Label(range(node), "these events carry `\(declarations.describe(data))`"),
                related: [handlerPlace] + (origin.map { [Label($0, "declared here")] } ?? [])))
    }

    func parametersOfHandler(_ member: MemberIndex) -> ParameterDeclaration? {
        let declaration = declarations[member]
        let tree = declarations.files[declaration.key.file].tree
        guard tree.child(1, of: declaration.key.node).exists else { return nil }
        return parameters(of: member).first
    }

    private func reportUnknownHandler(_ names: [NodeID], at node: NodeID) {
        guard !isSaturated else { return }
        let spelling = names.map { word($0) }.joined(separator: ".")
        let moduleName = names.dropLast().map { word($0) }.joined(separator: ".")
        if names.count > 1, declarations.moduleNames[moduleName] == nil {
            let close = nearest(moduleName, in: declarations.moduleNames.keys.sorted())
            let place = range(names[0]).through(range(names[names.count - 2]))
            report(
                Diagnostic(
                    code: .unknownModule, title: "unknown module `\(moduleName)`",
                    primary: Label(place, "no script of this name"),
                    fix: close.map { .replacing(place, moduleName, with: $0) }))
            return
        }
        let owner = names.count == 1 ? module : declarations.moduleNames[moduleName] ?? module
        let path = names.count == 1 ? "this app's routes" : "`\(declarations.modules[owner.rawValue].path)`"
        let last = word(names[names.count - 1])
        if last.isEmpty || mayBeUnread(last) { return }
        if let member = memberByPath(names) {
            report(
                Diagnostic(
                    code: .unknownHandler, title: "a route needs a handler",
                    primary: Label(range(node), "`\(spelling)` is a \(declarations[member].kind.word)"),
                    related: [Label(declarations[member].nameRange, "declared here")]))
            return
        }
        let handlers = declarations.members.filter { $0.module == owner && $0.kind == .handler }
        let close = nearest(last, in: handlers.map { text($0.name) })
        let match = handlers.first { text($0.name) == close }
        let full = (names.dropLast().map { word($0) } + [close ?? ""]).joined(separator: ".")
        let known = handlers.prefix(5).map { "`\(text($0.name))`" }.joined(separator: ", ")
        report(
            Diagnostic(
                code: .unknownHandler, title: "route runs a handler that does not exist",
                primary: Label(range(node), "\(path) has no handler `\(last)`"),
                related: match.map { [Label($0.nameRange, "this one is close")] } ?? [],
                help: close == nil && !handlers.isEmpty ? ["it has \(known)"] : [],
                fix: close.map { _ in .replacing(range(node), spelling, with: full) }))
    }
}

extension Type {
    var article: String {
        if case .event = self { return "an" }
        return "a"
    }
}
