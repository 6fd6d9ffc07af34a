// Checker+Together.swift: `together [ … ]`, `together { … }` and `lock locks["resource"] (ttl: 30s) { … }`.
//
// A branch runs beside the others, so it keeps to itself: what it comes to is its value or its failure. The block of a
// `lock` is a block like any other. Neighbours: Checker+Compounds.swift (lists, objects, `update`),
// Lower/FunctionLowering+Together.swift, Lower/FunctionLowering+Locks.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    static let branchExit = "other branches are under way; a branch ends with its value, or with `fail`"

    /// Keys, spreads and the clause of a comprehension are evaluated before the branches begin, but nothing in them
    /// could do what a branch may not.
    func checkTogether(_ node: NodeID) -> Type {
        let place = firstWord(of: node, "together")
        if body.purity == .effects, let transaction = body.transaction {
            report(.togetherInTransaction(of: transaction.name, at: place))
        } else {
            requireEffects("is a `together`", at: place)
        }
        let saved = body
        body.isInTogether = true
        body.loopDepth = 0
        body.assignableFrom = locals.count
        body.confinement = .together
        let type = check(child(0, node))
        let results = body.result
        body = saved
        body.result = results
        return type
    }

    // Locks.

    func checkLock(_ node: NodeID) -> Type {
        let nameNode = child(0, node)
        requireEffects("is a `lock`", at: range(nameNode))
        fallibleCount += 1
        checkResource(nameNode, is: .lock, for: "lock")
        check(child(1, node), wanted: .string, what: "a resource's name")
        if child(2, node).exists { checkLockOptions(child(2, node)) }
        return checkBlock(child(3, node))
    }

    private func checkLockOptions(_ node: NodeID) {
        let known = ["ttl", "timeout"]
        for option in tree.children(of: node) where kind(option) == .option {
            let name = word(child(0, option))
            guard known.contains(name) else {
                report(
                    .unknownArgument(
                        name, of: "lock", known: known, at: range(child(0, option)), nearest: nearest(name, in: known)))
                continue
            }
            check(child(1, option), wanted: .duration, what: "`\(name)`")
            if name == "ttl", case .duration(let nanoseconds)? = fold(child(1, option)), nanoseconds <= 0 {
                report(.badOption("`ttl` is more than 0", at: range(child(1, option))))
            }
        }
    }
}

extension Diagnostic {
    static func togetherInTransaction(of database: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .effectNotAllowed, title: "the `transaction` covers `\(database)` alone",
            primary: Label(range, "its one connection does one thing after another"),
            help: ["write the statements one below the other: there is nothing to run beside them"])
    }
}
