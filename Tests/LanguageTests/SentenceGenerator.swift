// SentenceGenerator.swift: random sentences of the grammar, as its prose rules want them.
//
// A seed gives the same sentence again. What the prose says and the EBNF does not stands here: line ends, heads, what
// a statement that begins with a brace's word ends with, how far an exit reaches. Neighbours: BayGrammar.swift.

/// A small generator with a seed, so that a failure can be repeated.
struct SentenceDice {
    private var state: UInt64
    init(seed: Int) {
        state = (UInt64(truncatingIfNeeded: seed) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<4 { _ = roll(2) }
    }
    mutating func roll(_ sides: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(1, sides)))
    }
    mutating func oneIn(_ sides: Int) -> Bool { roll(sides) == 0 }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[roll(items.count)] }
}

struct SentenceGenerator {
    let grammar: BayGrammar
    var dice: SentenceDice
    private(set) var text = ""
    private var pieces: [String] = []
    /// Rules that were used.
    private(set) var visited: Set<String> = []
    /// In the expression before a block, outside of brackets.
    private var isHead = false
    private var outerHeads: [Bool] = []
    /// Inside `${ }`, where a line may not end.
    private var isInText = false
    /// How many pieces there were when an exit ended: nothing may go on with it, it has taken all that it can.
    private var exitEnd = -1
    /// Where the primary that begins at a piece ends.
    private var primaryEnds: [Int: Int] = [:]
    private var wantsLineEnd = false

    init(_ grammar: BayGrammar, seed: Int) {
        self.grammar = grammar
        dice = SentenceDice(seed: seed)
    }

    /// One that holds a few declarations.
    static func file(_ grammar: BayGrammar, seed: Int) -> SentenceGenerator {
        var generator = SentenceGenerator(grammar, seed: seed)
        let declarations = 1 + generator.dice.roll(3)
        for _ in 0..<declarations {
            generator.write(.reference("declaration"), budget: 24 + generator.dice.roll(40))
            generator.separator(";")
        }
        return generator
    }

    private mutating func write(_ production: Production, budget wanted: Int) {
        // Long enough: the shortest way to the end.
        let budget = text.utf8.count > 1500 ? 0 : wanted
        switch production {
        case .terminal(let text): terminal(text)
        case .reference(let name): reference(name, budget: budget)
        case .sequence(let items):
            for (index, item) in items.enumerated() { element(item, before: items[(index + 1)...], budget: budget) }
        case .choice(let items): choice(items, budget: budget)
        case .option(let inner):
            guard mayFollow(inner), grammar.height(inner) < budget, dice.oneIn(2) else { return }
            write(inner, budget: budget - 1)
        case .repetition(let inner):
            var left = budget
            while left > grammar.height(inner), mayFollow(inner), dice.oneIn(3) {
                write(inner, budget: left - 1)
                left -= 3
            }
        }
    }

    /// One of a sequence: a head when a block comes after it.
    private mutating func element(_ item: Production, before rest: ArraySlice<Production>, budget: Int) {
        if case .terminal(let text) = item { return terminal(text) }
        if case .reference(let name) = item, name == "sep" || name == "csep" {
            return separator(name == "csep" ? "," : ";")
        }
        let outer = isHead
        isHead = isHead || isBeforeBlock(rest)
        write(item, budget: budget)
        isHead = outer
    }

    private func isBeforeBlock(_ rest: ArraySlice<Production>) -> Bool {
        for item in rest {
            switch item {
            case .terminal("{"), .reference("block"), .reference("action"), .reference("result"): return true
            case .terminal("("), .terminal(")"), .terminal("["), .terminal("]"), .terminal("}"): return false
            default: continue
            }
        }
        return false
    }

    private mutating func choice(_ items: [Production], budget: Int) {
        var fitting = items.filter { grammar.height($0) < budget && isAllowed($0) }
        if fitting.isEmpty {
            let allowed = items.filter { isAllowed($0) }
            let least = allowed.map { grammar.height($0) }.min() ?? 0
            fitting = allowed.filter { grammar.height($0) == least }
        }
        write(dice.pick(fitting), budget: budget - 1)
    }

    /// In a head the first `{` that may open the block does.
    private func isAllowed(_ alternative: Production) -> Bool {
        guard isHead else { return true }
        if case .sequence(let items) = alternative, items.count == 2, case .reference("name") = items[0],
            case .reference("block") = items[1]
        {
            return false
        }
        guard ["..", "..<", "return", "retry", "drop"].contains(pieces.last ?? "") else { return true }
        return grammar.firsts(alternative) != ["{"]
    }

    private static let operators: Set<String> = [
        "??", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not", "and", "or", "catch", ".", "?.",
        "[", "(",
    ]

    /// An exit's operand reaches as far right as it can.
    private func mayFollow(_ production: Production) -> Bool {
        exitEnd != pieces.count || grammar.firsts(production).isDisjoint(with: Self.operators)
    }

