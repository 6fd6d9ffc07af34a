// TextMateTokenizer.swift: a text into scopes, the way editors do it: line by line, with a stack of open rules.
//
// At each place the rule that matches first wins; the innermost rule's end before the others, then their order.

import Foundation

struct TextMateTokenizer {
    private struct Frame {
        let rule: TextMateGrammar.RuleIndex
        /// Of the text between begin and end.
        let scopes: [String]
        /// Of the end itself.
        let outerScopes: [String]
    }

    private let grammar: TextMateGrammar
    private var stack: [Frame] = []
    private var line: NSString = ""
    /// Of each UTF-16 unit of the line.
    private var scopes: [[String]] = []

    private init(_ grammar: TextMateGrammar) { self.grammar = grammar }

    /// The scopes of each UTF-16 unit of the text, outermost first.
    static func scopes(of text: String, by grammar: TextMateGrammar) throws -> [[String]] {
        var tokenizer = TextMateTokenizer(grammar)
        var result: [[String]] = []
        var lines = text.components(separatedBy: "\n").map { $0 + "\n" }
        if let last = lines.popLast(), last != "\n" { lines.append(String(last.dropLast())) }
        for line in lines { result += try tokenizer.tokenize(line) }
        return result
    }

    private var base: [String] { [grammar.scope] }
    private var current: [String] { stack.last?.scopes ?? base }

    private mutating func tokenize(_ text: String) throws -> [[String]] {
        line = text as NSString
        scopes = Array(repeating: [], count: line.length)
        var position = 0
        /// Steps at one place: a grammar that never moves on would hang an editor.
        var idle = 0
        while position <= line.length {
            guard let (rule, result) = first(from: position) else { break }
            fill(position..<result.range.location, current)
            let next = result.range.location + result.range.length
            apply(rule, result)
            idle = next == position ? idle + 1 : 0
            if idle > 50 {
                throw TextMateGrammar.Failure(description: "the grammar does not move on at \(position) of \(text)")
            }
            if rule.isMatch, next == position { fill(position..<min(position + 1, line.length), current) }
            position = rule.isMatch && next == position ? position + 1 : next
        }
        fill(min(position, line.length)..<line.length, current)
        return scopes
    }

    private mutating func fill(_ range: Range<Int>, _ names: [String]) {
        for index in range { scopes[index] = names }
    }

    // Finding.

    private struct Found {
        enum Action { case match, begin, end }
        let index: TextMateGrammar.RuleIndex
        let action: Action
        var isMatch: Bool { action == .match }
    }

    private func first(from position: Int) -> (Found, NSTextCheckingResult)? {
        var best: (Found, NSTextCheckingResult)?
        func consider(_ expression: NSRegularExpression?, _ found: Found) {
            guard let expression, let result = search(expression, from: position) else { return }
            if let best, best.1.range.location <= result.range.location { return }
            best = (found, result)
        }
        if let top = stack.last { consider(grammar.rules[top.rule].end, Found(index: top.rule, action: .end)) }
        for index in candidates(stack.last.map { grammar.rules[$0.rule].patterns } ?? grammar.root) {
            let rule = grammar.rules[index]
            if rule.match != nil {
                consider(rule.match, Found(index: index, action: .match))
            } else {
                consider(rule.begin, Found(index: index, action: .begin))
            }
        }
        return best
    }

    private func search(_ expression: NSRegularExpression, from position: Int) -> NSTextCheckingResult? {
        expression.firstMatch(
            in: line as String, options: [.withTransparentBounds, .withoutAnchoringBounds],
            range: NSRange(location: position, length: line.length - position))
    }

    /// The rules that match something, includes and groups resolved.
    private func candidates(_ patterns: [TextMateGrammar.RuleIndex]) -> [TextMateGrammar.RuleIndex] {
        var seen: Set<Int> = []
        var result: [Int] = []
        func add(_ index: Int) {
            guard seen.insert(index).inserted else { return }
            let rule = grammar.rules[index]
            if let name = rule.include {
                if name == "$self" {
                    grammar.root.forEach(add)
                } else if let named = grammar.repository[name] {
                    add(named)
                }
            } else if rule.match != nil || rule.begin != nil {
                result.append(index)
            } else {
                rule.patterns.forEach(add)
            }
        }
        patterns.forEach(add)
        return result
    }

    // Applying.

    private mutating func apply(_ found: Found, _ result: NSTextCheckingResult) {
        let rule = grammar.rules[found.index]
        let whole = result.range.location..<result.range.location + result.range.length
        switch found.action {
        case .match:
            let names = current + rule.scopes
            fill(whole, names)
            capture(rule.captures, result, names)
        case .begin:
            let names = current + rule.scopes
            fill(whole, names)
            capture(rule.captures, result, names)
            stack.append(Frame(rule: found.index, scopes: names + rule.contentScopes, outerScopes: names))
        case .end:
            let names = stack.removeLast().outerScopes
            fill(whole, names)
            capture(rule.endCaptures, result, names)
        }
    }

    private mutating func capture(
        _ captures: [Int: TextMateGrammar.Capture], _ result: NSTextCheckingResult, _ outer: [String]
    ) {
        for (number, capture) in captures.sorted(by: { $0.key < $1.key }) where number < result.numberOfRanges {
            let range = result.range(at: number)
            guard range.location != NSNotFound else { continue }
            let place = range.location..<range.location + range.length
            fill(place, outer + capture.scopes)
            guard !capture.patterns.isEmpty else { continue }
            for index in candidates(capture.patterns) {
                let rule = grammar.rules[index]
                for match in rule.match?.matches(in: line as String, range: range) ?? [] {
                    let inner = match.range.location..<match.range.location + match.range.length
                    fill(inner, outer + capture.scopes + rule.scopes)
                }
            }
        }
    }
}
