// Checker+Match.swift: patterns, what they bind, and whether every value finds an arm.
//
// In a pattern a kind word or a record's name tests the kind; any other name binds.

internal import Diagnostics
internal import Machine

extension Checker {
    /// Words that test a kind in a pattern.
    static let kindWords: Set<String> = [
        "null", "bool", "int", "float", "string", "bytes", "time", "duration", "list", "object",
    ]

    func checkMatch(_ node: NodeID) -> Type {
        let subject = check(child(0, node))
        var result = Type.never
        var hasOtherwise = false
        var takesAll = false
        var covered: [Constant] = []
        for arm in tree.children(of: node).dropFirst() where arm.exists {
            if takesAll, !hasOtherwise { reportArmUnreached(arm) }
            switch kind(arm) {
            case .matchOtherwise:
                hasOtherwise = true
                result = result.joined(with: checkResult(child(0, arm)))
            case .arm:
                let pattern = child(0, arm)
                let type = inScope { checker -> Type in
                    checker.checkPattern(pattern, subject)
                    if checker.child(1, arm).exists { checker.checkDecision(checker.child(1, arm)) }
                    return checker.checkResult(checker.child(2, arm))
                }
                result = result.joined(with: type)
                if !child(1, arm).exists {
                    takesAll = takesAll || isIrrefutable(pattern)
                    covered += literals(of: pattern)
                }
            default: break
            }
        }
        // What could not be read may have been an arm.
        guard tree.isIntact(range(node)) else { return .error }
        // A misspelt literal was told already; the one that was meant is not missing on top of that.
        covered += covered.compactMap { nearestLiteral(to: $0, of: subject) }
        if !hasOtherwise, !takesAll, !covers(covered, subject) {
            report(
                Diagnostic(
                    code: .matchNotExhaustive, title: "this `match` does not take every value",
                    primary: Label(range(child(0, node)), missingText(covered, subject)),
                    help: ["add `otherwise => …`"]))
        }
        return result
    }

    private func checkResult(_ node: NodeID) -> Type {
        kind(node) == .block ? checkBlock(node) : check(node)
    }

    private func reportArmUnreached(_ arm: NodeID) {
        report(
            Diagnostic(
                code: .unreachableCode, title: "this is never reached",
                primary: Label(range(arm), "an arm above takes every value")))
    }

    private func isIrrefutable(_ pattern: NodeID) -> Bool {
        switch kind(pattern) {
        case .wildcard: true
        case .name: !isKindTest(pattern)
        case .bindingPattern: isIrrefutable(child(0, pattern))
        case .alternatives: tree.children(of: pattern).contains { isIrrefutable($0) }
        default: false
        }
    }

    /// Whether a name in a pattern tests a kind instead of binding.
    func isKindTest(_ node: NodeID) -> Bool {
        guard let name = symbol(node) else { return false }
        return declarations.record(name) != nil || Self.kindWords.contains(text(name))
    }

    /// The same of any file's pattern.
    func isKindTest(word: String) -> Bool {
        if Self.kindWords.contains(word) { return true }
        return declarations.symbols.symbol(for: word).map { declarations.record($0) != nil } ?? false
    }

    private func literals(of pattern: NodeID) -> [Constant] {
        switch kind(pattern) {
        case .bindingPattern: literals(of: child(0, pattern))
        case .alternatives: tree.children(of: pattern).flatMap { literals(of: $0) }
        case .name: word(pattern) == "null" ? [.null] : []
        default: fold(pattern).map { [$0] } ?? []
        }
    }

    private func wantedLiterals(_ subject: Type) -> [Constant]? {
        switch subject {
        case .bool: [.bool(true), .bool(false)]
        case .literals(let constants): constants
        case .null: [.null]
        case .optional(let inner): wantedLiterals(inner).map { $0 + [.null] }
        default: nil
        }
    }

    private func covers(_ covered: [Constant], _ subject: Type) -> Bool {
        if subject == .error || subject == .never { return true }
        return wantedLiterals(subject).map { $0.allSatisfy(covered.contains) } ?? false
    }

    private func missingText(_ covered: [Constant], _ subject: Type) -> String {
        let missing = wantedLiterals(subject)?.filter { !covered.contains($0) } ?? []
        if missing.isEmpty { return "other values are possible" }
        return "\(missing.map { "`\($0.text)`" }.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing"
    }

    // Patterns.

    func checkPattern(_ node: NodeID, _ subject: Type) {
        switch kind(node) {
        case .error, .wildcard: break
        case .name:
            if isKindTest(node) {
                checkKindTest(node, subject)
            } else {
                bind(node, subject)
            }
        case .bindingPattern:
            checkPattern(child(0, node), subject)
            bind(child(1, node), narrowed(subject, by: child(0, node)))
        case .alternatives:
            checkAlternatives(node, subject)
        case .listPattern: checkListPattern(node, subject)
        case .objectPattern: checkObjectPattern(node, subject)
        case .interval:
            for end in tree.children(of: node) where end.exists {
                guard let constant = foldOrReport(end, what: "an end of a pattern") else { continue }
                checkPatternLiteral(constant, subject, at: end)
            }
            if isEmptyInterval(node) { report(.emptyRange("this pattern never fits", at: range(node))) }
        default:
            guard let constant = foldOrReport(node, what: "a pattern") else { return }
            if constant.isAggregate {
                report(.badPattern("a pattern of this form is not known", at: range(node)))
            } else {
                checkPatternLiteral(constant, subject, at: node)
            }
        }
    }

