// BracketRepair.swift: finds out which bracket lacks its partner, once it is known that one does.
//
// Runs only on unbalanced files. Pairs the brackets again, this time with an eye on the indents: a `}` that
// begins a line closes the block whose line is indented alike, and what is open inside of it is the culprit.
// So the opener is reported and not the end of the file, and the parser goes on at the right place.
// Neighbours: Lexer.swift (first pairing), Parser.swift (uses the pairs for recovery).

internal import Diagnostics

struct BracketRepair {
    private let bytes: [UInt8]
    private let file: SourceFileID
    private let nestingMax: Int
    private var tokens: [Token]
    private var diagnostics: [Diagnostic] = []
    /// Token indexes of what is open.
    private var open: [Int] = []
    /// How often the scan for an unclosed opener's end may still be made.
    private var scansLeft = diagnosticsMax

    /// Off for text that is not indented in any order: then the indents would accuse the innocent.
    private let usesIndents: Bool

    /// Pairs the brackets of `tokens` again and reports those that have no partner. The reading with the fewer
    /// messages counts.
    static func run(
        _ tokens: inout [Token], bytes: [UInt8], file: SourceFileID, nestingMax: Int
    ) -> [Diagnostic] {
        var indented = BracketRepair(
            bytes: bytes, file: file, nestingMax: nestingMax, tokens: tokens, usesIndents: true)
        indented.pair()
        var plain = BracketRepair(
            bytes: bytes, file: file, nestingMax: nestingMax, tokens: tokens, usesIndents: false)
        plain.pair()
        let best = indented.diagnostics.count <= plain.diagnostics.count ? indented : plain
        tokens = best.tokens
        return best.diagnostics
    }

    private init(bytes: [UInt8], file: SourceFileID, nestingMax: Int, tokens: [Token], usesIndents: Bool) {
        self.bytes = bytes
        self.file = file
        self.nestingMax = nestingMax
        self.tokens = tokens
        self.usesIndents = usesIndents
    }