    private mutating func reference(_ name: String, budget: Int) {
        visited.insert(name)
        if BayGrammar.lexical.contains(name) { return lexical(name, budget: budget) }
        guard let rule = grammar.rules[name] else { return }
        let start = pieces.count
        switch name {
        case "statement": statement(rule, budget: budget)
        case "key" where dice.oneIn(6): emit(dice.pick(Self.reserved))
        default: write(rule, budget: budget - 1)
        }
        if name == "primary" { primaryEnds[start] = pieces.count }
        if name == "exit" { exitEnd = pieces.count }
    }

    /// One that begins with a brace's word ends at its brace, unless one of four goes on with it.
    private mutating func statement(_ rule: Production, budget: Int) {
        let before = self
        for _ in 0..<20 {
            let start = pieces.count
            write(rule, budget: budget - 1)
            guard ["if", "match", "update", "lock", "transaction"].contains(pieces[start]),
                let end = primaryEnds[start], end < pieces.count, ![".", "?.", "??", "catch"].contains(pieces[end])
            else { return }
            let dice = dice
            self = before
            self.dice = dice
        }
        emit("a")
    }

    // Pieces.

    private static let goOn: Set<String> = [
        "=", ",", "=>", "and", "or", "+", "*", "/", "%", "==", "!=", "<=", ">=", "??", "where", "(", "[", "{",
    ]

    private mutating func terminal(_ text: String) {
        if [")", "]", "}"].contains(text), !isInText, dice.oneIn(8) { wantsLineEnd = true }
        emit(text)
        switch text {
        case "(", "[", "{":
            outerHeads.append(isHead)
            isHead = false
        case ")", "]", "}": isHead = outerHeads.removeLast()
        default: break
        }
        if !isInText, Self.goOn.contains(text), dice.oneIn(14) { wantsLineEnd = true }
    }

    /// `sep` and `csep`: a line end or a sign.
    private mutating func separator(_ sign: String) {
        if isInText || dice.oneIn(5) { return emit(sign) }
        text += dice.oneIn(12) ? "\n\n" : "\n"
        wantsLineEnd = false
    }

    private mutating func emit(_ piece: String) {
        if wantsLineEnd {
            text += "\n"
            wantsLineEnd = false
        } else if !text.isEmpty, text.last != "\n" {
            let isTight = "()[]{},;".contains(piece.first!) != "()[]{},;".contains(text.last!)
            if !isTight || dice.oneIn(2) { text += " " }
        }
        text += piece
        pieces.append(piece)
    }

    private static let names = ["a", "b", "total", "order_1", "Widget", "x9", "_late", "zz"]
    private static let reserved = [
        "all", "and", "any", "as", "break", "catch", "continue", "drop", "else", "exists", "fail", "false", "fn", "for",
        "if", "in", "keep",
        "let", "lock", "match", "not", "null", "or", "otherwise", "retry", "return", "together", "transaction", "true",
        "update", "var", "where",
    ]

    private mutating func lexical(_ name: String, budget: Int) {
        switch name {
        case "name":
            let isAny = pieces.last == "." || pieces.last == "?."
            emit(isAny && dice.oneIn(5) ? dice.pick(Self.reserved) : dice.pick(Self.names))
        case "number":
            emit(dice.pick(["0", "1", "42", "1_000", "0x1f", "9223372036854775807", "1.5", "2e9", "2e-9", "0.25"]))
        case "duration": emit(dice.pick(["250ms", "5s", "1.5s", "3m", "1h30m", "1d"]))
        case "size": emit(dice.pick(["64kb", "4mb"]))
        case "string":
            emit(dice.pick(["\"\"", "\"a b\"", "\"\\\"\\n\\t\\\\ \\$ \\u{1F600}\"", "r\"\\d+ ${\"", "\"é – {}\""]))
        case "sep": separator(";")
        case "csep": separator(",")
        default: interpolated(budget: budget)
        }
    }

    private mutating func interpolated(budget: Int) {
        guard budget > 4, dice.oneIn(2) else { return lexical("string", budget: 0) }
        let outer = (isHead, isInText)
        let isBlock = !isInText && dice.oneIn(3)
        emit(isBlock ? "\"\"\"\n      one \\n\n        ${" : dice.pick(["\"${", "\"a ${", "\"\\${ ${"]))
        isHead = false
        isInText = true
        write(.reference("expr"), budget: budget - 4)
        if dice.oneIn(3) {
            text += "} and ${"
            pieces.append("${")
            write(.reference("expr"), budget: budget - 4)
        }
        (isHead, isInText) = outer
        text += isBlock ? "}\n\n      two\n      \"\"\"" : dice.pick(["}\"", "} z\"", "}\\n\""])
        pieces.append("text")
    }
}
