// Parser+Declarations.swift: what stands at the top level of a file, routes aside.

internal import Diagnostics

extension Parser {
    /// `file = { declaration sep }`
    mutating func parseFile() {
        let mark = mark()
        while !isAtEnd {
            if skip(.semicolon) { continue }
            let before = beginItem()
            push(declaration())
            endItem(since: before, what: "declarations")
        }
        tree.root = tree.add(.file, from: 0, to: UInt32(bytes.count), pending[mark...])
    }

    private mutating func declaration() -> NodeID {
        switch kind {
        case .let: return constant()
        case .fn: return function()
        case .lock where nextKind() == .name: return resource()
        case .name:
            if let word = Word(rawValue: token.payload), let node = declaration(opening: word) { return node }
        default: break
        }
        reportNoDeclaration()
        return errorNode()
    }

    /// The words are words only where a declaration begins, and only with what must follow them.
    private mutating func declaration(opening word: Word) -> NodeID? {
        switch word {
        case .record: return record()
        case .handler: return handler()
        case .event: return eventType()
        case .database, .store, .topic, .app, .service, .binding, .settings: return resource()
        case .subscribe: return subscribe()
        case .get, .post, .put, .patch, .delete: return endpoint()
        case .serve: return serve()
        case .input, .job: return trigger()
        default: return nil
        }
    }

    private mutating func reportNoDeclaration() {
        let word = kind.isWord ? text(of: token) : ""
        if atWord(.test) || atWord(.workflow) {
            return report(.keptForLater(word, at: range(of: token)))
        }
        if atWord(.on) { return report(.ruleOutside(at: range(of: token))) }
        if at(.name), nextKind() == .leftBrace, word.first?.isUppercase == true {
            return report(
                .expected(
                    "`record` before the name", at: range(of: token), found: "this begins with a name",
                    help: ["`record \(word) { … }`"]))
        }
        if let foreign = ForeignWord.declarations[word] {
            return report(
                .foreignKeyword(word, at: range(of: token), instead: foreign.instead, isExact: foreign.isExact))
        }
        if at(.name), nextKind() == .name || nextKind() == .string || nextKind() == .leftBrace,
            let near = nearest(word, in: Word.declarationWords)
        {
            return report(.misspeltWord(word, near: near, at: range(of: token)))
        }
        if kind.beginsExpression || at(.for) || at(.var) {
            return report(.misplacedStatement(shown(token), at: range(of: token)))
        }
        report(
            .expected(
                "a declaration", at: range(of: token), found: "this is `\(shown(token))`",
                help: ["a file holds records, handlers, functions, resources and routes"]))
    }

    /// The name of what is declared: a word that is not reserved.
    mutating func declaredName(_ role: String) -> NodeID {
        if at(.name) { return leaf(.name, payload: token.payload) }
        if kind.isReserved, !beginsLine {
            note(.reservedWord(text(of: token), at: range(of: token), as: role))
            misusedWords.insert(token.payload)
            return leaf(.name, payload: token.payload)
        }
        reportExpected(role)
        return errorNode()
    }

    /// A word after `.`, or before `:`: reserved ones too.
    mutating func anyWord(_ role: String) -> NodeID {
        // `foo.` and a statement on the next line: the name was not typed yet.
        let isNextStatement = kind.isReserved && beginsLine && position > itemStart && tokens[position - 1].kind == .dot
        if kind.isWord, !isNextStatement { return leaf(.name, payload: token.payload) }
        reportExpected(role)
        return errorNode()
    }

    /// `key = name | string`
    mutating func key(_ role: String) -> NodeID {
        kind.isText ? plainString(in: "a key") : anyWord(role)
    }

