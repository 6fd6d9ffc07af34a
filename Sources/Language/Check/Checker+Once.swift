// Checker+Once.swift: `once: inventory`, and whether what a rule runs can be done once.
//
// Neighbours: Checker+Subscriptions.swift (the other options), WritingUnits.swift (finds what is written).

internal import Diagnostics
internal import Machine

/// A subscription with `once`.
struct OnceSubscription {
    /// Position among the deployment's resources.
    let database: Int
    /// Of the option.
    let range: SourceRange
    let rules: [CheckedRule]
    let file: Int
}

extension Checker {
    /// `once: inventory`; nil when it is in error.
    func readOnce(_ value: NodeID) -> ResourceIndex? {
        guard kind(value) != .error else { return nil }
        guard kind(value) == .name else {
            let databases = declarations.resources.filter { $0.kind == .database }.map { text($0.name) }
            report(
                .badOption(
                    "`once` names a database of this deployment", at: range(value),
                    help: databases.isEmpty ? [] : ["write `once: \(databases[0])`"]))
            return nil
        }
        checkResource(value, is: .database, for: "once")
        guard let name = symbol(value), let resource = declarations.resource(name),
            declarations.resources[resource].kind == .database
        else { return nil }
        return ResourceIndex(UInt16(truncatingIfNeeded: resource))
    }

    /// Keeps what is looked at when all handlers are checked.
    func noteOnce(_ options: NodeID, _ read: SubscriptionOptions, _ rules: [CheckedRule]) {
        guard let database = read.onceDatabase, options.exists,
            let option = tree.children(of: options).last(where: {
                kind($0) == .option && word(child(0, $0)) == "once"
            })
        else { return }
        onceSubscriptions.append(
            OnceSubscription(database: Int(database.rawValue), range: range(option), rules: rules, file: file))
    }

    /// Every rule of a subscription with `once` writes in one place.
    func checkWritingUnits() {
        var walks: [Int: WritingUnits] = [:]
        var told: Set<SourceRange> = []
        for subscription in onceSubscriptions {
            let walk = walks[subscription.database] ?? WritingUnits(self, database: subscription.database)
            walks[subscription.database] = walk
            let database = text(declarations.resources[subscription.database].name)
            for rule in subscription.rules {
                let places = walk.places(in: rule.action)
                if places.isEmpty {
                    // What could not be read may be what writes.
                    guard !declarations.hasErrors else { continue }
                    report(.nothingDoneOnce(rule.name, database, at: rule.range, option: subscription.range))
                } else if places.count > 1, told.insert(places[1]).inserted {
                    report(.severalWritingUnits(places, database, option: subscription.range))
                }
            }
        }
    }
}

extension Diagnostic {
    static func severalWritingUnits(_ places: WritingPlaces, _ database: String, option: SourceRange) -> Diagnostic {
        let isRepeated = places[0] == places[1]
        var related = [Label(option, "here it is to be done once for each event")]
        if !isRepeated { related.insert(Label(places[0], "this writes first"), at: 0) }
        return Diagnostic(
            code: .severalWritingUnits, title: "`once` needs one place that writes to `\(database)`",
            primary: Label(
                places[1],
                isRepeated ? "this may write more than once in a run" : "this writes again, in a transaction of its own"
            ),
            related: related,
            help: ["put all that is written into one `transaction \(database) { … }`: it is kept or undone as a whole"])
    }

    static func nothingDoneOnce(
        _ rule: String, _ database: String, at range: SourceRange, option: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: .nothingDoneOnce, title: "`once` does nothing for the rule `\(rule)`",
            primary: Label(range, "what it runs writes nothing to `\(database)`"),
            related: [Label(option, "so no row can be kept with it")],
            help: [
                "an event that comes again runs all of it again: `dedupe: 10m` remembers events without a database,"
                    + " or move the rule to a `subscribe` without `once`"
            ])
    }
}
