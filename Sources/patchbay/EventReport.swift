// EventReport.swift: an explained event as a person reads it, and as JSON.
//
// Neighbours: Commands/ExplainCommand.swift, Engine/EventExplainer.swift.

internal import Diagnostics
internal import Engine
internal import Language
internal import Machine
internal import Routing

struct EventReport {
    let explanation: EventExplanation
    let sources: SourceMap
    let isColoured: Bool
    let isUnicode: Bool

    // MARK: text

    var text: String {
        var lines = ["\(bold(explanation.type)), id \(explanation.id)", ""]
        for subscription in explanation.subscriptions { lines += section(subscription) + [""] }
        return lines.joined(separator: "\n")
    }

    private func section(_ explained: SubscriptionExplanation) -> [String] {
        let subscription = explained.subscription
        let way = subscription.options.matchesAll ? "every rule that matches" : "the first rule that matches"
        var lines = [
            "\(bold("\(subscription.pubsub)/\(subscription.topic)"))  \(dim("\(way), \(sources.place(of: subscription.range))"))"
        ]
        for rule in explained.rules where rule.outcome != .otherType { lines += describe(rule) }
        let others = explained.rules.filter { $0.outcome == .otherType }.map(\.rule.name)
        if !others.isEmpty {
            let shown = others.prefix(5).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
            lines.append(dim("    for other types: \(shown)\(others.count > 5 ? " (\(others.count) rules)" : "")"))
        }
        if !explained.rules.contains(where: { $0.outcome == .taken }) {
            lines.append("  \(red(mark(false))) nothing takes it: it would be acknowledged and counted as unmatched")
        }
        return lines
    }

    private func describe(_ explained: RuleExplanation) -> [String] {
        let rule = explained.rule
        let sign =
            switch explained.outcome {
            case .taken: green(mark(true))
            case .late: dim(isUnicode ? "·" : "-")
            case .refused, .otherType: red(mark(false))
            }
        let note =
            switch (explained.outcome, rule.isOtherwise) {
            case (.late, true): "  not asked: a rule took the event"
            case (.late, false): "  fits too, but a rule above takes the event first"
            default: ""
            }
        var lines = ["  \(sign) \(bold(rule.name))\(dim(note))  \(dim(sources.place(of: rule.range)))"]
        if let clause = explained.clause { lines += describe(clause, depth: 2) }
        return lines
    }

    private func describe(_ asked: AskedClause, depth: Int) -> [String] {
        let pad = String(repeating: "  ", count: depth)
        let sign = asked.holds ? green(mark(true)) : red(mark(false))
        switch asked.clause.joint {
        case .test:
            let found = asked.clause.paths.map { "\($0.text) is \(value(of: $0))" }.joined(separator: ", ")
            return ["\(pad)\(sign) \(source(asked.clause.range))" + (found.isEmpty ? "" : dim("  \(found)"))]
        case .all where depth == 2: return asked.parts.flatMap { describe($0, depth: depth) }
        case .all: return ["\(pad)\(sign) all of"] + asked.parts.flatMap { describe($0, depth: depth + 1) }
        case .any: return ["\(pad)\(sign) any of"] + asked.parts.flatMap { describe($0, depth: depth + 1) }
        case .not: return ["\(pad)\(sign) not"] + asked.parts.flatMap { describe($0, depth: depth + 1) }
        }
    }

    /// What is written there, on one line.
    private func source(_ range: SourceRange) -> String {
        let bytes = sources[range.file].bytes[Int(range.start)..<Int(range.end)]
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private func value(of path: RuleClause.ReadPath) -> String {
        guard let json = explanation.values[path.slot] else { return "missing" }
        return json.count > 60 ? json.prefix(57) + (isUnicode ? "…" : "...") : json
    }

    private func mark(_ holds: Bool) -> String { isUnicode ? (holds ? "✔" : "✘") : (holds ? "+" : "x") }
    private func coloured(_ text: String, _ code: Int) -> String {
        isColoured && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
    private func bold(_ text: String) -> String { coloured(text, 1) }
    private func dim(_ text: String) -> String { coloured(text, 2) }
    private func red(_ text: String) -> String { coloured(text, 31) }
    private func green(_ text: String) -> String { coloured(text, 32) }

    // MARK: JSON

    var json: JSON {
        [
            "type": .string(explanation.type), "id": .string(explanation.id),
            "subscriptions": .array(
                explanation.subscriptions.map { explained in
                    [
                        "pubsub": .string(explained.subscription.pubsub),
                        "topic": .string(explained.subscription.topic),
                        "match": .string(explained.subscription.options.matchesAll ? "all" : "first"),
                        "rules": .array(explained.rules.map { json($0) }),
                    ]
                }),
        ]
    }

    private func json(_ explained: RuleExplanation) -> JSON {
        [
            "name": .string(explained.rule.name), "place": .string(sources.place(of: explained.rule.range)),
            "outcome": .string(explained.outcome.rawValue), "where": explained.clause.map { json($0) } ?? .null,
        ]
    }

    private func json(_ asked: AskedClause) -> JSON {
        let joint =
            switch asked.clause.joint {
            case .test: "test"
            case .all: "all"
            case .any: "any"
            case .not: "not"
            }
        if joint != "test" {
            return ["holds": .bool(asked.holds), "of": .string(joint), "parts": .array(asked.parts.map { json($0) })]
        }
        let found = asked.clause.paths.map { path -> JSON in
            guard let text = explanation.values[path.slot] else {
                return ["path": .string(path.text), "missing": .bool(true)]
            }
            return ["path": .string(path.text), "value": (try? JSON.parse(text)) ?? .null]
        }
        return ["holds": .bool(asked.holds), "test": .string(source(asked.clause.range)), "found": .array(found)]
    }
}
