// Parser+Expressions.swift: expressions, loosest first: exits, catch, operators, postfixes.
//
// The binary operators are one loop over levels; the grammar's ladder is in `Precedence`.
// Neighbours: Parser+Compounds.swift (what an operand may be), Parser+Literals.swift.

internal import Diagnostics

/// How close an operator binds; the ladder of language.md section 5.
enum Precedence {
    static let or = 1
    static let and = 2
    static let not = 3
    static let comparison = 4
    static let coalesce = 5
    static let sum = 6
    static let product = 7

    /// The level of an infix operator and its node; nil for anything else.
    @inline(__always)
    static func of(_ kind: TokenKind) -> (level: Int, node: NodeKind)? {
        switch kind {
        case .or: (or, .or)
        case .and: (and, .and)
        case .equal: (comparison, .equal)
        case .notEqual: (comparison, .notEqual)
        case .less: (comparison, .less)
        case .lessOrEqual: (comparison, .lessOrEqual)
        case .greater: (comparison, .greater)
        case .greaterOrEqual: (comparison, .greaterOrEqual)
        case .in: (comparison, .isIn)
        case .not: (comparison, .isNotIn)
        case .coalesce: (coalesce, .coalesce)
        case .plus: (sum, .add)
        case .minus: (sum, .subtract)
        case .star: (product, .multiply)
        case .slash: (product, .divide)
        case .percent: (product, .remainder)
        default: nil
        }
    }
}

extension Parser {
    /// `expr = exit | fallible`
    mutating func expression() -> NodeID {
        let start = start
        if isExit { return exit() }
        return catches(after: binary(from: Precedence.or), from: start)
    }

    /// Goes on with an operand that was read already.
    mutating func expression(after operand: NodeID, from start: UInt32) -> NodeID {
        catches(after: operators(after: operand, from: start, level: Precedence.or), from: start)
    }

    /// An expression where a `bool` is wanted: `=` can only be meant as `==`.
    mutating func condition(isHead head: Bool) -> NodeID {
        let outerHead = isHead
        let outerCondition = isCondition
        isHead = head
        isCondition = true
        let condition = expression()
        isHead = outerHead
        isCondition = outerCondition
        return condition
    }

    /// The expression before the block of `match`.
    mutating func head() -> NodeID {
        let outer = isHead
        isHead = true
        let head = expression()
        isHead = outer
        return head
    }

    // Exits.

    var isExit: Bool {
        switch kind {
        case .return, .retry, .drop, .fail, .keep, .break, .continue: !isAtEnd
        default: false
        }
    }

