// Checker+Statements.swift: blocks, locals, loops, and the ways out.
//
// Neighbours: Checker+Expressions.swift, Checker+Compounds.swift (if, match, update, catch).

internal import Diagnostics
internal import Machine

extension Checker {
    /// A block in a scope of its own; its value is the last expression's.
    func checkBlock(_ node: NodeID) -> Type {
        inScope { $0.checkStatements(node) }
    }

    func checkStatements(_ node: NodeID) -> Type {
        guard kind(node) == .block else { return check(node) }
        var result = Type.null
        var ended: NodeID?
        var isReported = false
        for statement in tree.children(of: node) {
            if let ended, !isReported {
                report(.unreachable(at: range(statement), after: range(ended)))
                isReported = true
            }
            result = checkStatement(statement)
            if result == .never, ended == nil { ended = statement }
        }
        return ended == nil ? result : .never
    }

    private func checkStatement(_ node: NodeID) -> Type {
        switch kind(node) {
        case .letStatement, .varStatement: return checkLocal(node)
        case .assignment: return checkAssignment(node)
        case .forLoop: return checkFor(node)
        default: return check(node)
        }
    }

    private func checkLocal(_ node: NodeID) -> Type {
        let typeNode = child(1, node)
        let expression = child(2, node)
        let found = check(expression)
        var type = found
        if typeNode.exists {
            type = readType(typeNode)
            expect(found, type, at: expression)
            coerce(expression, found, to: type, key(typeNode))
        } else if kind(node) == .varStatement, found != .error {
            type = .any
        }
        let isVariable = kind(node) == .varStatement
        bind(child(0, node), type == .never ? .error : type, isVariable: isVariable)
        return found == .never ? .never : .null
    }

    private func checkAssignment(_ node: NodeID) -> Type {
        let nameNode = child(0, node)
        let value = check(child(1, node))
        guard let name = symbol(nameNode) else { return .error }
        guard let index = local(named: name) else {
            if declarations.member(name, in: module) != nil {
                report(.notAssignable("`\(text(name))` is not a local", at: range(nameNode), declared: nil))
            } else {
                reportUnknownName(nameNode, candidates: locals.filter(\.isVariable).map { text($0.name) })
            }
            return .null
        }
        let local = locals[index]
        if !local.isVariable {
            locals[index].isUsed = true
            report(
                .notAssignable(
                    "`\(text(name))` keeps its value", at: range(nameNode), declared: local.range))
        } else if index < body.assignableFrom {
            report(.assignmentOutside(text(name), of: body.confinement, at: range(nameNode), declared: local.range))
        } else {
            expect(value, local.type, at: child(1, node))
        }
        if tree.flag(of: node) != AssignmentOperator.set.rawValue {
            locals[index].isUsed = true
            if !value.isOpen, !value.unwrapped.isNumber {
                report(.wrongType(declarations.describe(value), wanted: "a number", at: range(child(1, node))))
            }
        }
        return .null
    }

    private func checkFor(_ node: NodeID) -> Type {
        inScope { checker in
            checker.checkClause(Array(checker.tree.children(of: node).prefix(4)))
            checker.body.loopDepth += 1
            _ = checker.checkBlock(checker.child(4, node))
            checker.body.loopDepth -= 1
        }
        return .null
    }

    /// `name name? subject where?` of a loop or a comprehension: binds the names.
    func checkClause(_ nodes: [NodeID]) {
        let (first, second, subject) = (nodes[0], nodes[1], nodes[2])
        if kind(subject) == .interval {
            for end in tree.children(of: subject) {
                if end.exists { check(end, wanted: .int, what: "an end of a range") }
            }
            if isEmptyInterval(subject) { report(.emptyRange("this loop never runs", at: range(subject))) }
            bind(second.exists ? second : first, .int)
            if second.exists { bind(first, .int) }
        } else {
            let type = check(subject).unwrapped
            var item = Type.any
            var index = Type.any
            switch type {
            case .list(let element): (item, index) = (element == .never ? .any : element, .int)
            case .dictionary(let value): (item, index) = (value, .string)
            case .object, .record, .event, .request: index = .string
            case .any: break
            case .error, .never: (item, index) = (.error, .error)
            default:
                report(
                    .wrongType(
                        declarations.describe(type), wanted: "a list, an object or a range", at: range(subject)))
                (item, index) = (.error, .error)
            }
            // One name is the item; two are the index (of an object: the key) and the item.
            if second.exists {
                bind(first, index)
                bind(second, item)
            } else {
                bind(first, item)
            }
        }
        if nodes[3].exists { checkDecision(nodes[3]) }
    }

