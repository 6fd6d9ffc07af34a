// Checker+Subscriptions.swift: one `subscribe`: its topic, options and rules.
//
// Neighbours: Checker+Routes.swift (actions), Contradiction.swift (a `where` that nothing satisfies).

internal import Diagnostics
internal import Machine
internal import Routing

extension Checker {
    func checkSubscription(_ node: NodeID) {
        let nameNode = child(0, node)
        guard kind(nameNode) == .string else { return }
        let target = tree.string(of: nameNode)
        let parts = target.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count != 2 || parts.contains("") {
            report(.badTopic(at: range(nameNode)))
            return
        }
        if let other = routes.subscribed[target] {
            report(
                Diagnostic(
                    code: .duplicateSubscription, title: "`\(target)` is subscribed twice",
                    primary: Label(range(nameNode), "one `subscribe` a topic and app"),
                    related: [Label(other, "first subscribed here")], help: ["put the rules into one of them"]))
        }
        routes.subscribed[target] = routes.subscribed[target] ?? range(nameNode)
        var options = SubscriptionOptions()
        let optionsNode = child(1, node)
        let count = diagnostics.count
        var orderKey: NodeKey?
        if optionsNode.exists {
            readSubscriptionOptions(optionsNode, &options)
            checkPolicies(optionsNode, options)
            orderKey = checkOrderKey(optionsNode)
        }
        if options.deadLetterTopic == nil, diagnostics.count == count, isHeadIntact(node) {
            report(
                Diagnostic(
                    code: .noDeadLetter, title: "`\(target)` has no dead-letter topic",
                    primary: Label(range(nameNode), "an event that keeps failing may be lost"),
                    help: ["add `(dead_letter: \"\(parts[1])-dead\")`, and an inbound retry policy at the sidecar"]))
        }
        var above = RulesAbove()
        for rule in tree.children(of: node).dropFirst(2) where rule.exists {
            if let checked = checkRule(rule, below: &above, options) { above.append(checked) }
        }
        noteOnce(optionsNode, options, above.rules)
        routes.subscriptions.append(
            CheckedSubscription(
                pubsub: parts[0], topic: parts[1], options: options, orderKey: orderKey, rules: above.rules,
                range: range(nameNode)))
    }

    /// Whether all could be read from `subscribe` to the end of its first rule: an option may stand there that was not
    /// read as one.
    private func isHeadIntact(_ node: NodeID) -> Bool {
        guard let first = tree.children(of: node).dropFirst(2).first, first.exists else { return !tree.hasErrors }
        let whole = range(node)
        return isIntact(around: SourceRange(file: whole.file, start: whole.start, end: range(first).end))
    }

    // Options.

    private static let optionNames = ["match", "dead_letter", "timeout", "retry", "backoff"] + policyOptions

    private func readSubscriptionOptions(_ node: NodeID, _ options: inout SubscriptionOptions) {
        for option in tree.children(of: node) where kind(option) == .option {
            let name = word(child(0, option))
            let value = child(1, option)
            switch name {
            case "match":
                switch constantOption(value, "`\"first\"` or `\"all\"`") {
                case .string("first")?: options.matchesAll = false
                case .string("all")?: options.matchesAll = true
                case .some: report(.badOption("`match` is `\"first\"` or `\"all\"`", at: range(value)))
                case nil: break
                }
            case "dead_letter":
                guard let text = constantOption(value, "a topic") else { break }
                if case .string(let topic) = text, !topic.isEmpty {
                    options.deadLetterTopic = topic
                } else {
                    report(.badOption("`dead_letter` is a topic of the same pub/sub, as text", at: range(value)))
                }
            case "timeout", "retry", "backoff": readEndOption(name, value, &options)
            case "once": options.onceDatabase = readOnce(value)
            case _ where Self.policyOptions.contains(name): readPolicy(name, value, &options)
            default: reportOption(name, at: child(0, option), known: Self.optionNames)
            }
        }
    }

    /// How long a delivery may take, and what comes after a failed run.
    func readEndOption(_ name: String, _ value: NodeID, _ options: inout SubscriptionOptions) {
        switch name {
        case "timeout":
            if let length = positiveDuration(value, "`timeout`") { options.timeoutNanoseconds = length }
        case "retry":
            if case .int(let count)? = constantOption(value, "a number"), (0...100).contains(count) {
                options.retries = Int(count)
            } else if kind(value) != .error {
                report(.badOption("`retry` is a number from 0 to 100", at: range(value)))
            }
        default: readBackoff(value, &options)
        }
    }

    private func readBackoff(_ value: NodeID, _ options: inout SubscriptionOptions) {
        guard kind(value) == .interval else {
            if let length = positiveDuration(value, "`backoff`") {
                options.backoffLowNanoseconds = length
                options.backoffHighNanoseconds = length
            }
            return
        }
        guard child(0, value).exists, child(1, value).exists else {
            report(.badOption("`backoff` has both ends: `100ms..2s`", at: range(value)))
            return
        }
        guard let low = positiveDuration(child(0, value), "`backoff`"),
            let high = positiveDuration(child(1, value), "`backoff`")
        else { return }
        if low > high { report(.badOption("`backoff` goes from the shorter to the longer", at: range(value))) }
        options.backoffLowNanoseconds = low
        options.backoffHighNanoseconds = max(low, high)
    }

    func positiveDuration(_ node: NodeID, _ what: String) -> Int64? {
        guard kind(node) != .error else { return nil }
        let constant = fold(node)
        if case .duration(let length)? = constant, length > 0 { return length }
        report(.badDuration(what, constant, at: range(node)))
        return nil
    }