    /// `exit = ( "return" | "retry" | "drop" ) [ expr ] | "fail" expr | "keep" | "break" | "continue"`
    mutating func exit() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        let word = kind
        advance()
        switch word {
        case .return: return node(.returnExit, from: start, operandOfExit())
        case .retry: return node(.retryExit, from: start, operandOfExit())
        case .drop: return node(.dropExit, from: start, operandOfExit())
        case .keep: return tree.addLeaf(.keepExit, from: start, to: previousEnd)
        case .break: return tree.addLeaf(.breakExit, from: start, to: previousEnd)
        case .continue: return tree.addLeaf(.continueExit, from: start, to: previousEnd)
        default:
            if beginsLine, !ignoresLineEnds || lineNeverGoesOn {
                reportExpected("a failure after `fail`, on its line", help: ["`fail not_found(\"why\")`"])
                return node(.failExit, from: start, errorNode())
            }
            return node(.failExit, from: start, expression())
        }
    }

    private mutating func operandOfExit() -> NodeID {
        guard kind.beginsExpression, !isAtEnd, !(isHead && at(.leftBrace)) else { return .none }
        if beginsLine, !ignoresLineEnds || lineNeverGoesOn { return .none }
        return expression()
    }

    /// A line that begins with one of these never goes on with the one before, inside brackets either.
    private var lineNeverGoesOn: Bool {
        switch kind {
        case .leftParen, .leftBracket, .leftBrace, .minus, .string, .textHead: true
        default: false
        }
    }

    /// `fallible = disjunct { "catch" ( name block | exit | disjunct ) }`
    private mutating func catches(after operand: NodeID, from start: UInt32) -> NodeID {
        var left = operand
        while at(.catch), !isAtEnd, !beginsField {
            advance()
            if at(.name), nextKind() == .leftBrace, !isHead, !beginsLine, !tokens[position + 1].beginsLine {
                let name = leaf(.name, payload: token.payload)
                left = node(.catchBinding, from: start, left, name, block(of: "`catch`"))
            } else if at(.leftBrace), !isHead, blockFollows {
                reportExpected("a name for the failure", help: ["`catch e { … }`; a value needs no block: `catch 0`"])
                left = node(.catchValue, from: start, left, errorNode())
            } else {
                let fallback = isExit ? exit() : binary(from: Precedence.or)
                left = node(.catchValue, from: start, left, fallback)
            }
        }
        return left
    }

    /// Behind the `{` here stands what only a block can hold.
    var blockFollows: Bool {
        switch nextKind() {
        case .let, .var, .for, .if, .match, .return, .retry, .drop, .fail, .keep, .update, .transaction, .break,
            .continue:
            return nextKind(2) != .colon
        case .name:
            switch nextKind(2) {
            case .dot, .leftParen, .addAssign, .subtractAssign: return true
            default: return false
            }
        default: return false
        }
    }

    // Operators.

    /// Everything that binds at least as close as `level`.
    mutating func binary(from level: Int) -> NodeID {
        let start = start
        if at(.not), !isAtEnd {
            if level > Precedence.not { note(.needsBrackets("not", at: range(of: token))) }
            return operators(after: negation(), from: start, level: level)
        }
        return operators(after: unary(), from: start, level: level)
    }

    /// `negation = "not" negation | comparison`
    private mutating func negation() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        advance()
        return node(.not, from: start, binary(from: Precedence.not))
    }

    private mutating func operators(after operand: NodeID, from start: UInt32, level: Int) -> NodeID {
        var left = operand
        var comparison: Token?
        while position < bracketEnd {
            let kind = kind
            if kind == .assign, isCondition, level <= Precedence.comparison { assignmentMeantAsEqual() }
            if kind == .spread, level == Precedence.sum, !beginsLine { spreadMeantAsRange() }
            guard let (own, nodeKind) = Precedence.of(self.kind), own >= level else { break }
            // A line that begins with `-` is a new one; `not` goes on only with `in`.
            if kind == .minus, beginsLine { break }
            if kind == .not, nextKind() != .in { break }
            if beginsField { break }
            if own == Precedence.comparison {
                if let first = comparison {
                    note(.chainedComparison(at: range(of: token), first: range(of: first)))
                }
                comparison = token
            }
            advance()
            left = node(nodeKind, from: start, left, right(of: nodeKind, level: own))
            if own < Precedence.comparison { comparison = nil }
        }
        return left
    }

    /// `or: int` on a line of its own: a record's next field, not the default of the one before going on.
    var beginsField: Bool { beginsLine && kind.isReserved && nextKind() == .colon }

    /// The operand behind an infix operator.
    private mutating func right(of kind: NodeKind, level: Int) -> NodeID {
        switch kind {
        case .isNotIn:
            advance()
            return inOperand()
        case .isIn: return inOperand()
        case .coalesce: return isExit ? exit() : binary(from: Precedence.sum)
        case .and: return binary(from: Precedence.not)
        default: return binary(from: level + 1)
        }
    }

    /// `interval | coalesce`
    private mutating func inOperand() -> NodeID {
        if at(.range) || at(.rangeBelow) { return interval(from: start, low: .none, simple: false) }
        let start = start
        let low = binary(from: Precedence.sum)
        if atRange { return interval(from: start, low: low, simple: false) }
        return operators(after: low, from: start, level: Precedence.coalesce)
    }

    /// `if a = 3`: reported, and read as `==`.
    private mutating func assignmentMeantAsEqual() {
        guard !beginsLine else { return }
        note(.assignmentInCondition(at: range(of: token)))
        tokens[position].kind = .equal
    }

    /// `x in 1...5`: reported, and read as `1..5`.
    private mutating func spreadMeantAsRange() {
        note(.wrongSign("...", meant: "..", at: range(of: token), because: "a range is `..`, or `..<` without its end"))
        tokens[position].kind = .range
    }

    /// `unary = "-" unary | postfix`
    private mutating func unary() -> NodeID {
        let start = start
        guard at(.minus), !isAtEnd else { return postfix(after: primary(), from: start) }
        if isLowestInteger { return lowestInteger() }
        guard descend() else { return errorNode() }
        defer { ascend() }
        advance()
        return node(.negate, from: start, unary())
    }

    /// `postfix = primary { ( "." | "?." ) name [ text ] | "[" expr "]" | "(" [ args ] ")" }`
    mutating func postfix(after operand: NodeID, from start: UInt32) -> NodeID {
        var left = operand
        while position < bracketEnd {
            switch kind {
            case .dot, .questionDot:
                let flag: UInt8 = at(.questionDot) ? 1 : 0
                advance()
                left = node(.member, from: start, flag: flag, left, anyWord("a name after the dot"))
                if kind.isText, !beginsLine, !isAtEnd {
                    left = node(.templateCall, from: start, left, text())
                }
            case .leftBracket where !beginsLine:
                let bracket = open(lines: false)
                let index = expression()
                close(bracket, expecting: "`]`")
                left = node(.index, from: start, left, index)
            case .leftParen where !beginsLine:
                left = call(left, from: start)
            default: return left
            }
        }
        return left
    }

    /// At the `(`: `args = arg { "," arg } [ "," ]`
    private mutating func call(_ callee: NodeID, from start: UInt32) -> NodeID {
        let mark = mark()
        push(callee)
        let bracket = open(lines: false)
        while !isAtEnd {
            let before = beginItem()
            push(argument())
            endListItem(since: before, closer: ")")
        }
        close(bracket, expecting: "an argument or `)`")
        return finish(.call, from: start, since: mark)
    }

    /// `arg = [ key ":" ] ( expr | selector )`
    private mutating func argument() -> NodeID {
        let start = start
        var name = NodeID.none
        if kind.isWord || kind == .string, nextKind() == .colon {
            name = key("an argument's name")
            advance()
        } else if at(.name), nextKind() == .assign {
            name = leaf(.name, payload: token.payload)
            note(.wrongSign("=", meant: ":", at: range(of: token), because: "an argument's value comes after `:`"))
            advance()
        }
        let value = at(.dot) ? selector() : expression()
        return node(.argument, from: start, name, value)
    }

    /// `selector = "." name { "." name }`
    private mutating func selector() -> NodeID {
        let start = start
        let mark = mark()
        while at(.dot), !isAtEnd {
            advance()
            push(anyWord("a name after the dot"))
        }
        return finish(.selector, from: start, since: mark)
    }
}
