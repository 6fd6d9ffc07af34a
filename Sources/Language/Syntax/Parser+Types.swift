// Parser+Types.swift: types, their bounds, and intervals.

internal import Diagnostics

extension Parser {
    /// `type = ( base | choice { "|" choice } ) [ "?" ]`
    mutating func type() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        let inner = kind.beginsLiteral && !isAtEnd ? choices() : base()
        guard at(.question), !beginsLine else { return inner }
        advance()
        return node(.typeOptional, from: start, inner)
    }

    private mutating func choices() -> NodeID {
        let start = start
        let mark = mark()
        push(simpleLiteral(in: "a type"))
        while skip(.bar) {
            guard kind.beginsLiteral else {
                report(
                    .expected(
                        "a literal", at: placeOfProblem, found: foundInstead,
                        help: ["`|` joins literals: `\"card\" | \"cash\"`; a type or null is `T?`"]))
                break
            }
            push(simpleLiteral(in: "a type"))
        }
        return finish(.typeUnion, from: start, since: mark)
    }

    /// `base = name [ bounds ] [ "<" type ">" ] | "[" type "]" [ bounds ] | "{" type "}"`
    private mutating func base() -> NodeID {
        let start = start
        switch kind {
        case .name, .any:
            let spelling = shown(token)
            let name = leaf(.name, payload: token.payload)
            if at(.leftBracket), !beginsLine, nextKind() == .rightBracket {
                note(.listWrittenBehind(spelling, at: range(start, tokens[position + 1].end)))
                advance()
                advance()
                return node(.typeList, from: start, node(.typeName, from: start, name, .none, .none), bounds())
            }
            let bounds = bounds()
            let argument = at(.less) ? typeArgument() : .none
            if at(.bar) {
                report(
                    .unexpected(
                        "`|`", at: range(of: token), because: "`|` joins literals, not types",
                        help: ["a type or null is `T?`; anything at all is `any`"]))
            }
            return node(.typeName, from: start, name, bounds, argument)
        case .leftBracket where !isAtEnd:
            let bracket = open(lines: false)
            let element = type()
            close(bracket, expecting: "`]`")
            return node(.typeList, from: start, element, bounds())
        case .leftBrace where !isAtEnd:
            let bracket = open(lines: true)
            let element = type()
            close(bracket, expecting: "`}`")
            return node(.typeDictionary, from: start, element, .none)
        default:
            reportExpected("a type", help: ["`string`, `int(0..)`, `[T]`, `{T}`, a record, `T?`"])
            return errorNode()
        }
    }

    /// At `<`. A `>=` that closes it is split.
    private mutating func typeArgument() -> NodeID {
        advance()
        let argument = type()
        if at(.greaterOrEqual) {
            tokens[position].kind = .assign
            tokens[position].start += 1
            tokens[position].flags = .isSplit
        } else {
            _ = expect(.greater, "`>`")
        }
        return argument
    }

    /// `bounds = "(" ( fixed | "like" ":" string ) ")"`
    private mutating func bounds() -> NodeID {
        guard at(.leftParen), !beginsLine, !isAtEnd else { return .none }
        let start = start
        let bracket = open(lines: false)
        if atWord(.like) {
            advance()
            _ = expect(.colon, "`:` and a pattern", help: ["`string(like: \"ORD-*\")`"])
            let pattern = plainString(in: "a pattern")
            close(bracket, expecting: "`)`")
            return node(.boundsLike, from: start, pattern)
        }
        let intervalStart = self.start
        let low = at(.range) || at(.rangeBelow) ? NodeID.none : bound()
        let interval = interval(from: intervalStart, low: low, simple: true)
        close(bracket, expecting: "`)`")
        return node(.boundsInterval, from: start, interval)
    }

    /// `bound = [ "-" ] literal | string | path`
    private mutating func bound() -> NodeID {
        if at(.name) { return path() }
        if kind.beginsLiteral { return simpleLiteral(in: "a bound") }
        reportExpected("a bound", help: ["`string(1..256)`, `int(0..)`, `string(like: \"ORD-*\")`"])
        return errorNode()
    }

    /// Whether `..` or `..<` goes on with what was just read: on its line.
    var atRange: Bool { (at(.range) || at(.rangeBelow)) && !beginsLine }

    /// At the dots, behind the low end (or `none`). `simple` ends are bounds, others sums.
    mutating func interval(from start: UInt32, low: NodeID, simple: Bool) -> NodeID {
        guard at(.range) || at(.rangeBelow), !low.exists || !beginsLine else {
            reportExpected("`..`", help: ["a range is `1..10`, `1..`, `..10` or `0..<10`"])
            return errorNode()
        }
        let flag: UInt8 = at(.rangeBelow) ? 1 : 0
        let dots = token
        advance()
        var high = NodeID.none
        if !beginsLine, !isAtEnd {
            if simple {
                if at(.name) || kind.beginsLiteral { high = bound() }
            } else if kind.beginsSum, !(isHead && at(.leftBrace)) {
                high = binary(from: Precedence.sum)
            }
        }
        if !low.exists, !high.exists {
            report(
                .expected(
                    "an end of the range", at: range(of: dots), found: "neither end is given",
                    help: ["a range is `1..10`, `1..`, `..10` or `0..<10`"]))
        }
        return node(.interval, from: start, flag: flag, low, high)
    }

    /// `interval | expr`
    mutating func intervalOrExpression() -> NodeID {
        if at(.range) || at(.rangeBelow) { return interval(from: start, low: .none, simple: false) }
        guard kind.beginsSum, !isAtEnd else { return expression() }
        let start = start
        let low = binary(from: Precedence.sum)
        if atRange { return interval(from: start, low: low, simple: false) }
        return expression(after: low, from: start)
    }
}