    /// `record = "record" name "{" [ field { csep field } [ csep ] ] "}"`
    private mutating func record() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        push(declaredName("the record's name"))
        guard atBlockBrace(of: "the record") else { return finish(.record, from: start, since: mark) }
        let bracket = open(lines: true)
        while !isAtEnd {
            let before = beginItem()
            push(field())
            endItem(since: before, what: "fields", comma: true)
        }
        close(bracket, expecting: "a field or `}`")
        return finish(.record, from: start, since: mark)
    }

    /// `field = key ":" type [ "=" expr ]`
    private mutating func field() -> NodeID {
        let start = start
        let key = key("a field")
        if at(.assign) {
            note(
                .wrongSign("=", meant: ":", at: range(of: token), because: "a field's type comes after `:`"))
            advance()
        } else {
            _ = expect(.colon, "`:` and a type", help: ["`id: string`"])
        }
        let type = type()
        let value = skip(.assign) ? expression() : .none
        return node(.field, from: start, key, type, value)
    }

    /// `eventtype = "event" string ":" type`
    private mutating func eventType() -> NodeID {
        let start = start
        advance()
        let name = plainString(in: "an event type")
        _ = expect(.colon, "`:` and a type", help: ["`event \"widget.v1\": Widget`"])
        return node(.eventType, from: start, name, type())
    }

    /// `constant = "let" name [ ":" type ] "=" expr`
    private mutating func constant() -> NodeID {
        let start = start
        advance()
        let name = declaredName("the constant's name")
        let type = typeAnnotation()
        _ = expect(.assign, "`=` and a value")
        return node(.constant, from: start, name, type, expression())
    }

    mutating func typeAnnotation() -> NodeID { skip(.colon) ? type() : .none }

    /// `function = "fn" name "(" [ params ] ")" [ "->" type ] ( "=" expr | block )`
    private mutating func function() -> NodeID {
        let start = start
        let mark = mark()
        advance()
        push(declaredName("the function's name"))
        push(parameters())
        if at(.colon) {
            note(.wrongSign(":", meant: "->", at: range(of: token), because: "the type of the result"))
            advance()
            push(type())
        } else {
            push(skip(.arrow) ? type() : .none)
        }
        if at(.fatArrow) {
            note(.wrongSign("=>", meant: "=", at: range(of: token), because: "a function's body comes after `=`"))
            advance()
            push(expression())
        } else if at(.assign) {
            let sign = token
            advance()
            if at(.leftBrace), !isAtEnd, blockFollows {
                note(.valueBeforeBlock(sign: range(of: sign)))
                push(block(of: "the function"))
            } else {
                push(expression())
            }
        } else {
            push(block(of: "the function"))
        }
        return finish(.function, from: start, since: mark)
    }

    /// `params = param { "," param } [ "," ]`
    private mutating func parameters() -> NodeID {
        let start = start
        let mark = mark()
        guard atParen("the parameters") else { return finish(.parameters, from: start, since: mark) }
        let bracket = open(lines: false)
        while !isAtEnd {
            let before = beginItem()
            push(parameter())
            endListItem(since: before, closer: ")")
        }
        close(bracket, expecting: "a parameter or `)`")
        return finish(.parameters, from: start, since: mark)
    }

    /// `param = name [ ":" type ]`
    private mutating func parameter() -> NodeID {
        let start = start
        let name = declaredName("a parameter")
        return node(.parameter, from: start, name, typeAnnotation())
    }

    /// `handler = "handler" name "(" [ param ] ")" block`
    private mutating func handler() -> NodeID {
        let start = start
        advance()
        let name = declaredName("the handler's name")
        var parameter = NodeID.none
        if atParen("the parameter", help: ["`handler save(event) { … }`"]) {
            let bracket = open(lines: false)
            if !isAtEnd { parameter = self.parameter() }
            if !isAtEnd, !isRecovering {
                report(
                    .unexpected(
                        at(.comma) ? "second parameter" : "`\(shown(token))`", at: range(of: token),
                        because: "a handler takes one parameter: the event or the request"))
                position = bracket.end
            }
            close(bracket, expecting: "`)`")
        }
        let arrow = token
        if skip(.arrow) {
            note(
                .unexpected(
                    "`->`", at: range(of: arrow), because: "a handler's result has no type",
                    help: ["a function has one: `fn name(…) -> type`"]))
            _ = type()
        }
        return node(.handler, from: start, name, parameter, block(of: "the handler"))
    }

    /// `resource = kind name "=" target [ options ]`
    private mutating func resource() -> NodeID {
        let start = start
        let mark = mark()
        push(leaf(.name, payload: token.payload))
        push(declaredName("the resource's name"))
        if at(.colon) {
            note(.wrongSign(":", meant: "=", at: range(of: token), because: "a resource's target comes after `=`"))
            advance()
        } else {
            _ = expect(.assign, "`=` and a target", help: ["`store shelf = \"statestore\"`"])
        }
        push(target())
        push(options())
        return finish(.resource, from: start, since: mark)
    }

    /// `target = string | ( "secret" | "env" ) "(" string [ "," string ] ")"`
    private mutating func target() -> NodeID {
        let start = start
        if kind.isText { return node(.targetText, from: start, plainString(in: "a target")) }
        guard atWord(.secret) || atWord(.env) else {
            reportExpected("a target", help: ["a string, `secret(\"store/name\")` or `env(\"NAME\")`"])
            return errorNode()
        }
        let kind: NodeKind = atWord(.secret) ? .targetSecret : .targetEnvironment
        advance()
        guard atParen("a string") else { return errorNode() }
        let bracket = open(lines: false)
        let first = plainString(in: "a target")
        var second = NodeID.none
        if skip(.comma), !isAtEnd { second = plainString(in: "a target") }
        close(bracket, expecting: "`)`")
        return node(kind, from: start, first, second)
    }

    /// `options = "(" [ option { "," option } [ "," ] ] ")"`, on the line of what they belong to; else none.
    mutating func options() -> NodeID {
        guard at(.leftParen), !beginsLine else { return .none }
        let start = start
        let mark = mark()
        let bracket = open(lines: false)
        while !isAtEnd {
            let before = beginItem()
            push(option())
            endListItem(since: before, closer: ")")
        }
        close(bracket, expecting: "an option or `)`")
        return finish(.options, from: start, since: mark)
    }

    /// `option = key ":" ( expr | interval )`
    private mutating func option() -> NodeID {
        let start = start
        let key = key("an option")
        if at(.assign) {
            note(.wrongSign("=", meant: ":", at: range(of: token), because: "an option's value comes after `:`"))
            advance()
        } else {
            _ = expect(.colon, "`:` and a value", help: ["`(timeout: 5s)`"])
        }
        return node(.option, from: start, key, intervalOrExpression())
    }

    // Where a bracket must stand.

    /// Whether the `{` of a block, or of what is written like one, stands here. Reports when not.
    mutating func atBlockBrace(of owner: String) -> Bool {
        guard at(.leftBrace), !isAtEnd else {
            reportExpected("`{`", help: ["\(owner) has a block: `{ … }`"])
            skipBodyWithoutBrace()
            return false
        }
        if beginsLine {
            note(.bracketOnNewLine("{", at: range(of: token), owner: owner))
        }
        return true
    }

    mutating func atParen(_ what: String, help: [String] = []) -> Bool {
        guard at(.leftParen), !isAtEnd else {
            reportExpected("`(` and \(what)", help: help)
            return false
        }
        if beginsLine { note(.bracketOnNewLine("(", at: range(of: token), owner: "what it belongs to")) }
        return true
    }
}
