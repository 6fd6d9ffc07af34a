// Checker+Members.swift: bodies of functions, handlers and constants, each checked once.
//
// A function's result is inferred when it is first called, so functions are checked on demand; handlers wait
// in a queue, so that what the routes reach is known before the rest is looked at.

internal import Diagnostics
internal import Machine

extension Checker {
    /// Everything, in the order that knows most.
    func run() {
        readDeclarations()
        checkRecords()
        checkResources()
        checkRoutes()
        while let next = queue.popLast() { checkHandler(next, isReached: true) }
        for index in declarations.members.indices {
            let member = MemberIndex(index)
            switch declarations[member].kind {
            case .constant: _ = typeOfConstant(member)
            case .function: _ = typeOfFunction(member)
            case .handler: if !reached.contains(member) { checkHandler(member, isReached: false) }
            }
        }
        checkWritingUnits()
        checkClaims()
        if readsSecrets { checkSecretFlow() }
    }

    /// Where secrets go. One mistake, one message: what is a leak is not a wrong type as well.
    private func checkSecretFlow() {
        let leaks = SecretWalk.leaks(in: self)
        let places = Set(leaks.compactMap(\.primary?.range))
        diagnostics +=
            leaks
            + secretMisfits.filter { misfit in
                misfit.primary.map { !places.contains($0.range) } ?? true
            }
    }

    /// Notes that the deployment's routes lead to this handler.
    func reach(_ member: MemberIndex) {
        guard body.isReached, reached.insert(member).inserted else { return }
        queue.append(member)
    }

    private func checkHandler(_ member: MemberIndex, isReached: Bool) {
        let declaration = declarations[member]
        let name = text(declaration.name)
        var context = BodyContext(owner: "handler `\(name)`", purity: .effects, isReached: isReached)
        let routed = parametersOfHandler(member).flatMap { parameter in
            parameter.typeNode == nil ? routedParameters.parameter(of: member, in: declarations) : nil
        }
        if let routed {
            let given = routed.type.isEvent ? "an event" : "a request"
            context.parameterRoute = Label(routed.route, "this route gives it \(given)")
        }
        inFile(declaration.key.file) { checker in
            let node = declaration.key.node
            _ = checker.inBody(context) { checker in
                let parameter = checker.child(1, node)
                checker.body.takesNothing = !parameter.exists
                if parameter.exists, checker.kind(parameter) == .parameter {
                    checker.bind(
                        checker.child(0, parameter), routed?.type ?? checker.typeOfHandlerParameter(parameter),
                        isReported: false)
                }
                _ = checker.checkStatements(checker.child(2, node))
            }
        }
    }

    private func typeOfHandlerParameter(_ parameter: NodeID) -> Type {
        let type = readType(child(1, parameter))
        if !isHandlerParameter(type) {
            report(
                .wrongType(
                    declarations.describe(type), wanted: "Event, Request or no type", at: range(child(1, parameter))))
        }
        return type
    }

    /// What a handler may be given: an event, a request, or by another handler anything.
    private func isHandlerParameter(_ type: Type) -> Bool {
        switch type {
        case .event, .request, .any, .error, .record, .dictionary: true
        default: false
        }
    }

    /// The type that a function gives; checks its body the first time.
    func typeOfFunction(_ member: MemberIndex) -> Type {
        if let known = memberTypes[member] { return known }
        let declaration = declarations[member]
        guard inProgress.insert(member).inserted else {
            callsItself.insert(member)
            return inFile(declaration.key.file) { checker in
                let written = checker.child(2, declaration.key.node)
                return written.exists ? checker.quietly { $0.readType(written) } : .any
            }
        }
        let result = inFile(declaration.key.file) { $0.checkFunction(declaration, member) }
        inProgress.remove(member)
        memberTypes[member] = result
        return result
    }