    // Exits.

    func checkExit(_ node: NodeID) -> Type {
        let count = diagnostics.count
        checkExitPlace(node)
        // One that cannot stand here ends nothing.
        return diagnostics.count > count && diagnostics[diagnostics.count - 1].code == .misplacedStatement
            ? .error : .never
    }

    private func checkExitPlace(_ node: NodeID) {
        switch kind(node) {
        case .returnExit: checkReturn(node)
        case .retryExit, .dropExit:
            let word = kind(node) == .retryExit ? "retry" : "drop"
            if child(0, node).exists { check(child(0, node), wanted: .optional(.string), what: "the reason") }
            if body.transaction != nil {
                report(.misplaced(word, why: Self.transactionExit, at: range(node)))
            } else if !body.allowsRunEnds || body.isInUpdate {
                report(.misplaced(word, why: "only a handler ends the run", at: range(node)))
            } else if body.isInTogether {
                report(.misplaced(word, why: Self.branchExit, at: range(node)))
            }
        case .failExit:
            let found = check(child(0, node))
            if found.unwrapped == .string || found.unwrapped.isText {
                report(.failureNeedsClass(at: range(child(0, node))))
            } else {
                expect(found, .failure, at: child(0, node), what: "`fail`")
            }
            fallibleCount += 1
            if body.isPredicate { report(.misplaced("fail", why: "\(body.owner) cannot fail", at: range(node))) }
        case .keepExit:
            if !body.isInUpdate { report(.misplaced("keep", why: "only in the block of an `update`", at: range(node))) }
        default:
            let word = kind(node) == .breakExit ? "break" : "continue"
            guard body.loopDepth == 0 else { return }
            let why = body.isInTogether ? Self.branchExit : "not inside a loop"
            report(.misplaced(word, why: why, at: range(node)))
        }
    }

    private func checkReturn(_ node: NodeID) {
        let value = child(0, node)
        let type = value.exists ? check(value) : .null
        if body.transaction != nil {
            report(.misplaced("return", why: Self.transactionExit, at: range(node)))
            return
        }
        if !body.allowsReturn || body.isInUpdate {
            let why =
                body.isInUpdate ? "the block's last expression is what is stored" : "there is nothing to return from"
            report(.misplaced("return", why: why, at: range(node)))
            return
        }
        if body.isInTogether {
            report(.misplaced("return", why: Self.branchExit, at: range(node)))
            return
        }
        noteResult(type, at: value.exists ? value : node, isWritten: value.exists)
    }

    /// A value that the body gives: checked against the written result type.
    func noteResult(_ type: Type, at node: NodeID, isWritten: Bool) {
        if let declared = body.declaredResult {
            expect(type, declared, at: node, what: "the result")
            if isWritten { coerce(node, type, to: declared, body.declaredResultNode) }
        }
        body.result = body.result.joined(with: type)
    }
}

extension Diagnostic {
    static func failureNeedsClass(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "a failure has a class, and then its text",
            primary: Label(range, "this is the text alone"),
            help: [
                "`fail invalid(\"…\")`, or `unauthorized forbidden not_found conflict precondition too_many internal "
                    + "unavailable timeout`"
            ])
    }

    static func unreachable(at range: SourceRange, after exit: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .unreachableCode, title: "this is never reached", primary: Label(range, "nothing comes here"),
            related: [Label(exit, "every way ends here")])
    }

    static func misplaced(_ word: String, why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .misplacedStatement, title: "`\(word)` cannot stand here", primary: Label(range, why))
    }

    static func notAssignable(_ why: String, at range: SourceRange, declared: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: .notAssignable, title: "this cannot be given another value", primary: Label(range, why),
            related: declared.map { [Label($0, "bound here")] } ?? [],
            help: declared == nil ? [] : ["bind it with `var` to change it"])
    }

    static func assignmentOutside(
        _ name: String, of block: Confinement, at range: SourceRange, declared: SourceRange
    ) -> Diagnostic {
        let owner =
            switch block {
            case .update: "the block of an `update`"
            case .transaction: "the block of a `transaction`"
            case .together: "a branch of a `together`"
            }
        let isBranch = block == .together
        return Diagnostic(
            code: .assignmentOutside, title: "\(owner) assigns `\(name)` outside of it",
            primary: Label(
                range, isBranch ? "the branches run at the same time" : "the block runs again on a conflict"),
            related: [Label(declared, "bound outside")],
            help: [
                isBranch
                    ? "let the value be the branch's own, and take it from what the `together` gives"
                    : "give the value as the block's last expression, or bind a `var` inside"
            ])
    }
}
