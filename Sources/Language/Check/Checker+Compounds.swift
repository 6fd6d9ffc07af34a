// Checker+Compounds.swift: expressions that hold blocks or bind names.
//
// Neighbours: Checker+Match.swift (patterns), Checker+Statements.swift (blocks).

internal import Diagnostics
internal import Machine

extension Checker {
    func checkList(_ node: NodeID) -> Type {
        var item = Type.never
        for element in tree.children(of: node) {
            guard kind(element) == .spread else {
                item = item.joined(with: check(element))
                continue
            }
            let type = check(child(0, element))
            switch type.unwrapped {
            case .list(let inner): item = item.joined(with: inner)
            case .any, .error, .never: item = .any
            default:
                report(.wrongType(declarations.describe(type), wanted: "a list", at: range(child(0, element))))
            }
        }
        return .list(item)
    }

    func checkObject(_ node: NodeID) -> Type {
        var fields = UniqueEntries<Type>()
        for entry in tree.children(of: node) {
            switch kind(entry) {
            case .entry: fields.put(word(child(0, entry)), check(child(1, entry)))
            case .shorthandEntry: fields.put(word(child(0, entry)), checkName(child(0, entry)))
            case .computedEntry:
                check(child(0, entry), wanted: .string, what: "a key")
                check(child(1, entry))
                fields.removeAll()
            case .spread:
                let type = check(child(0, entry))
                switch type.unwrapped {
                case .object(let others): for other in others { fields.put(other.name, other.type) }
                case .any, .error, .never, .dictionary, .record, .event, .request, .failure: fields.removeAll()
                default:
                    report(.wrongType(declarations.describe(type), wanted: "an object", at: range(child(0, entry))))
                }
            default: break
            }
        }
        return .object(fields.all.map { Type.Field(name: $0.key, type: $0.value) })
    }

    func checkComprehension(_ node: NodeID) -> Type {
        inScope { checker in
            let clause = checker.child(checker.kind(node) == .listComprehension ? 1 : 2, node)
            if checker.kind(clause) == .clause {
                checker.checkClause(Array(checker.tree.children(of: clause)))
            }
            if checker.kind(node) == .listComprehension { return .list(checker.check(checker.child(0, node))) }
            checker.check(checker.child(0, node), wanted: .string, what: "a key")
            return .dictionary(checker.check(checker.child(1, node)))
        }
    }

    func checkQuantifier(_ node: NodeID) -> Type {
        let type = check(child(1, node)).unwrapped
        var item = Type.any
        switch type {
        case .list(let element): item = element == .never ? .any : element
        case .dictionary(let value): item = value
        case .any, .object, .record: break
        case .error, .never: item = .error
        default:
            if !body.isPredicate {
                report(.wrongType(declarations.describe(type), wanted: "a list", at: range(child(1, node))))
            }
            item = .error
        }
        return inScope { checker in
            checker.bind(checker.child(0, node), item)
            checker.checkDecision(checker.child(2, node))
            return .bool
        }
    }

    func checkIf(_ node: NodeID) -> Type {
        checkDecision(child(0, node))
        let first = checkBlock(child(1, node))
        let other = child(2, node)
        guard other.exists else { return first.joined(with: .null) }
        return first.joined(with: kind(other) == .block ? checkBlock(other) : check(other))
    }

    // Catch.

    func checkCatch(_ node: NodeID) -> Type {
        if body.transaction != nil {
            let why = "a failure rolls the `transaction` back; catch it behind the block"
            report(.misplaced("catch", why: why, at: range(child(1, node))))
        }
        let before = fallibleCount
        let value = check(child(0, node))
        if fallibleCount == before, value != .error {
            report(
                Diagnostic(
                    code: .nothingToCatch, title: "nothing here can fail",
                    primary: Label(range(child(0, node)), "no effect, no handler and no `fail` in it"),
                    help: ["take the `catch` away; for null there is `??`"]))
        }
        fallibleCount = before
        if kind(node) == .catchValue { return value.joined(with: check(child(1, node))) }
        return inScope { checker in
            checker.bind(checker.child(1, node), .failure, isReported: false)
            return value.joined(with: checker.checkStatements(checker.child(2, node)))
        }
    }

    // Update.