    func constantOption(_ node: NodeID, _ what: String) -> Constant? {
        guard kind(node) != .error else { return nil }
        if let constant = fold(node) { return constant }
        report(.badOption("this is \(what), known at load", at: range(node)))
        return nil
    }

    func reportOption(_ name: String, at node: NodeID, known: [String]) {
        reportOption(name, at: range(node), known: known)
    }

    func reportOption(_ name: String, at place: SourceRange, known: [String]) {
        let foreign = ForeignName.options[name].flatMap { known.contains($0) ? $0 : nil }
        let close = foreign ?? nearest(name, in: known)
        let shown = known.map { "`\($0)`" }.joined(separator: ", ")
        report(
            Diagnostic(
                code: .badOption, title: "unknown option `\(name)`",
                primary: Label(place, known.isEmpty ? "it takes no options" : "known are \(shown)"),
                fix: close.map { .replacing(place, name, with: $0) }))
    }

    // Rules.

    private func checkRule(
        _ node: NodeID, below above: inout RulesAbove, _ options: SubscriptionOptions
    ) -> CheckedRule? {
        if kind(node) == .otherwiseRule {
            guard let action = checkAction(child(0, node), .event, data: .any, dataOrigin: nil) else { return nil }
            return CheckedRule(
                name: "otherwise", patterns: [], condition: nil, action: action, isOtherwise: true, dataType: nil,
                range: range(node))
        }
        guard kind(node) == .rule else { return nil }
        let patternNodes = tree.children(of: child(0, node)).filter { kind($0) == .string }
        let patterns = patternNodes.map { tree.string(of: $0) }
        for (pattern, place) in zip(patterns, patternNodes) where pattern.isEmpty {
            report(
                Diagnostic(code: .badGlob, title: "empty event type", primary: Label(range(place), "no event has it")))
        }
        if options.isRaw { checkRawPatterns(patterns, at: patternNodes) }
        let (data, dataNode) = dataType(of: patterns, at: patternNodes)
        let origin = dataNode.map { declarations.files[$0.file].tree.range(of: $0.node) }
        let condition = child(2, node)
        if condition.exists { checkPredicate(condition, data, patterns) }
        if !options.matchesAll { reportShadowed(patternNodes, node, patterns, &above) }
        guard let action = checkAction(child(3, node), .event, data: data, dataOrigin: origin) else { return nil }
        let nameNode = child(1, node)
        let name = nameNode.exists ? word(nameNode) : patterns.first ?? "any"
        if nameNode.exists, let other = above.first(named: name) {
            report(.duplicateName(name, at: range(nameNode), other: other.range))
        }
        let place = patternNodes.first.map { range($0).through(range(patternNodes[patternNodes.count - 1])) }
        return CheckedRule(
            name: name, patterns: patterns, condition: condition.exists ? key(condition) : nil, action: action,
            isOtherwise: false, dataType: dataNode, range: place ?? range(node))
    }

    private func checkPredicate(_ node: NodeID, _ data: Type, _ patterns: [String]) {
        var context = BodyContext(
            owner: "this `where`", purity: .pure("a `where` is pure: it is asked for every event"), isReached: true)
        context.isPredicate = true
        context.allowsReturn = false
        context.allowsRunEnds = false
        _ = inBody(context) { checker in
            checker.bindImplicit(.event, data)
            checker.checkCondition(node)
            checker.reportContradiction(node, of: .rule(patterns))
        }
    }

    /// The type that the event types give to the data of events of these types; only when all agree.
    func dataType(of patterns: [String], at nodes: [NodeID]) -> (Type, NodeKey?) {
        var found: EventTypeDeclaration?
        for (pattern, node) in zip(patterns, nodes) {
            let count = comparedEventTypes
            let declared = declarations.eventTypes(matching: pattern, comparisons: &comparedEventTypes)
            if count <= Self.eventTypesComparedMax, comparedEventTypes > Self.eventTypesComparedMax {
                report(.tooManyEventTypes(at: range(node)))
            }
            if declared.isEmpty { return (.any, nil) }
            for index in declared {
                let eventType = declarations.eventTypes[index]
                if let known = found, known.type != eventType.type { return (.any, nil) }
                found = eventType
            }
        }
        guard let found, found.type != .error else { return (.any, nil) }
        return (found.type, found.typeNode)
    }

    private func reportShadowed(
        _ nodes: [NodeID], _ rule: NodeID, _ patterns: [String], _ above: inout RulesAbove
    ) {
        guard let whole = above.first(taking: patterns) else { return }
        let place = nodes.first.map { range($0).through(range(nodes[nodes.count - 1])) } ?? range(rule)
        report(
            Diagnostic(
                code: .ruleNeverMatches, title: "this rule can never match",
                primary: Label(place, "a rule above takes every event of this type"),
                related: [Label(whole.range, "the first rule that matches wins")],
                help: ["move it up, give the rule above a `where`, or subscribe with `match: \"all\"`"]))
    }
}

extension Checker {
    /// Patterns times event types, as far as they must be compared: a second of work.
    private static let eventTypesComparedMax = 4_000_000
}

extension Diagnostic {
    static func tooManyEventTypes(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .tooLarge, title: "too many patterns for so many event types",
            primary: Label(range, "each `*` is compared with each `event` declaration that begins alike"),
            help: ["name the event types in the rules, or begin the patterns with what tells them apart"])
    }

    static func badTopic(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTopic, title: "a topic is written `pubsub/topic`",
            primary: Label(range, "the name of the pub/sub component, `/`, the topic"))
    }
}
