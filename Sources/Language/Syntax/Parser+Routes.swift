// Parser+Routes.swift: subscriptions with their rules, endpoints, services and triggers.

internal import Diagnostics

extension Parser {
    /// `subscribe = "subscribe" string [ options ] "{" { rule sep } [ "otherwise" action sep ] "}"`
    mutating func subscribe() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        push(plainString(in: "a subscription"))
        push(options())
        if at(.name), nextKind() == .colon, !beginsLine {
            report(.looseOption(shown(token), at: range(of: token)))
            return finish(.subscribe, from: start, since: mark)
        }
        guard atBlockBrace(of: "the subscription") else { return finish(.subscribe, from: start, since: mark) }
        let bracket = open(lines: true)
        var otherwise = NodeID.none
        while !isAtEnd {
            if skip(.semicolon) { continue }
            let before = beginItem()
            if otherwise.exists {
                note(.notLast("`otherwise`", at: range(of: token), last: tree.range(of: otherwise)))
            }
            if at(.else) || (at(.name) && ["default", "_"].contains(shown(token)) && nextKind() == .fatArrow) {
                note(
                    .wrongSign(
                        shown(token), meant: "otherwise", at: range(of: token), because: "the rule for all other events"
                    ))
                otherwise = otherwiseRule()
                push(otherwise)
            } else if at(.otherwise) {
                otherwise = otherwiseRule()
                push(otherwise)
            } else {
                push(rule())
            }
            endItem(since: before, what: "rules")
        }
        close(bracket, expecting: "a rule or `}`")
        return finish(.subscribe, from: start, since: mark)
    }

    private mutating func otherwiseRule() -> NodeID {
        let start = start
        advance()
        return node(.otherwiseRule, from: start, action())
    }

    /// `rule = "on" [ string { "," string } ] [ "as" name ] [ "where" expr ] action`
    private mutating func rule() -> NodeID {
        let start = start
        let mark = mark()
        if at(.string), !isAtEnd {
            note(.missingOn(at: range(of: token)))
            return ruleBody(from: start, since: mark, isWithoutOn: true)
        }
        if at(.name), nextKind() == .colon {
            report(.looseOption(shown(token), at: range(of: token)))
            return errorNode()
        }
        guard atWord(.on) else {
            reportExpected("a rule", help: ["`on \"order.paid\" => orders.settle`"])
            return errorNode()
        }
        advance()
        return ruleBody(from: start, since: mark)
    }

    /// What comes after `on`.
    private mutating func ruleBody(from start: UInt32, since mark: Int, isWithoutOn: Bool = false) -> NodeID {
        push(typePatterns(isWithoutOn: isWithoutOn))
        push(skip(.as) ? declaredName("the rule's name") : .none)
        if at(.if) || (at(.name) && shown(token) == "when"), !beginsLine {
            note(
                .wrongSign(
                    shown(token), meant: "where", at: range(of: token),
                    because: "a rule's condition comes after `where`"))
            advance()
            push(condition(isHead: true))
        } else {
            push(skip(.where) ? condition(isHead: true) : .none)
        }
        push(action())
        return finish(.rule, from: start, since: mark)
    }

    private mutating func typePatterns(isWithoutOn: Bool) -> NodeID {
        let start = start
        let mark = mark()
        if kind.isText, !beginsLine || isWithoutOn {
            push(plainString(in: "an event type"))
            while skip(.comma) { push(plainString(in: "an event type")) }
        } else if at(.name), !beginsLine, nextKind() == .dot || nextKind() == .fatArrow || nextKind() == .comma {
            push(plainString(in: "an event type"))
        } else if at(.star) {
            note(
                .unexpected(
                    "`*`", at: range(of: token), because: "a pattern is a string",
                    help: ["for any type write nothing: `on => …`"]))
            advance()
        }
        return finish(.typePatterns, from: start, since: mark)
    }

    /// `action = "=>" path | block`
    mutating func action() -> NodeID {
        let arrow = token
        if skip(.fatArrow) {
            if at(.string), !beginsLine, !isAtEnd {
                let quoted = text(of: token)
                note(.quotedPath(String(quoted.dropFirst().dropLast()), at: range(of: token)))
                return leaf(.error)
            }
            guard at(.leftBrace) else { return path(call: true) }
            note(.arrowBeforeBlock(arrow: range(of: arrow)))
            return block(of: "the rule")
        }
        if at(.arrow) || at(.assign) || at(.colon) {
            note(
                .wrongSign(
                    shown(token), meant: "=>", at: range(of: token), because: "the handler comes after `=>`"))
            advance()
            return path(call: true)
        }
        guard at(.leftBrace) else {
            reportExpected("`=>` and a handler, or a block", help: ["`=> orders.settle`"])
            return errorNode()
        }
        return block(of: "the rule")
    }

    /// `path = name { "." name }`
    mutating func path(call: Bool = false) -> NodeID {
        let start = start
        let mark = mark()
        push(declaredName("a handler's name"))
        while at(.dot), !isAtEnd {
            advance()
            push(anyWord("a name"))
        }
        if call, at(.leftParen), !beginsLine {
            note(
                .unexpected(
                    "`(`", at: range(of: token), because: "a route names its handler, it does not call it",
                    help: ["`=> module.handler`; the event or the request is passed to it"]))
            step()
        }
        return finish(.path, from: start, since: mark)
    }

    /// `endpoint = ( "get" | "post" | "put" | "patch" | "delete" ) string [ options ] action`
    mutating func endpoint() -> NodeID {
        let start = start
        let word = leaf(.name, payload: token.payload)
        return route(.endpoint, from: start, word: word, in: "an endpoint's path")
    }

    /// `trigger = ( "input" | "job" ) string [ options ] action`
    mutating func trigger() -> NodeID {
        let start = start
        let word = leaf(.name, payload: token.payload)
        return route(.trigger, from: start, word: word, in: "a trigger's name")
    }

    private mutating func route(_ kind: NodeKind, from start: UInt32, word: NodeID, in place: String) -> NodeID {
        let mark = mark()
        push(word)
        push(plainString(in: place))
        push(options())
        push(action())
        return finish(kind, from: start, since: mark)
    }

    /// `serve = "serve" string "as" path [ options ] "{" { name action sep } "}"`
    mutating func serve() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        push(plainString(in: "a proto file's name"))
        if expect(.as, "`as` and the service's name") { push(path()) } else { push(errorNode()) }
        push(options())
        guard atBlockBrace(of: "the service") else { return finish(.serve, from: start, since: mark) }
        let bracket = open(lines: true)
        while !isAtEnd {
            if skip(.semicolon) { continue }
            let before = beginItem()
            push(serveMethod())
            endItem(since: before, what: "methods")
        }
        close(bracket, expecting: "a method or `}`")
        return finish(.serve, from: start, since: mark)
    }

    private mutating func serveMethod() -> NodeID {
        let start = start
        let name = anyWord("a method's name")
        return node(.serveMethod, from: start, name, action())
    }
}