    /// `update store[key] (tries: 10, ttl: 1h) as current { … }`
    func checkUpdate(_ node: NodeID) -> Type {
        let nameNode = child(0, node)
        requireEffects("is an `update`", at: range(nameNode))
        fallibleCount += 1
        checkResource(nameNode, is: .store, for: "update")
        check(child(1, node), wanted: .string, what: "a key")
        if child(2, node).exists { checkUpdateOptions(child(2, node)) }
        let saved = body
        body.purity = .pure("the block of an `update` is pure: it runs again when another writer was faster")
        body.isInUpdate = true
        body.loopDepth = 0
        body.assignableFrom = locals.count
        body.confinement = .update
        let result = inScope { checker in
            checker.bind(checker.child(3, node), .any, isReported: false)
            return checker.checkStatements(checker.child(4, node))
        }
        let results = body.result
        body = saved
        body.result = results
        return result == .error ? .error : .any
    }

    /// The resource that a statement of its own names: `update store`, `transaction database`.
    func checkResource(_ nameNode: NodeID, is wanted: ResourceKind, for statement: String) {
        guard let name = symbol(nameNode) else { return }
        if let index = declarations.resource(name) {
            let resource = declarations.resources[index]
            if resource.kind != wanted {
                report(
                    Diagnostic(
                        code: .unknownResource, title: "`\(statement)` needs a \(wanted.rawValue)",
                        primary: Label(range(nameNode), "this is a \(resource.kind.rawValue)"),
                        related: [Label(resource.nameRange, "declared here")]))
            }
        } else if body.isReached, !isSaturated, !mayBeUnreadLocal(nameNode) {
            let spelling = text(name)
            let known = declarations.resources.filter { $0.kind == wanted }.map { text($0.name) }
            let close = nearest(spelling, in: known)
            report(
                Diagnostic(
                    code: .unknownResource, title: "unknown resource `\(spelling)`",
                    primary: Label(range(nameNode), "no \(wanted.rawValue) of this deployment has this name"),
                    help: close != nil
                        ? []
                        : [
                            known.isEmpty
                                ? "declare it beside the routes: `\(wanted.rawValue) \(spelling) = \(wanted == .database ? "secret(\"…\")" : "\"…\"")`"
                                : "known are \(listing(known))"
                        ],
                    fix: close.map { .replacing(range(nameNode), spelling, with: $0) }))
        }
    }

    private func checkUpdateOptions(_ node: NodeID) {
        let known: [String: Type] = ["tries": .int, "ttl": .duration, "timeout": .duration]
        for option in tree.children(of: node) where kind(option) == .option {
            let name = word(child(0, option))
            guard let type = known[name] else {
                report(
                    .unknownArgument(
                        name, of: "update", known: known.keys.sorted(), at: range(child(0, option)),
                        nearest: nearest(name, in: known.keys.sorted())))
                continue
            }
            check(child(1, option), wanted: type, what: "`\(name)`")
            if name == "tries", case .int(let tries)? = fold(child(1, option)), tries < 1 {
                report(.badOption("`tries` is 1 or more", at: range(child(1, option))))
            }
        }
    }
}

extension Diagnostic {
    /// - Parameter constant: what stands there, when it is known: a number or a text without its unit.
    static func badDuration(_ what: String, _ constant: Constant?, at range: SourceRange) -> Diagnostic {
        let meant: String? =
            switch constant {
            case .int(let seconds)? where seconds > 0: "\(seconds)s"
            case .string(let text)? where text.isDuration: text
            default: nil
            }
        return Diagnostic(
            code: .badOption, title: "invalid option",
            primary: Label(range, "\(what) is a duration above zero, such as `5s`"),
            fix: meant.map { Suggestion(range: range, replacement: $0, text: "write `\($0)`") })
    }

    static func badOption(_ why: String, at range: SourceRange, help: [String] = []) -> Diagnostic {
        Diagnostic(code: .badOption, title: "invalid option", primary: Label(range, why), help: help)
    }
}

extension String {
    /// `10s`, `250ms`: what a duration looks like without its quotes.
    var isDuration: Bool {
        let digits = prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && ["ms", "s", "m", "h", "d"].contains(dropFirst(digits.count))
    }
}