    private func checkFunction(_ declaration: MemberDeclaration, _ member: MemberIndex) -> Type {
        let node = declaration.key.node
        let written = child(2, node)
        var context = BodyContext(
            owner: "function `\(text(declaration.name))`",
            purity: .pure("a `fn` is pure: only handlers ask for effects"),
            isReached: true)
        context.allowsRunEnds = false
        if written.exists {
            context.declaredResult = readType(written)
            context.declaredResultNode = key(written)
        }
        let (fails, ended) = inBody(context) { checker -> Bool in
            let list = checker.child(1, node)
            let parameters = list.exists ? Array(checker.tree.children(of: list)) : []
            for parameter in parameters where checker.kind(parameter) == .parameter {
                let type = checker.readType(checker.child(1, parameter))
                checker.bind(checker.child(0, parameter), type, isReported: false)
            }
            let content = checker.child(3, node)
            let type = checker.checkStatements(content)
            if type != .never { checker.noteResult(type, at: checker.lastExpression(of: content), isWritten: true) }
            return checker.fallibleCount > 0
        }
        if fails { failingFunctions.insert(member) }
        if callsItself.contains(member), !mayEnd(child(3, node)) {
            report(
                Diagnostic(
                    code: .endlessRecursion, title: "`\(text(declaration.name))` calls itself for ever",
                    primary: Label(declaration.nameRange, "no way through it ends without calling it again")))
        }
        return context.declaredResult ?? ended.result
    }

    /// The expression that gives a block its value.
    private func lastExpression(of node: NodeID) -> NodeID {
        guard kind(node) == .block, let last = tree.children(of: node).last else { return node }
        switch kind(last) {
        case .letStatement, .varStatement, .assignment, .forLoop: return node
        default: return last
        }
    }

    /// Whether anything in it decides, so that a recursion can have an end.
    private func mayEnd(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .ifExpression, .matchExpression, .forLoop, .coalesce, .and, .or, .anyQuantifier, .allQuantifier,
            .listComprehension, .objectComprehension, .catchBinding, .catchValue, .error:
            return true
        case .name, .integer, .size, .duration, .float, .string, .trueLiteral, .falseLiteral, .nullLiteral:
            return false
        default:
            return tree.children(of: node).contains { $0.exists && mayEnd($0) }
        }
    }

    func typeOfConstant(_ member: MemberIndex) -> Type {
        if let known = memberTypes[member] { return known }
        let declaration = declarations[member]
        let name = text(declaration.name)
        guard inProgress.insert(member).inserted else {
            report(
                Diagnostic(
                    code: .notConstant, title: "the constant `\(name)` needs itself",
                    primary: Label(declaration.nameRange, "its value is asked for while it is made")))
            return .error
        }
        let result = inFile(declaration.key.file) { checker -> Type in
            let node = declaration.key.node
            var context = BodyContext(
                owner: "constant `\(name)`", purity: .pure("a constant is evaluated once, at load"), isReached: true)
            context.allowsReturn = false
            context.allowsRunEnds = false
            let (type, _) = checker.inBody(context) { checker -> Type in
                let found = checker.check(checker.child(2, node))
                let typeNode = checker.child(1, node)
                guard typeNode.exists else { return found }
                let type = checker.readType(typeNode)
                checker.expect(found, type, at: checker.child(2, node))
                checker.coerce(checker.child(2, node), found, to: type, checker.key(typeNode))
                return type
            }
            return type
        }
        inProgress.remove(member)
        memberTypes[member] = result
        return result
    }

    /// Handlers that the routes do not reach, as warnings. Whether it matters is for the caller to say: another
    /// app of the same scripts may reach them.
    func unreachedHandlers() -> [Diagnostic] {
        declarations.members.indices.map { MemberIndex($0) }.filter {
            declarations[$0].kind == .handler && !reached.contains($0)
        }.map {
            let name = text(declarations[$0].name)
            return Diagnostic(
                code: .unreachedHandler, title: "no route reaches the handler `\(name)`",
                primary: Label(declarations[$0].nameRange, "never called"))
        }
    }
}