    /// Alternatives bind nothing. Where they do it is said once, and the names count as used.
    private func checkAlternatives(_ node: NodeID, _ subject: Type) {
        var bound: [Local] = []
        for alternative in tree.children(of: node) {
            let count = locals.count
            // In a scope of its own, so that the same name in two alternatives is not a second mistake.
            scopeStarts.append(count)
            checkPattern(alternative, subject)
            scopeStarts.removeLast()
            bound += locals[count...]
            locals.remove(from: count)
        }
        guard let first = bound.first else { return }
        report(
            Diagnostic(
                code: .badPattern, title: "an alternative cannot bind a name",
                primary: Label(first.range, "the other alternatives would not bind it"),
                help: ["write two arms, or bind the whole: `1 | 2 as n`"]))
        for index in bound.indices {
            bound[index].isUsed = true
            locals.append(bound[index])
        }
    }

    private func checkKindTest(_ node: NodeID, _ subject: Type) {
        let word = word(node)
        if let name = symbol(node), let record = declarations.record(name) {
            if declarations.fit(subject, .record(record)) == .never {
                report(.neverFits(declarations.describe(subject), at: range(node)))
            }
            return
        }
        if let kindName = subject.kindName, kindName != word, !(subject.isNumber && (word == "int" || word == "float"))
        {
            report(.neverFits(declarations.describe(subject), at: range(node)))
        }
    }

    private func checkPatternLiteral(_ constant: Constant, _ subject: Type, at node: NodeID) {
        let type: Type =
            if case .literals = subject.unwrapped, constant != .null { .literals([constant]) } else { constant.type }
        guard !declarations.mayEqual(type, subject) else { return }
        let meant = nearestLiteral(to: constant, of: subject).map {
            Suggestion.replacing(range(node), constant.text, with: $0.text)
        }
        report(.neverFits(declarations.describe(subject), at: range(node), fix: meant))
    }

    /// The text of a union that a text outside of it was probably to be.
    private func nearestLiteral(to constant: Constant, of subject: Type) -> Constant? {
        guard case .string(let written) = constant, let wanted = wantedLiterals(subject), !wanted.contains(constant)
        else { return nil }
        let texts = wanted.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return nearest(written, in: texts).map { .string($0) }
    }

    private func checkListPattern(_ node: NodeID, _ subject: Type) {
        var item = Type.any
        switch subject.unwrapped {
        case .list(let element): item = element
        case .any, .error, .never: break
        default: report(.neverFits(declarations.describe(subject), at: range(node)))
        }
        let parts = Array(tree.children(of: node))
        for (place, part) in parts.enumerated() {
            if kind(part) == .restPattern {
                if place != parts.count - 1, isIntact(around: range(part)) {
                    report(.badPattern("`...` stands last", at: range(part)))
                }
                bind(child(0, part), .list(item))
            } else {
                checkPattern(part, item)
            }
        }
    }

    private func checkObjectPattern(_ node: NodeID, _ subject: Type) {
        switch subject.unwrapped {
        case .dictionary, .object, .record, .event, .request, .any, .error, .never: break
        default: report(.neverFits(declarations.describe(subject), at: range(node)))
        }
        for fit in tree.children(of: node) {
            let nameNode = kind(fit) == .fieldPattern ? child(0, fit) : fit
            let type = typeOfField(word(nameNode), of: subject.unwrapped, at: nameNode, isQuiet: true)
            if kind(fit) == .fieldPattern {
                checkPattern(child(1, fit), type)
            } else if kind(fit) == .name {
                bind(fit, type)
            }
        }
    }

    /// What `as name` knows after the pattern before it has fitted.
    private func narrowed(_ subject: Type, by pattern: NodeID) -> Type {
        guard kind(pattern) == .name, isKindTest(pattern) else { return subject }
        if let name = symbol(pattern), let record = declarations.record(name) { return .record(record) }
        switch word(pattern) {
        case "int": return .int
        case "float": return .float
        case "string": return subject.unwrapped.isOpen ? .string : subject.unwrapped
        case "bool": return .bool
        case "bytes": return .bytes
        case "time": return .time
        case "duration": return .duration
        case "list": return subject.unwrapped.isOpen ? .list(.any) : subject.unwrapped
        default: return subject
        }
    }
}

extension Constant {
    var isAggregate: Bool {
        switch self {
        case .list, .object: true
        default: false
        }
    }
}

extension Diagnostic {
    static func badPattern(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(code: .badPattern, title: "invalid pattern", primary: Label(range, why))
    }

    static func neverFits(_ subject: String, at range: SourceRange, fix: Suggestion? = nil) -> Diagnostic {
        Diagnostic(
            code: .badPattern, title: "this pattern never fits", primary: Label(range, "the value is \(subject)"),
            fix: fix)
    }
}
