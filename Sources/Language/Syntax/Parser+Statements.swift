// Parser+Statements.swift: blocks and what stands in them.

internal import Diagnostics

extension Parser {
    /// `block = "{" { statement sep } "}"`
    mutating func block(of owner: String) -> NodeID {
        guard atBlockBrace(of: owner) else { return errorNode() }
        let start = start
        let mark = mark()
        let opener = position
        let bracket = open(lines: true)
        if holdsObject {
            push(objectInBlock(opener: opener, bracket: bracket))
            return finish(.block, from: start, since: mark)
        }
        while !isAtEnd {
            if skip(.semicolon) { continue }
            let before = beginItem()
            push(statement())
            endItem(since: before, what: "statements")
        }
        close(bracket, expecting: "`}`")
        return finish(.block, from: start, since: mark)
    }

    /// Behind a block's `{`: `key:`, `...rest` or `a, b` can only be meant as an object.
    private var holdsObject: Bool {
        if at(.spread) { return true }
        guard kind.isWord || at(.string), !isAtEnd else { return false }
        return nextKind() == .colon || (nextKind() == .comma && at(.name))
    }

    /// The whole block is one object: says so, and reads it as that.
    private mutating func objectInBlock(opener: Int, bracket: Bracket) -> NodeID {
        let outer = tokens[opener]
        guard !isRecovering, mutes == 0 else { return objectBody(from: outer.start, bracket: bracket) }
        let end = bracket.isUnclosed ? outer.end : tokens[bracket.end].start
        let inner = String(decoding: bytes[Int(outer.end)..<max(Int(outer.end), Int(end))], as: UTF8.self)
        let trimmed = inner.last == " " || inner.last == "\n" ? inner : inner + " "
        let padded = trimmed.first == " " || trimmed.first == "\n" ? trimmed : " " + trimmed
        note(
            .objectInBlock(
                padded, block: range(outer.start, tokens[bracket.end].end), at: range(of: outer)))
        return objectBody(from: outer.start, bracket: bracket)
    }

    /// `statement = let | var | assignment | for | expr`
    private mutating func statement() -> NodeID {
        switch kind {
        case .let: return local(.letStatement)
        case .var: return local(.varStatement)
        case .for: return forLoop()
        case .if, .match, .update, .transaction: return bracedStatement()
        case .lock where nextKind() == .name: return bracedStatement()
        case .name: return nameStatement()
        default: return assignmentOrExpression()
        }
    }

    /// `( "let" | "var" ) name [ ":" type ] "=" expr`
    private mutating func local(_ kind: NodeKind) -> NodeID {
        let start = start
        advance()
        if at(.leftBrace) || at(.leftBracket) {
            report(
                .unexpected(
                    "`\(shown(token))`", at: range(of: token), because: "`let` gives one name to one value",
                    help: ["take it apart with `match`, or read its parts: `let id = o.id`"]))
            return errorNode()
        }
        let name = declaredName("the local's name")
        let type = typeAnnotation()
        if at(.fatArrow) || at(.arrow) || at(.equal) {
            note(.wrongSign(shown(token), meant: "=", at: range(of: token), because: "the value comes after `=`"))
            advance()
        } else {
            _ = expect(.assign, "`=` and a value")
        }
        return node(kind, from: start, name, type, expression())
    }

    /// `for = "for" name [ "," name ] "in" ( interval | expr ) [ "where" expr ] block`
    private mutating func forLoop() -> NodeID {
        let start = start
        let mark = mark()
        let outer = isHead
        advance()
        isHead = true
        if at(.leftParen), !isAtEnd, nextKind() == .let || nextKind() == .var || holdsSemicolon {
            note(.foreignLoop(at: range(of: token)))
            let opener = token
            step()
            swallowed.append(range(opener.start, previousEnd))
            for _ in 0..<4 { push(tree.addLeaf(.error, from: opener.start, to: previousEnd)) }
        } else if at(.leftParen), !isAtEnd {
            note(.bracketedHead("for", at: range(of: token)))
            let bracket = open(lines: false)
            clauseBody()
            close(bracket, expecting: "`)`")
        } else {
            clauseBody()
        }
        isHead = outer
        push(block(of: "the loop"))
        return finish(.forLoop, from: start, since: mark)
    }

