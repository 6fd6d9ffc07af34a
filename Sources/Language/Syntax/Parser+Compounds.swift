// Parser+Compounds.swift: what an operand may be: names, brackets, lists, objects and the worded expressions.

internal import Diagnostics

extension Parser {
    /// `primary = literal | text | name | "(" expr ")" | list | object | if | match | update | …`
    mutating func primary() -> NodeID {
        guard !isAtEnd else { return missingOperand() }
        switch kind {
        case .name: return leaf(.name, payload: token.payload)
        case .integer, .float, .duration, .size: return number()
        case .string, .textHead: return text()
        case .true: return leaf(.trueLiteral)
        case .false: return leaf(.falseLiteral)
        case .null: return leaf(.nullLiteral)
        case .leftParen: return parenthesised()
        case .leftBracket: return list()
        case .leftBrace: return object()
        case .if: return ifExpression()
        case .match: return matchExpression()
        case .update: return update()
        case .lock: return lock()
        case .transaction: return transaction()
        case .together: return together()
        case .any: return quantifier(.anyQuantifier)
        case .all: return quantifier(.allQuantifier)
        case .exists: return exists()
        default: return missingOperand()
        }
    }

    private mutating func missingOperand() -> NodeID {
        if isExit {
            report(.needsBrackets(shown(token), at: range(of: token)))
            return exit()
        }
        if position > 1, tokens[position - 1].kind == .minus, tokens[position - 2].kind == .minus,
            tokens[position - 1].start == tokens[position - 2].end
        {
            let place = range(tokens[position - 2].start, tokens[position - 1].end)
            report(.foreignSpelling("--", at: place, replacement: "-= 1"))
            return errorNode()
        }
        if at(.spread), !isAtEnd {
            report(
                .unexpected(
                    "`...`", at: range(of: token), because: "it stands before a list or an object in brackets",
                    help: ["a range is `..` or `..<`"]))
            return errorNode()
        }
        if at(.fn), !isAtEnd {
            report(
                .unexpected(
                    "`fn`", at: range(of: token), because: "functions are declared at the top level",
                    help: ["a selector names a field: `sort_by(.price)`; a loop is `[x.id for x in list]`"]))
            return errorNode()
        }
        if kind.isReserved, !isAtEnd, !beginsLine || ignoresLineEnds {
            if misusedWords.contains(token.payload) { isRecovering = true }
            report(.reservedWord(shown(token), at: range(of: token), as: "a value"))
            return errorNode()
        }
        reportExpected("a value")
        return errorNode()
    }

    /// `"(" expr ")"`: the brackets leave no node.
    private mutating func parenthesised() -> NodeID {
        let opener = token
        let bracket = open(lines: false)
        if isAtEnd, !bracket.isUnclosed {
            report(
                .expected(
                    "a value", at: range(opener.start, tokens[bracket.end].end), found: "these brackets are empty",
                    help: ["nothing is `null`"]))
        }
        let inner = expression()
        if at(.comma), !isAtEnd {
            report(
                .unexpected(
                    "`,`", at: range(of: token), because: "round brackets hold one value",
                    help: ["a list is `[a, b]`"]))
            position = bracket.end
        }
        if at(.minus), beginsLine {
            report(
                .unexpected(
                    "`-`", at: range(of: token), because: "a line that begins with `-` is a new one",
                    help: ["put the `-` at the end of the line before"]))
            position = bracket.end
        }
        close(bracket, expecting: "`)`")
        return inner
    }

    /// `list = "[" [ item { "," item } [ "," ] ] "]" | "[" expr clause "]"`
    private mutating func list() -> NodeID {
        let start = start
        let mark = mark()
        let bracket = open(lines: false)
        while !isAtEnd {
            let before = beginItem()
            let item = at(.spread) ? spread() : expression()
            push(item)
            if at(.for), pending.count == mark + 1, !isAtEnd {
                push(clause())
                close(bracket, expecting: "`]`")
                return finish(.listComprehension, from: start, since: mark)
            }
            endListItem(since: before, closer: "]")
        }
        close(bracket, expecting: "an item or `]`")
        return finish(.list, from: start, since: mark)
    }

    /// `"..." expr`
    private mutating func spread() -> NodeID {
        let start = start
        advance()
        return node(.spread, from: start, expression())
    }

