// Checker+ListEffects.swift: effects that take lists: selectors as options, and the changes of a `transact`.
//
// Neighbours: Checker+Effects.swift (the rest of a call), EffectSignature.swift (which options may be selectors).

internal import Diagnostics
internal import Machine

extension Checker {
    /// `id: .order.id`: read from each item of the list. Gives `id.order.id`.
    func checkOptionSelector(
        _ argument: NodeID, _ signature: EffectSignature, taken: [String], _ options: [EffectCall.Option]
    ) -> String? {
        let value = child(1, argument)
        let name = word(child(0, argument))
        guard let option = EffectOption(name: name), signature.selectors.contains(option) else {
            report(.notAValue("a selector", "`\(name)` is the same for the whole call", at: range(value)))
            return nil
        }
        if isGivenTwice(argument, taken) { return nil }
        if options.contains(where: { $0.option == option }) {
            report(.wrongArgumentCount("`\(name)` is given twice", at: range(value)))
            return nil
        }
        return ([name] + tree.children(of: value).map { word($0) }).joined(separator: ".")
    }

    /// An option that a selector has given already.
    func isGivenTwice(_ argument: NodeID, _ selectors: [String]) -> Bool {
        let name = word(child(0, argument))
        guard selectors.contains(where: { $0.hasPrefix("\(name).") }) else { return false }
        report(.wrongArgumentCount("`\(name)` is given twice", at: range(child(1, argument))))
        return true
    }

    private static let changeFields = ["save", "value", "etag", "ttl", "delete"]

    /// What is known at load of `[{ save: key, value: v }, { delete: key }]`.
    func checkChanges(_ node: NodeID) {
        guard kind(node) == .list else { return }
        for change in tree.children(of: node) where kind(change) == .object {
            let entries = tree.children(of: change).filter { kind($0) == .entry || kind($0) == .shorthandEntry }
            guard entries.count == tree.children(of: change).count else { continue }
            let names = entries.map { word(child(0, $0)) }
            for (entry, name) in zip(entries, names) where !Self.changeFields.contains(name) {
                report(
                    .unknownChangeField(
                        name, known: Self.changeFields, at: range(child(0, entry)),
                        nearest: nearest(name, in: Self.changeFields)))
                return
            }
            let saves = names.contains("save")
            if saves == names.contains("delete") {
                report(.badChange("it \(saves ? "does both" : "does neither")", at: range(change)))
            } else if saves != names.contains("value") || !saves && names.contains("ttl") {
                report(
                    .badChange(saves ? "`value` is missing" : "what is deleted has an `etag` alone", at: range(change)))
            }
        }
    }
}

extension Diagnostic {
    static func badChange(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "a change saves one key or deletes one", primary: Label(range, why),
            help: ["write `{ save: key, value: v }` or `{ delete: key }`"])
    }

    static func unknownChangeField(
        _ name: String, known: [String], at range: SourceRange, nearest: String?
    ) -> Diagnostic {
        Diagnostic(
            code: .unknownField, title: "a change has no field `\(name)`",
            primary: Label(range, "fields are \(known.map { "`\($0)`" }.joined(separator: ", "))"),
            fix: nearest.map { .replacing(range, name, with: $0) })
    }
}
