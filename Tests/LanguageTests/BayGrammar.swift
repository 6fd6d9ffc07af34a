// BayGrammar.swift: the EBNF of docs/language.md, read from the page: what the grammar tests go by.
//
// Neighbours: SentenceGenerator.swift (random sentences of it), GrammarTests.swift.

import Foundation

/// `a = b [ c ] { d } ( e | f ) "g" ;`
indirect enum Production: Sendable {
    case terminal(String)
    case reference(String)
    case sequence([Production])
    case choice([Production])
    case option(Production)
    case repetition(Production)
}

struct BayGrammar: Sendable {
    /// What the prose defines, not the grammar.
    static let lexical: Set<String> = ["name", "string", "text", "number", "duration", "size", "sep", "csep"]

    private(set) var rules: [String: Production] = [:]
    /// In the order of the page.
    private(set) var names: [String] = []
    /// How many rules deep the shortest sentence of a rule is.
    private(set) var heights: [String: Int] = [:]
    private(set) var problems: [String] = []

    static let ofThePage: BayGrammar = {
        let page = SyntaxShippedTests.root.appending(path: "docs/language.md")
        let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
        let blocks = text.components(separatedBy: "```ebnf\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        return BayGrammar(blocks.joined(separator: "\n"))
    }()

    init(_ text: String) {
        var reader = Reader(words: BayGrammar.words(text))
        while let name = reader.next() {
            guard reader.next() == "=" else { break }
            if rules[name] != nil { problems.append("`\(name)` is defined twice") }
            rules[name] = reader.choice()
            names.append(name)
            if reader.next() != ";" { problems.append("`\(name)` has no `;`") }
        }
        for name in names { check(rules[name]!, in: name) }
        findHeights()
    }

    /// Words, signs and quoted terminals (with their quotes); comments are left out.
    private static func words(_ text: String) -> [String] {
        let plain = text.replacing(/\(\*.*?\*\)/.dotMatchesNewlines(), with: " ")
        return plain.matches(of: /"[^"]*"|[A-Za-z_]+|[=;|(){}\[\]]/).map { String($0.output) }
    }

    private struct Reader {
        let words: [String]
        var position = 0

        mutating func next() -> String? {
            guard position < words.count else { return nil }
            position += 1
            return words[position - 1]
        }

        mutating func choice() -> Production {
            var alternatives = [sequence()]
            while position < words.count, words[position] == "|" {
                position += 1
                alternatives.append(sequence())
            }
            return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
        }

        private mutating func sequence() -> Production {
            var items: [Production] = []
            while position < words.count {
                let word = words[position]
                switch word {
                case "(", "[", "{":
                    position += 1
                    let inner = choice()
                    position += 1
                    items.append(word == "(" ? inner : word == "[" ? .option(inner) : .repetition(inner))
                case ")", "]", "}", "|", ";": return items.count == 1 ? items[0] : .sequence(items)
                default:
                    position += 1
                    items.append(
                        word.hasPrefix("\"") ? .terminal(String(word.dropFirst().dropLast())) : .reference(word))
                }
            }
            return .sequence(items)
        }
    }

    private mutating func check(_ production: Production, in rule: String) {
        switch production {
        case .terminal: break
        case .reference(let name):
            if rules[name] == nil, !BayGrammar.lexical.contains(name) {
                problems.append("`\(rule)` names `\(name)`, which is nothing")
            }
        case .sequence(let items), .choice(let items): for item in items { check(item, in: rule) }
        case .option(let inner), .repetition(let inner): check(inner, in: rule)
        }
    }

    private mutating func findHeights() {
        var changed = true
        while changed {
            changed = false
            for name in names {
                let height = 1 + height(rules[name]!)
                if height < heights[name] ?? .max / 2 {
                    heights[name] = height
                    changed = true
                }
            }
        }
        for name in names where heights[name] == nil { problems.append("`\(name)` has no end") }
    }

    func height(_ production: Production) -> Int {
        switch production {
        case .terminal, .option, .repetition: 0
        case .reference(let name): BayGrammar.lexical.contains(name) ? 0 : heights[name] ?? .max / 4
        case .sequence(let items): items.map { height($0) }.max() ?? 0
        case .choice(let items): items.map { height($0) }.min() ?? 0
        }
    }

    /// What a production may begin with: terminals, and names of lexical rules.
    func firsts(_ production: Production) -> Set<String> {
        switch production {
        case .terminal(let text): return [text]
        case .reference(let name):
            return BayGrammar.lexical.contains(name) ? [name] : rules[name].map { firsts($0) } ?? []
        case .option(let inner), .repetition(let inner): return firsts(inner)
        case .choice(let items): return items.reduce(into: []) { $0.formUnion(firsts($1)) }
        case .sequence(let items):
            var found: Set<String> = []
            for item in items {
                found.formUnion(firsts(item))
                switch item {
                case .option, .repetition: continue
                default: return found
                }
            }
            return found
        }
    }
}
