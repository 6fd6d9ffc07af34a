// Checker+DeliveryPolicies.swift: the options of a `subscribe` that say how many deliveries run at once, in which
// order, how often, and in which form they come.
//
// Neighbours: Checker+Subscriptions.swift (the other options), Engine/DeliveryPolicies.swift (keeps to them).

internal import Diagnostics
internal import Machine
internal import Routing

extension Checker {
    static let policyOptions = [
        "concurrency", "limit", "ordered_by", "dedupe", "once", "raw", "bulk", "bulk_wait",
    ]
    /// Dapr gives every raw event this type.
    private static let rawType = "com.dapr.event.sent"
    private static let secondNanoseconds: Int64 = 1_000_000_000

    func readPolicy(_ name: String, _ value: NodeID, _ options: inout SubscriptionOptions) {
        switch name {
        case "concurrency":
            options.concurrency = wholeNumber(value, "`concurrency`", 1...100_000) ?? options.concurrency
        case "limit":
            options.limitPerSecond =
                wholeNumber(value, "`limit`", 1...1_000_000, " of events a second")
                ?? options.limitPerSecond
        case "dedupe":
            options.dedupeNanoseconds =
                duration(value, "`dedupe`", example: "10m", atMost: 7 * 86_400, "7 days")
                ?? options.dedupeNanoseconds
        case "bulk":
            options.bulkMessagesMax =
                wholeNumber(value, "`bulk`", 1...10_000, " of events a delivery")
                ?? options.bulkMessagesMax
        case "bulk_wait":
            options.bulkWaitNanoseconds =
                duration(value, "`bulk_wait`", example: "50ms", atMost: 60, "a minute")
                ?? options.bulkWaitNanoseconds
        case "raw":
            if case .bool(let isRaw)? = constantOption(value, "`true` or `false`") {
                options.isRaw = isRaw
            } else if kind(value) != .error, fold(value) != nil {
                report(.badOption("`raw` is `true` or `false`", at: range(value)))
            }
        default: break
        }
    }

    func wholeNumber(
        _ value: NodeID, _ what: String, _ bounds: ClosedRange<Int64>, _ unit: String = ""
    ) -> Int? {
        guard kind(value) != .error else { return nil }
        if case .int(let number)? = fold(value), bounds.contains(number) { return Int(number) }
        report(
            .badOption("\(what) is a number\(unit) from \(bounds.lowerBound) to \(bounds.upperBound)", at: range(value))
        )
        return nil
    }

    private func duration(
        _ value: NodeID, _ what: String, example: String, atMost seconds: Int64, _ longest: String
    ) -> Int64? {
        guard kind(value) != .error else { return nil }
        if case .duration(let length)? = fold(value), length > 0, length <= seconds * Self.secondNanoseconds {
            return length
        }
        report(
            .badOption(
                "\(what) is a duration above zero and at most \(longest), such as `\(example)`", at: range(value)))
        return nil
    }

    /// What the options mean only together.
    func checkPolicies(_ node: NodeID, _ options: SubscriptionOptions) {
        func named(_ name: String) -> NodeID? {
            tree.children(of: node).first { kind($0) == .option && word(child(0, $0)) == name }
        }
        if options.isRaw, let raw = named("raw") {
            for name in ["dedupe", "once"] {
                guard let other = named(name) else { continue }
                report(.identityOfRaw(name, at: range(child(0, other)), raw: range(raw)))
            }
        }
        if let wait = named("bulk_wait"), named("bulk") == nil {
            report(
                .badOption(
                    "nothing waits for company without `bulk`", at: range(child(0, wait)),
                    help: ["add `bulk: 100`, how many events may come at once"]))
        }
    }

    /// `ordered_by: event.data.id`, nil when there is none or it is in error.
    func checkOrderKey(_ options: NodeID) -> NodeKey? {
        let option = tree.children(of: options).last { kind($0) == .option && word(child(0, $0)) == "ordered_by" }
        guard let option, kind(child(1, option)) != .error else { return nil }
        let value = child(1, option)
        guard kind(value) != .interval else {
            report(.badOption("`ordered_by` is one value of the event, not an interval", at: range(value)))
            return nil
        }
        var context = BodyContext(
            owner: "this `ordered_by`", purity: .pure("an `ordered_by` is pure: it is asked for every event"),
            isReached: true)
        context.isPredicate = true
        context.allowsReturn = false
        context.allowsRunEnds = false
        let (type, _) = inBody(context) { checker in
            checker.bindImplicit(.event, .any)
            return checker.check(value)
        }
        guard let why = Self.whyNoKey(type) else { return key(value) }
        report(
            .badOption(
                why, at: range(value),
                help: [
                    "events with the same key run one after another; `null` is no key, and such events wait for nobody"
                ]))
        return nil
    }

    private static func whyNoKey(_ type: Type) -> String? {
        switch type.unwrapped {
        case .null: "this is always `null`, so nothing would be in order"
        case .list, .dictionary, .object, .record, .event, .request:
            "a key is a text, a number, a bool, bytes, a time or a duration"
        case .failure, .response, .secret: "this is no value of an event"
        default: nil
        }
    }

    /// The types that rules ask for on a raw subscription: all its events have the same one.
    func checkRawPatterns(_ patterns: [String], at nodes: [NodeID]) {
        for (pattern, node) in zip(patterns, nodes) where !pattern.isEmpty && !Glob(pattern).matches(Self.rawType) {
            report(
                Diagnostic(
                    code: .ruleNeverMatches, title: "this rule can never match",
                    primary: Label(range(node), "every event of a raw subscription has the type `\(Self.rawType)`"),
                    help: ["write `on where …` and look at `event.data`, the bytes as they were published"]))
        }
    }
}

extension Diagnostic {
    /// - Parameter name: `dedupe` or `once`.
    static func identityOfRaw(_ name: String, at range: SourceRange, raw: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badOption, title: "`\(name)` does not go with `raw`",
            primary: Label(range, "an event is told again by its `source` and `id`"),
            related: [Label(raw, "a raw event has none: the sidecar makes up an id at every delivery")],
            help: ["let the publisher send CloudEvents, or remove `\(name)`"])
    }
}