    private mutating func pair() {
        var lineIndents: [Int] = []
        lineIndents.reserveCapacity(8)
        var indent = 0
        var indents: [Int] = []  // of the line of each open bracket
        for index in tokens.indices {
            let token = tokens[index]
            if token.beginsLine { indent = self.indent(of: token) }
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace, .textHead:
                open.append(index)
                indents.append(indent)
            case .textMiddle, .textTail:
                let isBroken = token.flags.contains(.isBroken)
                if let head = open.lastIndex(where: { tokens[$0].kind == .textHead || tokens[$0].kind == .textMiddle })
                {
                    unclosed(above: head, before: index, isReported: isBroken, &indents)
                    close(index, &indents)
                }
                if token.kind == .textMiddle {
                    open.append(index)
                    indents.append(indent)
                }
            case .rightParen, .rightBracket: closer(index, indent, &indents)
            case .rightBrace: brace(index, indent, &indents)
            case .endOfFile: unclosed(above: -1, before: index, isReported: false, &indents)
            default:
                if usesIndents, token.beginsLine, indent == 0, beginsDeclaration(index), !open.isEmpty, !isInText {
                    unclosed(above: -1, before: index, isReported: false, &indents)
                }
            }
        }
    }

    private var isInText: Bool { open.contains { tokens[$0].kind == .textHead || tokens[$0].kind == .textMiddle } }

    private mutating func close(_ closer: Int, _ indents: inout [Int]) {
        guard let opener = open.popLast() else { return }
        indents.removeLast()
        tokens[opener].payload = UInt32(closer)
        tokens[opener].flags.remove(.isUnclosed)
    }

    private mutating func closer(_ index: Int, _ indent: Int, _ indents: inout [Int]) {
        let wanted: TokenKind = tokens[index].kind == .rightParen ? .leftParen : .leftBracket
        if let top = open.last, tokens[top].kind == wanted { return close(index, &indents) }
        // `f([1, 2)`: the partner is one further out, and what is between was opened on this line.
        if open.count >= 2, tokens[open[open.count - 2]].kind == wanted, indents.last == indent,
            isOnOneLine(open[open.count - 1], index)
        {
            unclosed(above: open.count - 2, before: index, isReported: false, &indents)
            return close(index, &indents)
        }
        // `(1 + ]`: nothing else on the line closes it, so this one was meant to.
        if let top = open.last, tokens[top].kind == .leftParen || tokens[top].kind == .leftBracket,
            isOnOneLine(top, index), !isClosedFurtherOn(top, index), diagnostics.count < diagnosticsMax
        {
            diagnostics.append(
                .mismatchedBracket(
                    text(tokens[top]), at: range(tokens[top]), closedBy: text(tokens[index]), at: range(tokens[index])))
            tokens[index].kind = wanted == .leftParen ? .rightBracket : .rightParen
            return close(index, &indents)
        }
        stray(index)
    }

    /// Whether a bracket further on in this line closes the opener.
    private func isClosedFurtherOn(_ opener: Int, _ index: Int) -> Bool {
        let wanted: TokenKind = tokens[opener].kind == .leftParen ? .rightParen : .rightBracket
        var depth = 0
        for token in tokens[(index + 1)...].prefix(256) {
            if token.beginsLine { return false }
            if token.kind == tokens[opener].kind { depth += 1 }
            guard token.kind == wanted else { continue }
            if depth == 0 { return true }
            depth -= 1
        }
        return false
    }

    private func isOnOneLine(_ first: Int, _ last: Int) -> Bool {
        !tokens[first + 1..<last + 1].prefix(256).contains(where: \.beginsLine)
    }

    private mutating func brace(_ index: Int, _ indent: Int, _ indents: inout [Int]) {
        let isWall: (Token) -> Bool = { $0.kind == .textHead || $0.kind == .textMiddle }
        var partner = open.count - 1
        while partner >= 0, tokens[open[partner]].kind != .leftBrace, !isWall(tokens[open[partner]]) { partner -= 1 }
        guard partner >= 0, tokens[open[partner]].kind == .leftBrace else { return stray(index) }
        if usesIndents, tokens[index].beginsLine, indents[partner] != indent, open.count < nestingMax {
            // Does a block further out stand exactly as far in as this brace? Then it is that one.
            var outer = partner - 1
            while outer >= 0, indents[outer] > indent || tokens[open[outer]].kind != .leftBrace,
                !isWall(tokens[open[outer]])
            {
                outer -= 1
            }
            if outer >= 0, indents[outer] == indent, tokens[open[outer]].kind == .leftBrace {
                partner = outer
            } else if indents[partner] < indent {
                return stray(index)
            }
        }
        unclosed(above: partner, before: index, isReported: false, &indents)
        close(index, &indents)
    }

    private mutating func stray(_ index: Int) {
        if diagnostics.count < diagnosticsMax {
            let range = self.range(tokens[index])
            diagnostics.append(.strayBracket(text(tokens[index]), at: range))
        }
        tokens[index].kind = .bad
    }

    /// Everything open above `place` is not closed: one message for them all.
    private mutating func unclosed(above place: Int, before end: Int, isReported: Bool, _ indents: inout [Int]) {
        guard open.count > place + 1 else { return }
        let culprits = Array(open[(place + 1)...])
        let culpritIndents = Array(indents[(place + 1)...])
        open.removeSubrange((place + 1)...)
        indents.removeSubrange((place + 1)...)
        for (offset, culprit) in culprits.enumerated().reversed() {
            tokens[culprit].flags.insert(.isUnclosed)
            tokens[culprit].payload = UInt32(virtualEnd(of: culprit, indent: culpritIndents[offset], limit: end))
        }
        guard !isReported else { return }
        // One message for those that end at the same place: a file that was cut off has one fault, not five.
        var rest = culprits[...]
        while let innermost = rest.popLast(), diagnostics.count < diagnosticsMax {
            var others: [Label] = []
            while let outer = rest.last, tokens[outer].payload > innermost {
                others.insert(Label(range(tokens[outer]), "nor is this one"), at: 0)
                rest.removeLast()
            }
            diagnostics.append(
                .unclosedBracket(text(tokens[innermost]), at: range(tokens[innermost]), others: Array(others.suffix(2)))
            )
        }
    }

    /// Where an opener that nothing closes is taken as closed: the first line that is indented no more than its
    /// own, or what made us notice.
    private mutating func virtualEnd(of opener: Int, indent: Int, limit: Int) -> Int {
        guard scansLeft > 0 else { return limit }
        scansLeft -= 1
        var index = opener + 1
        while index < limit {
            let token = tokens[index]
            if token.beginsLine, !token.kind.continuesLine, self.indent(of: token) <= indent { return index }
            if token.kind.isOpener, Int(token.payload) > index, Int(token.payload) <= limit {
                index = Int(token.payload)
                if token.flags.contains(.isUnclosed) || tokens[index].kind == .textMiddle { continue }
            }
            index += 1
        }
        return limit
    }

    /// `handler name`, `get "…"`: a word of a declaration with what comes after it.
    private func beginsDeclaration(_ index: Int) -> Bool {
        guard index + 1 < tokens.count, tokens[index].kind == .name || tokens[index].kind == .fn,
            let word = Word(rawValue: tokens[index].payload), !tokens[index + 1].beginsLine
        else { return false }
        switch word {
        case .record, .handler, .fn, .database, .store, .topic, .app, .service, .binding, .settings:
            return tokens[index + 1].kind == .name
        case .event, .subscribe, .get, .post, .put, .patch, .delete, .serve, .input, .job:
            return tokens[index + 1].kind == .string
        default: return false
        }
    }

    private func indent(of token: Token) -> Int {
        var start = Int(token.start)
        while start > 0, bytes[start - 1] == UInt8(ascii: " ") || bytes[start - 1] == UInt8(ascii: "\t") { start -= 1 }
        return Int(token.start) - start
    }

    private func range(_ token: Token) -> SourceRange {
        SourceRange(file: file, start: token.start, end: token.end)
    }

    private func text(_ token: Token) -> String {
        let bytes = bytes[Int(token.start)..<Int(token.end)]
        return token.kind == .textHead || token.kind == .textMiddle ? "${" : String(decoding: bytes, as: UTF8.self)
    }
}

