// Checker+Triggers.swift: `job "nightly" (schedule: "0 3 * * *")` and `input "binding-name"`.
//
// Neighbours: Checker+Subscriptions.swift (the options that both have), Machine/Schedule (reads schedules),
// Engine/Triggers.swift (finds the trigger that a call is for).

internal import Diagnostics
internal import Machine
internal import Routing

extension Checker {
    private static let endOptions = ["timeout", "retry", "backoff"]

    func checkTrigger(_ node: NodeID) {
        let nameNode = child(1, node)
        guard kind(nameNode) == .string else { return }
        let triggerKind: TriggerKind = word(child(0, node)) == "job" ? .job : .input
        let name = tree.string(of: nameNode)
        if let why = Self.whyNoName(name, of: triggerKind) {
            report(.badTrigger("invalid name of \(triggerKind.article)", why, at: range(nameNode)))
        } else if let other = routes.triggers.first(where: { $0.kind == triggerKind && $0.name == name }) {
            report(
                .badTrigger(
                    "`\(triggerKind.rawValue) \"\(name)\"` is declared twice", "both would take it",
                    at: range(nameNode),
                    related: [Label(other.range, "first declared here")]))
        }
        var options = SubscriptionOptions()
        var timing = TriggerTiming()
        if child(2, node).exists { readTriggerOptions(child(2, node), triggerKind, &options, &timing) }
        if timing.schedule != nil, name.contains("*") {
            report(
                .badTrigger(
                    "a schedule belongs to one job", "this takes every job of such a name", at: range(nameNode),
                    help: ["give each scheduled job a trigger of its own, or remove `schedule`"]))
        }
        let type = "\(triggerKind.typePrefix).\(name)"
        let (data, dataNode) = dataType(of: [type], at: [nameNode])
        let origin = dataNode.map { declarations.files[$0.file].tree.range(of: $0.node) }
        guard let action = checkAction(child(3, node), .event, data: data, dataOrigin: origin) else { return }
        let rule = CheckedRule(
            name: type, patterns: [], condition: nil, action: action, isOtherwise: false, dataType: dataNode,
            range: range(nameNode))
        routes.triggers.append(
            CheckedTrigger(
                kind: triggerKind, name: name, timing: timing, options: options, rule: rule, range: range(nameNode)))
    }

    private func readTriggerOptions(
        _ node: NodeID, _ triggerKind: TriggerKind, _ options: inout SubscriptionOptions, _ timing: inout TriggerTiming
    ) {
        let known = (triggerKind == .job ? ["schedule", "overlap"] : []) + Self.endOptions
        for option in tree.children(of: node) where kind(option) == .option {
            let name = word(child(0, option))
            let value = child(1, option)
            switch name {
            case "schedule" where triggerKind == .job: timing.schedule = readSchedule(value) ?? timing.schedule
            case "overlap" where triggerKind == .job:
                switch constantOption(value, "`\"skip\"` or `\"allow\"`") {
                case .string("skip")?: timing.skipsOverlap = true
                case .string("allow")?: timing.skipsOverlap = false
                case .some: report(.badOption("`overlap` is `\"skip\"` or `\"allow\"`", at: range(value)))
                case nil: break
                }
            case _ where Self.endOptions.contains(name): readEndOption(name, value, &options)
            default: reportOption(name, at: child(0, option), known: known)
            }
        }
    }

    /// In the form that Dapr's scheduler takes.
    private func readSchedule(_ value: NodeID) -> String? {
        guard let constant = constantOption(value, "a schedule") else { return nil }
        guard case .string(let text) = constant else {
            report(.badOption("`schedule` is a text such as `\"0 3 * * *\"` or `\"@every 1h\"`", at: range(value)))
            return nil
        }
        let help = ["five fields, `minute hour day month weekday`, in UTC, or `@every 1h30m`, `@hourly`, `@daily` …"]
        do throws(Schedule.Problem) {
            let schedule = try Schedule(text)
            if schedule.next(after: 0) != nil { return schedule.text }
            report(.badTrigger("this schedule is never due", "no day has this date", at: range(value), help: help))
        } catch {
            report(.badTrigger("invalid schedule", error.message, at: range(value), help: help))
        }
        return nil
    }

    private static func whyNoName(_ name: String, of triggerKind: TriggerKind) -> String? {
        guard !name.isEmpty else { return "it is empty" }
        let others = triggerKind == .job ? "-_.*" : "-_."
        let fits = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: others.utf8.contains(byte)
            }
        }
        if fits { return nil }
        return triggerKind == .job
            ? "letters, digits, `-`, `_` and `.`, and `*` for any run of characters"
            : "the name of the binding component: letters, digits, `-`, `_` and `.`"
    }
}

extension TriggerKind {
    var article: String { self == .job ? "a job" : "an input" }
}

extension Diagnostic {
    static func badTrigger(
        _ title: String, _ why: String, at range: SourceRange, related: [Label] = [], help: [String] = []
    ) -> Diagnostic {
        Diagnostic(code: .badTrigger, title: title, primary: Label(range, why), related: related, help: help)
    }
}
