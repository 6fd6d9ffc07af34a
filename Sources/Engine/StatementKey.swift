// StatementKey.swift: which statements of a deployment another one had already.
//
// A reload asks its databases about what is new and nothing else: an edit of routes waits for no database, and
// a statement that broke under the live generation does not keep out the change that has nothing to do with it.
// Neighbours: DeploymentLoader.swift.

internal import Language
internal import Machine

/// What decides a database's answer about a statement.
private struct StatementKey: Hashable {
    let target: ResourceTarget
    let kind: EffectKind
    let text: String
    let values: [KnownValue]

    init(_ statement: CompiledStatement, in compiled: CompiledDeployment) {
        target = compiled.resources[Int(statement.resource.rawValue)].target
        kind = statement.kind
        text = statement.text
        values = statement.values
    }
}

extension CompiledDeployment {
    /// The statements that `other` has not.
    func statements(missingIn other: CompiledDeployment?) -> [CompiledStatement] {
        guard let other, !statements.isEmpty else { return statements }
        let known = Set(other.statements.lazy.map { StatementKey($0, in: other) })
        return statements.filter { !known.contains(StatementKey($0, in: self)) }
    }
}
