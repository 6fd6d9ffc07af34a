// FunctionLowering.swift: one function: its parameters, its body, its end.
//
// Neighbours: FunctionLowering+Expressions.swift and its siblings (what is inside).

internal import Diagnostics
internal import Machine

extension Lowering {
    func lower(_ function: PendingFunction) {
        assembler.begin(function.index)
        owner = function.owner
        frame = Frame()
        switch function.content {
        case .member(let member):
            enter(declarations[member].key)
            if declarations[member].kind == .handler { lowerHandler(member) } else { lowerFunction(member) }
        case .block(let node, let route, let dataType): lowerRuleBlock(node, route, dataType)
        case .predicate(let node): lowerPredicate(node)
        case .orderKey(let node): lowerOrderKey(node)
        case .wrapper(let member, let dataType): lowerWrapper(member, dataType, function.range)
        case .branch(let branch): lowerBranch(branch)
        case .constant(let member): lowerConstant(member)
        }
        if let place = frame.overflow { diagnostics.append(.tooLarge(at: place)) }
        assembler.end(registerCount: max(frame.highest, 1))
    }

    func enter(_ key: NodeKey) {
        frame.file = key.file
        frame.tree = declarations.files[key.file].tree
    }

    private func lowerHandler(_ member: MemberIndex) {
        let node = declarations[member].key.node
        let place = declarations[member].nameRange
        let argument = frame.take(at: place)
        let parameter = child(1, node)
        if parameter.exists {
            bind(child(0, parameter), to: argument)
            let type = child(1, parameter)
            if type.exists, kind(type) == .typeName, child(2, type).exists {
                let field = word(child(0, type)) == "Request" ? "body" : "data"
                fit(argument, field, to: key(child(2, type)), symbol: frame.tree.symbol(of: child(0, parameter)), type)
            }
        }
        lowerBody(child(2, node))
    }

    /// `event.data` or `request.body`, checked against its type as the handler starts.
    ///
    /// - Parameter symbol: the parameter's name; nil when nothing can read it.
    private func fit(_ argument: Int, _ field: String, to type: NodeKey, symbol: Symbol?, _ place: NodeID) {
        guard let shape = shape(of: type) else { return }
        let register = frame.take(at: range(place))
        let name = assembler.constant(.string(field))
        assembler.emit(.getField, register, argument, word: name, at: range(place))
        assembler.emit(.fit, register, register, 0, word: shape.rawValue, at: range(place))
        if let symbol { frame.fitted = Frame.Fitted(symbol: symbol, key: field, register: register) }
    }

    /// A handler's statements. What it gives is what it returns; falling off the end gives null.
    private func lowerBody(_ node: NodeID) {
        scoped { $0.lowerStatements(node, into: nil) }
        if !leaves(node) { assembler.emit(.returnNull, at: end(of: node)) }
    }

    private func end(of node: NodeID) -> SourceRange {
        let whole = range(node)
        return SourceRange(file: whole.file, start: max(whole.start, whole.end - min(1, whole.end)), end: whole.end)
    }

    private func lowerFunction(_ member: MemberIndex) {
        let node = declarations[member].key.node
        let list = child(1, node)
        if list.exists {
            for parameter in children(list) {
                let register = frame.take(at: range(parameter))
                bind(child(0, parameter), to: register)
            }
        }
        let body = child(3, node)
        if leaves(body) {
            lowerStatements(body, into: nil)
            return
        }
        let result = take(node)
        lowerStatements(body, into: result)
        assembler.emit(.returnValue, result, at: end(of: body))
    }

    private func lowerRuleBlock(_ node: NodeKey, _ route: RouteKind, _ dataType: NodeKey?) {
        enter(node)
        let argument = take(node.node)
        // A word that no file of the deployment contains has no symbol; the block is lowered all the same.
        let symbol = declarations.symbols.symbol(for: route.parameter)
        if let symbol { frame.names.append(Frame.Name(symbol: symbol, register: argument, isVariable: false)) }
        if let dataType {
            fit(argument, route == .event ? "data" : "body", to: dataType, symbol: symbol, node.node)
        }
        lowerBody(node.node)
    }

    private func lowerPredicate(_ node: NodeKey) {
        enter(node)
        frame.isPredicate = true
        let no = assembler.newLabel()
        lowerCondition(node.node, jumpIf: false, to: no)
        assembler.emit(.returnBool, 0, 1, at: range(node.node))
        assembler.bind(no)
        assembler.emit(.returnBool, 0, 0, at: range(node.node))
    }

    private func lowerOrderKey(_ node: NodeKey) {
        enter(node)
        frame.isPredicate = true
        let result = take(node.node)
        lower(node.node, into: result)
        assembler.emit(.returnValue, result, at: range(node.node))
    }

    /// The event with its data fitted goes to a handler that does not name the type itself.
    private func lowerWrapper(_ member: MemberIndex, _ dataType: NodeKey, _ place: SourceRange) {
        enter(dataType)
        let argument = frame.take(at: place)
        let data = frame.take(at: place)
        let name = frame.take(at: place)
        let event = frame.take(at: place)
        guard let shape = shape(of: dataType) else { return }
        let field = assembler.constant(.string("data"))
        assembler.emit(.getField, data, argument, word: field, at: place)
        assembler.emit(.fit, data, data, 0, word: shape.rawValue, at: place)
        assembler.emit(.beginObject, event, at: place)
        assembler.emit(.insertAll, event, argument, at: place)
        assembler.emit(.loadConstant, name, word: field, at: place)
        assembler.emit(.insert, event, name, data, at: place)
        let window = frame.take(at: place)
        move(event, into: window, at: place)
        let target = function(of: member)
        assembler.emit(.call, data, window, word: target.rawValue, at: place)
        assembler.emit(.returnValue, data, at: place)
    }

    private func lowerConstant(_ member: MemberIndex) {
        let declaration = declarations[member]
        enter(declaration.key)
        let expression = child(2, declaration.key.node)
        let result = take(expression)
        lower(expression, into: result)
        assembler.emit(.returnValue, result, at: range(expression))
    }
}

extension Diagnostic {
    static func notBuildable(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .tooLarge, title: "this deployment is too large to be compiled", primary: Label(range, why))
    }

    static func tooLarge(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .tooLarge, title: "this handler holds too many values at once",
            primary: Label(range, "more than \(Frame.registersMax) locals and intermediate values"),
            help: ["move a part of it into a `fn` or a handler of its own"])
    }
}