    /// `clause = "for" name [ "," name ] "in" ( interval | expr ) [ "where" expr ]`
    private mutating func clause() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        clauseBody()
        return finish(.clause, from: start, since: mark)
    }

    private mutating func object() -> NodeID {
        let start = start
        if blockFollows, !isObjectShorthand {
            report(
                .unexpected(
                    "block", at: range(of: token), because: "a value stands here, so this `{` opens an object",
                    help: ["compute the value first, and give it a name with `let`"]))
            step()
            return tree.addLeaf(.error, from: start, to: previousEnd)
        }
        return objectBody(from: start, bracket: open(lines: true))
    }

    /// `{ if }` and the like are errors of another kind: a reserved word as a key's short form.
    private var isObjectShorthand: Bool { nextKind(2) == .comma || nextKind(2) == .rightBrace }

    /// `object = "{" [ entry { "," entry } [ "," ] ] "}" | "{" "[" expr "]" ":" expr clause "}"`
    mutating func objectBody(from start: UInt32, bracket: Bracket) -> NodeID {
        let mark = mark()
        while !isAtEnd {
            let before = beginItem()
            push(entry())
            if at(.for), pending.count == mark + 1, !isAtEnd, let last = pending.last,
                tree.kind(of: last) == .computedEntry
            {
                return objectComprehension(last, from: start, since: mark, bracket: bracket)
            }
            if at(.for), !isAtEnd {
                report(
                    .unexpected(
                        "`for`", at: range(of: token), because: "the key of an object made by a loop is computed",
                        help: ["`{ [line.sku]: line.qty for line in lines }`"]))
                position = bracket.end
            }
            endListItem(since: before, closer: "}")
        }
        close(bracket, expecting: "an entry or `}`")
        return finish(.object, from: start, since: mark)
    }

    private mutating func objectComprehension(
        _ entry: NodeID, from start: UInt32, since mark: Int, bracket: Bracket
    ) -> NodeID {
        let parts = tree.children(of: entry)
        pending.removeLast(pending.count - mark)
        for part in parts { push(part) }
        push(clause())
        close(bracket, expecting: "`}`")
        return finish(.objectComprehension, from: start, since: mark)
    }

    /// `entry = key ":" expr | name | "[" expr "]" ":" expr | "..." expr`
    private mutating func entry() -> NodeID {
        let start = start
        switch kind {
        case .spread: return spread()
        case .leftBracket:
            let bracket = open(lines: false)
            let key = expression()
            close(bracket, expecting: "`]`")
            _ = expect(.colon, "`:` and a value")
            return node(.computedEntry, from: start, key, expression())
        case .string, .textHead:
            if at(.textHead) {
                report(
                    .interpolationNotAllowed(at: range(of: token), in: "a key"))
                step()
                return errorNode()
            }
            let key = plainString(in: "a key")
            colonOfEntry()
            return node(.entry, from: start, key, expression())
        default:
            guard kind.isWord else {
                reportExpected("a key", help: ["`{ id: 1, \"odd key\": 2, [computed]: 3, same, ...other }`"])
                return errorNode()
            }
            if nextKind() == .colon || nextKind() == .assign || nextKind() == .fatArrow {
                let key = anyWord("a key")
                colonOfEntry()
                return node(.entry, from: start, key, expression())
            }
            return node(.shorthandEntry, from: start, declaredName("a key without a value"))
        }
    }

    private mutating func colonOfEntry() {
        if at(.assign) || at(.fatArrow) {
            note(
                .wrongSign(
                    shown(token), meant: ":", at: range(of: token), because: "an entry's value comes after `:`"))
            return advance()
        }
        _ = expect(.colon, "`:` and a value")
    }

    // Worded expressions.

    /// `if = "if" expr block [ "else" ( if | block ) ]`
    private mutating func ifExpression() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        let mark = mark()
        advance()
        push(condition(isHead: true))
        push(block(of: "`if`"))
        guard at(.else), !isAtEnd, !beginsField else {
            push(.none)
            return finish(.ifExpression, from: start, since: mark)
        }
        advance()
        push(at(.if) ? ifExpression() : block(of: "`else`"))
        return finish(.ifExpression, from: start, since: mark)
    }

    /// `match = "match" expr "{" { arm csep } [ "otherwise" result [ csep ] ] "}"`
    private mutating func matchExpression() -> NodeID {
        guard descend() else { return errorNode() }
        defer { ascend() }
        let start = start
        let mark = mark()
        advance()
        push(head())
        guard atBlockBrace(of: "`match`") else { return finish(.matchExpression, from: start, since: mark) }
        let bracket = open(lines: true)
        var otherwise = NodeID.none
        while !isAtEnd {
            let before = beginItem()
            if otherwise.exists {
                note(.notLast("`otherwise`", at: range(of: token), last: tree.range(of: otherwise)))
            }
            if at(.otherwise) {
                let armStart = self.start
                advance()
                otherwise = node(.matchOtherwise, from: armStart, result())
                push(otherwise)
            } else {
                push(arm())
            }
            endItem(since: before, what: "arms", comma: true)
        }
        close(bracket, expecting: "an arm or `}`")
        return finish(.matchExpression, from: start, since: mark)
    }

    /// `arm = pattern [ "where" expr ] result`
    private mutating func arm() -> NodeID {
        let start = start
        let pattern = pattern()
        let filter = skip(.where) ? condition(isHead: true) : .none
        return node(.arm, from: start, pattern, filter, result())
    }

    /// `result = "=>" expr | block`
    private mutating func result() -> NodeID {
        let arrow = token
        if skip(.fatArrow) {
            if at(.leftBrace), blockFollows {
                note(.arrowBeforeBlock(arrow: range(of: arrow)))
                return block(of: "the arm")
            }
            return expression()
        }
        if at(.arrow) || at(.colon) || at(.assign) {
            note(.wrongSign(shown(token), meant: "=>", at: range(of: token), because: "the result comes after `=>`"))
            advance()
            return expression()
        }
        guard at(.leftBrace), !isAtEnd else {
            reportExpected("`=>` and a value, or a block", help: ["`0..<100 => \"small\"`"])
            return errorNode()
        }
        return block(of: "the arm")
    }

    /// `name "[" expr "]"` of `update` and `lock`: pushes both.
    private mutating func entryOfStore(_ example: String) {
        push(declaredName("the resource's name"))
        guard at(.leftBracket), !beginsLine, !isAtEnd else {
            reportExpected("`[` and a key", help: [example])
            return push(errorNode())
        }
        let bracket = open(lines: false)
        push(expression())
        close(bracket, expecting: "`]`")
    }

    /// `update = "update" name "[" expr "]" [ options ] "as" name block`
    private mutating func update() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        entryOfStore("`update shelf[\"key\"] as current { … }`")
        push(options())
        if expect(.as, "`as` and a name for the present value", help: ["`update shelf[\"key\"] as current { … }`"]) {
            push(declaredName("a name for the present value"))
        } else {
            push(errorNode())
        }
        push(block(of: "`update`"))
        return finish(.update, from: start, since: mark)
    }

    /// `locked = "lock" name "[" expr "]" [ options ] block`
    private mutating func lock() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        entryOfStore("`lock locks[\"resource\"] (ttl: 30s) { … }`")
        push(options())
        push(block(of: "`lock`"))
        return finish(.lock, from: start, since: mark)
    }

    /// `transaction = "transaction" name [ options ] block`
    private mutating func transaction() -> NodeID {
        let start = start
        advance()
        let name = declaredName("the database's name")
        let options = options()
        return node(.transaction, from: start, name, options, block(of: "`transaction`"))
    }

    /// `together = "together" ( list | object )`
    private mutating func together() -> NodeID {
        let start = start
        advance()
        guard at(.leftBracket) || at(.leftBrace), !isAtEnd else {
            reportExpected("a list or an object", help: ["`together { a: first(), b: second() }`"])
            return errorNode()
        }
        if beginsLine { note(.bracketOnNewLine(shown(token), at: range(of: token), owner: "`together`")) }
        return node(.together, from: start, at(.leftBracket) ? list() : object())
    }

    /// `( "any" | "all" ) "(" name "in" expr "where" expr ")"`
    private mutating func quantifier(_ kind: NodeKind) -> NodeID {
        let start = start
        let word = shown(token)
        let help = ["`\(word)(line in order.lines where line.qty > 0)`"]
        advance()
        guard atParen("a name", help: help) else { return errorNode() }
        let mark = mark()
        let bracket = open(lines: false)
        push(declaredName("a name for the element"))
        _ = expect(.in, "`in`", help: help)
        push(expression())
        if expect(.where, "`where` and a condition", help: help) {
            push(condition(isHead: false))
        } else {
            push(errorNode())
        }
        close(bracket, expecting: "`)`")
        return finish(kind, from: start, since: mark)
    }

    /// `"exists" "(" expr ")"`
    private mutating func exists() -> NodeID {
        let start = start
        advance()
        guard atParen("a path", help: ["`exists(event.data.id)`"]) else { return errorNode() }
        let bracket = open(lines: false)
        let path = expression()
        close(bracket, expecting: "`)`")
        return node(.exists, from: start, path)
    }
}