extension BracketRepair {
    /// Whether a bracket lacks its partner because a string without an end, later on its line, has swallowed it:
    /// then the string is the cause, and the bracket is no message of its own.
    static func isSwallowed(_ stray: Diagnostic, by others: [Diagnostic], in bytes: [UInt8]) -> Bool {
        guard stray.code == .unclosedBracket, let opener = stray.primary?.range.start else { return false }
        let closer: UInt8
        switch bytes[Int(opener)] {
        case UInt8(ascii: "("): closer = UInt8(ascii: ")")
        case UInt8(ascii: "["): closer = UInt8(ascii: "]")
        default: closer = UInt8(ascii: "}")
        }
        let line = bytes[Int(opener)...].prefix { $0 != UInt8(ascii: "\n") }
        return others.contains { other in
            guard other.code == .unterminatedString, let quote = other.primary?.range.start else { return false }
            return quote > opener && quote < line.endIndex && line[Int(quote)...].contains(closer)
        }
    }
}

extension Diagnostic {
    static func mismatchedBracket(
        _ opener: String, at opening: SourceRange, closedBy closer: String, at closing: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: .strayBracket, title: "`\(opener)` is closed by `\(closer)`",
            primary: Label(closing, "here `\(opener == "(" ? ")" : "]")` belongs"),
            related: [Label(opening, "opened here")])
    }
}
