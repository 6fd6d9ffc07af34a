// Parser+Patterns.swift: the patterns of `match`.

internal import Diagnostics

extension Parser {
    /// `pattern = single { "|" single } [ "as" name ]`
    mutating func pattern() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        let mark = mark()
        push(single())
        while skip(.bar) { push(single()) }
        let pattern: NodeID
        if pending.count == mark + 1, let only = pending.popLast() {
            pattern = only
        } else {
            pattern = finish(.alternatives, from: start, since: mark)
        }
        guard skip(.as) else { return pattern }
        return node(.bindingPattern, from: start, pattern, declaredName("a name"))
    }

    /// `single = "_" | literal | string | fixed | name | "[" [ parts ] "]" | "{" [ fits ] "}"`
    private mutating func single() -> NodeID {
        let start = start
        guard !isAtEnd else {
            reportExpected("a pattern")
            return errorNode()
        }
        switch kind {
        case .range, .rangeBelow: return interval(from: start, low: .none, simple: true)
        case .name: return namePattern()
        case .leftBracket: return listPattern()
        case .leftBrace: return objectPattern()
        case .else:
            note(.foreignKeyword("else", at: range(of: token), instead: "otherwise", isExact: true))
            advance()
            return tree.addLeaf(.wildcard, from: start, to: previousEnd)
        default:
            guard kind.beginsLiteral else {
                if kind.isReserved {
                    report(.reservedWord(shown(token), at: range(of: token), as: "a pattern"))
                } else {
                    reportExpected(
                        "a pattern", help: ["a literal, a range, a name, `{ key: pattern }`, `[first, ...rest]`"])
                }
                return errorNode()
            }
            let literal = simpleLiteral(in: "a pattern")
            return atRange ? interval(from: start, low: literal, simple: true) : literal
        }
    }

    private mutating func namePattern() -> NodeID {
        let start = start
        if nextKind() == .dot
            || ((nextKind() == .range || nextKind() == .rangeBelow) && !tokens[position + 1].beginsLine)
        {
            let low = path()
            if atRange { return interval(from: start, low: low, simple: true) }
            report(
                .unexpected(
                    "path in a pattern", at: tree.range(of: low), because: "a pattern is a literal, a name or a shape",
                    help: ["compare in a `where`: `x where x == limits.low`"]))
            return errorNode()
        }
        let isWildcard = token.end - token.start == 1 && bytes[Int(token.start)] == UInt8(ascii: "_")
        return isWildcard ? leaf(.wildcard) : leaf(.name, payload: token.payload)
    }

    /// `parts = part { "," part } [ "," ]`, the rest last.
    private mutating func listPattern() -> NodeID {
        let start = start
        let mark = mark()
        var rest = NodeID.none
        let bracket = open(lines: false)
        while !isAtEnd {
            let before = beginItem()
            if rest.exists { note(.notLast("`...`", at: range(of: token), last: tree.range(of: rest))) }
            if at(.spread) {
                let partStart = self.start
                advance()
                rest = node(.restPattern, from: partStart, declaredName("a name for the rest"))
                push(rest)
            } else {
                push(pattern())
            }
            endListItem(since: before, closer: "]")
        }
        close(bracket, expecting: "a pattern or `]`")
        return finish(.listPattern, from: start, since: mark)
    }

    /// `fits = fit { "," fit } [ "," ]`, `fit = key ":" pattern | name`
    private mutating func objectPattern() -> NodeID {
        let start = start
        let mark = mark()
        let bracket = open(lines: true)
        while !isAtEnd {
            let before = beginItem()
            push(fit())
            endListItem(since: before, closer: "}")
        }
        close(bracket, expecting: "a key or `}`")
        return finish(.objectPattern, from: start, since: mark)
    }

    private mutating func fit() -> NodeID {
        let start = start
        if at(.spread) {
            report(
                .unexpected(
                    "`...`", at: range(of: token), because: "an object may always have more keys",
                    help: ["leave it out"]))
            return errorNode()
        }
        guard kind.isText || (kind.isWord && nextKind() == .colon) else { return declaredName("a key") }
        let key = key("a key")
        _ = expect(.colon, "`:` and a pattern")
        return node(.fieldPattern, from: start, key, pattern())
    }
}
