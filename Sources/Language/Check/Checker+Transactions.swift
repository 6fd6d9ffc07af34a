// Checker+Transactions.swift: `transaction db (timeout: 5s) { … }`, and what its block may do.
//
// The block runs again when the database asks for it, and all of it may be undone: so it holds the statements of its
// own database and pure code, and nothing that would outlive a rollback.
// Neighbours: Checker+Compounds.swift (`update`, the other block that runs again), Lower/FunctionLowering+Transactions.

internal import Diagnostics
internal import Machine

/// The `transaction` whose block is being checked.
struct TransactionContext {
    /// As it is written.
    let name: String
    /// Position among the deployment's resources; nil when there is no database of this name, which has been told.
    let resource: Int?
}

extension Checker {
    static let transactionExit = "the block ends at its last expression, or with `fail`, which rolls it back"

    func checkTransaction(_ node: NodeID) -> Type {
        let nameNode = child(0, node)
        requireEffects("is a `transaction`", at: range(nameNode))
        fallibleCount += 1
        checkResource(nameNode, is: .database, for: "transaction")
        if child(1, node).exists { checkTransactionOptions(child(1, node)) }
        let saved = body
        let resource = symbol(nameNode).flatMap { declarations.resource($0) }
        body.transaction = TransactionContext(
            name: word(nameNode),
            resource: resource.flatMap { declarations.resources[$0].kind == .database ? $0 : nil })
        body.loopDepth = 0
        body.assignableFrom = locals.count
        body.confinement = .transaction
        let type = checkBlock(child(2, node))
        let results = body.result
        body = saved
        body.result = results
        return type
    }

    private func checkTransactionOptions(_ node: NodeID) {
        for option in tree.children(of: node) where kind(option) == .option {
            let name = word(child(0, option))
            guard name == "timeout" else {
                report(
                    .unknownArgument(
                        name, of: "transaction", known: ["timeout"], at: range(child(0, option)),
                        nearest: nearest(name, in: ["timeout"])))
                continue
            }
            check(child(1, option), wanted: .duration, what: "`timeout`")
        }
    }

    /// Reports an effect where it may not be: in pure code, or in the `transaction` of a database that it is not of.
    func requireEffect(_ signature: EffectSignature, resource: Int?, label: String, at range: SourceRange) {
        if body.purity == .effects, let transaction = body.transaction {
            switch signature.kind {
            case .sqlExecute, .sqlOne, .sqlRows:
                if transaction.resource == nil || transaction.resource == resource { return }
            case .publish, .publishAll, .forward:
                // Kept in the database's outbox until the transaction is committed.
                if body.isReached, let resource = transaction.resource { routes.outboxDatabases.insert(resource) }
                return
            default: break
            }
        }
        requireEffects("asks for `\(label)`", at: range)
    }
}

extension Diagnostic {
    static func effectInTransaction(_ what: String, of database: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .effectNotAllowed, title: "the `transaction` covers `\(database)` alone",
            primary: Label(range, "this \(what)"),
            help: ["ask before the `transaction`, or after it: what is done elsewhere is not rolled back"])
    }
}