    /// At a bracket: a loop of C.
    private var holdsSemicolon: Bool {
        let end = Int(token.payload)
        guard !token.flags.contains(.isUnclosed), end > position, end <= bracketEnd else { return false }
        return tokens[position..<end].prefix(64).contains { $0.kind == .semicolon }
    }

    /// `name [ "," name ] "in" ( interval | expr ) [ "where" expr ]`: pushes the four.
    mutating func clauseBody() {
        push(declaredName("a name for the element"))
        push(skip(.comma) ? declaredName("a name for the value") : .none)
        if at(.assign) || at(.colon) || (at(.name) && shown(token) == "of") {
            note(
                .wrongSign(
                    shown(token), meant: "in", at: range(of: token), because: "what is gone over comes after `in`"))
            advance()
        } else {
            _ = expect(.in, "`in`", help: ["`for line in order.lines`"])
        }
        let subject = intervalOrExpression()
        if tree.kind(of: subject) == .interval, tree.children(of: subject).contains(.none) {
            note(.openInterval(at: tree.range(of: subject)))
        }
        push(subject)
        push(skip(.where) ? condition(isHead: isHead) : .none)
    }

    /// A statement that begins with `if match update lock transaction` ends at its brace, unless one of four
    /// tokens goes on with it.
    private mutating func bracedStatement() -> NodeID {
        let start = start
        let primary = primary()
        switch kind {
        case .dot, .questionDot, .coalesce, .catch:
            guard !isAtEnd else { return primary }
            return expression(after: postfix(after: primary, from: start), from: start)
        default: return primary
        }
    }

    private mutating func nameStatement() -> NodeID {
        if let foreign = ForeignWord.expressions[foreignCandidate] {
            report(
                .foreignKeyword(
                    shown(token), at: range(of: token), instead: foreign.instead, isExact: foreign.isExact))
            return errorNode()
        }
        if isDeclarationInBlock {
            report(.misplacedDeclaration(shown(token), at: range(of: token)))
            return errorNode()
        }
        return assignmentOrExpression()
    }

    /// `name ( "=" | "+=" | "-=" | "*=" | "/=" ) expr | expr`
    private mutating func assignmentOrExpression() -> NodeID {
        let start = start
        let left = expression()
        guard let assignment = assignmentOperator, !isRecovering, !isAtEnd else { return left }
        if tree.kind(of: left) != .name {
            note(.notAssignable(at: tree.range(of: left)))
        }
        advance()
        return node(.assignment, from: start, flag: assignment.rawValue, left, expression())
    }

    private var assignmentOperator: AssignmentOperator? {
        guard !beginsLine else { return nil }
        return switch kind {
        case .assign: .set
        case .addAssign: .add
        case .subtractAssign: .subtract
        case .multiplyAssign: .multiply
        case .divideAssign: .divide
        default: nil
        }
    }

    /// The word when it may be one of another language: followed by something no Bay name is followed by.
    private var foreignCandidate: String {
        guard nextKind().beginsExpression, !tokens[position + 1].beginsLine, nextKind() != .leftBracket,
            nextKind() != .minus
        else { return "" }
        if nextKind() == .leftParen,
            !["while", "unless", "elif", "elsif", "elseif", "switch", "foreach"].contains(text(of: token))
        {
            return ""
        }
        return text(of: token)
    }

    private var isDeclarationInBlock: Bool {
        guard position + 1 < tokens.count, !tokens[position + 1].beginsLine, let word = Word(rawValue: token.payload)
        else { return false }
        switch word {
        case .record, .handler, .store, .database, .topic, .app, .service, .binding, .settings:
            return nextKind() == .name
        case .event, .subscribe, .get, .post, .put, .patch, .delete, .serve, .input, .job, .on:
            return nextKind() == .string
        default: return false
        }
    }
}
