// Parser+Recovery.swift: reporting once, and finding the next place where reading makes sense.

internal import Diagnostics

extension Parser {
    mutating func report(_ diagnostic: Diagnostic) {
        if at(.bad) { isRecovering = true }
        guard !isRecovering, mutes == 0 else { return }
        isRecovering = true
        if diagnostics.count < diagnosticsMax { diagnostics.append(diagnostic) }
    }

    /// Reports, but goes on as if nothing had been: what was meant is clear.
    mutating func note(_ diagnostic: Diagnostic) {
        guard !isRecovering, mutes == 0 else { return }
        if diagnostics.count < diagnosticsMax { diagnostics.append(diagnostic) }
    }

    mutating func reportExpected(_ wanted: String, help: [String] = []) {
        if let foreign = foreignOperator { return report(foreign) }
        if at(.dot), nextKind() == .integer, tokens[position + 1].start == token.end {
            let number = tokens[position + 1]
            return report(
                .badNumber(
                    ".\(text(of: number))", at: range(token.start, number.end),
                    because: "a digit stands on both sides of the dot", help: "`0.\(text(of: number))`"))
        }
        report(.expected(wanted, at: placeOfProblem, found: foundInstead, help: help))
    }

    /// Goes past the token, or says that it is missing.
    mutating func expect(_ kind: TokenKind, _ wanted: String, help: [String] = []) -> Bool {
        if skip(kind) { return true }
        reportExpected(wanted, help: help)
        return false
    }

    /// The current token; where a line or a bracket ended too early, the end of what was read.
    var placeOfProblem: SourceRange {
        isAtEnd || (beginsLine && !ignoresLineEnds && position > itemStart) || at(.endOfFile)
            ? range(previousEnd, previousEnd) : range(of: token)
    }

    var foundInstead: String {
        if at(.endOfFile) { return "the file ends here" }
        if isAtEnd { return at(.name) ? "it ends here" : "`\(shown(token))` comes first" }
        if beginsLine, !ignoresLineEnds, position > itemStart { return "the line ends here" }
        return switch kind {
        case .string, .textHead: "this is a string"
        case .name: "`\(shown(token))` is a name"
        case .integer, .float: "this is a number"
        case .duration: "this is a duration"
        case .size: "this is a size"
        case _ where kind.isReserved: "`\(shown(token))` is a reserved word"
        default: "this is `\(shown(token))`"
        }
    }

    /// A token as a message quotes it; a long one is cut.
    func shown(_ token: Token) -> String {
        let end = min(token.end, token.start + 96)
        let full = String(decoding: bytes[Int(token.start)..<Int(end)], as: UTF8.self)
        return full.count <= 24 ? full : String(full.prefix(23)) + "…"
    }

    /// Whether the line goes on with the current token (language.md section 3).
    var goesOn: Bool {
        kind.continuesLine || (at(.not) && nextKind() == .in)
    }

    /// At the first token of an item: an error there is about it, not about the line before.
    mutating func beginItem() -> Int {
        itemStart = position
        return position
    }

    /// After a statement, rule or declaration: it must end here; goes to where the next one begins.
    mutating func endItem(since before: Int, what: String, comma: Bool = false) {
        if at(.bad) { isRecovering = true }
        if !isRecovering, !isAtEnd, !at(.semicolon), !beginsLine, !(comma && at(.comma)) {
            report(trailing(what))
        }
        if isRecovering { skipItem(since: before, comma: comma) }
        if comma, at(.semicolon), !isAtEnd {
            note(.wrongSign(";", meant: ",", at: range(of: token), because: "\(what) end at the line's end or at `,`"))
            advance()
        }
        if comma, at(.comma), !isAtEnd { advance() }
        if position == before, !isAtEnd { advance() }
    }

    /// Methods whose text follows them without brackets.
    private static let templateMethods: Set<String> = ["exec", "one", "rows"]

    /// What stands behind an item on its line, and does not belong to it.
    private func trailing(_ what: String) -> Diagnostic {
        let place = range(of: token)
        if let foreign = foreignTrailing { return foreign }
        if position > 2, tokens[position - 2].kind == .dot, kind.beginsExpression,
            Self.templateMethods.contains(text(of: tokens[position - 1]))
        {
            let label = "\(text(of: tokens[position - 3])).\(text(of: tokens[position - 1]))"
            return .sqlNotLiteral(label, at: place)
        }
        if let foreign = foreignOperator { return foreign }
        if at(.arrow), nextKind() == .name {
            return .wrongSign("->", meant: ".", at: place, because: "a field is read with a dot")
        }
        switch kind {
        case .question:
            return .unexpected(
                "`?`", at: place, because: "there is no `a ? b : c`", help: ["`if a { b } else { c }` is a value"])
        case .dot:
            return .unexpected(
                "`.`", at: place, because: "`.name` stands for a field only as an argument",
                help: ["`sort_by(.price)`; of a value it is `value.name`"])
        case .range, .rangeBelow, .spread:
            return .unexpected(
                "`\(shown(token))`", at: place, because: "a range is no value of its own",
                help: ["ranges stand after `in`, in `for`, bounds and options; a list is `[i for i in 1..5]`"])
        case .fatArrow, .arrow:
            return .unexpected(
                "`\(shown(token))`", at: place, because: "functions are declared, not written as values",
                help: ["`sort_by(.price)` names a field; `[x.id for x in list]` goes over a list"])
        case _ where Precedence.of(kind) != nil && position > 0 && tokens[position - 1].kind == .rightBrace:
            return .unexpected(
                "`\(shown(token))`", at: place, because: "the statement before ended at its brace",
                help: ["put the whole of it in brackets, or give it a name with `let`"])
        case _ where kind.beginsExpression || kind.isReserved:
            return .missingSeparator(at: place, what: what)
        default:
            return .unexpected("`\(shown(token))`", at: place, because: "the line should end before it")
        }
    }

    /// To the beginning of the next item of the bracket that we are in.
    private mutating func skipItem(since before: Int, comma: Bool) {
        if position == before, !isAtEnd { step() }
        while !isAtEnd, !at(.semicolon), !(comma && at(.comma)), !(beginsLine && !goesOn) { step() }
        isRecovering = mutes > 0
    }

    /// After an item of a comma list: goes past the comma, or says that one is missing.
    mutating func endListItem(since before: Int, closer: String) {
        if at(.bad) { isRecovering = true }
        if isRecovering {
            if position == before, !isAtEnd { step() }
            while !isAtEnd, !at(.comma) { step() }
            isRecovering = mutes > 0
        }
        if isAtEnd { return }
        if skip(.comma) { return }
        if at(.semicolon) {
            note(.wrongSign(";", meant: ",", at: range(of: token), because: "items are separated by `,`"))
            return advance()
        }
        if at(.fatArrow) || at(.arrow) || at(.question) || at(.range) || at(.rangeBelow)
            || (at(.spread) && tokens[position].start == previousEnd)
        {
            report(trailing("items"))
            return step()
        }
        report(
            .missingComma(at: range(of: token), after: range(previousEnd, previousEnd), closer: closer))
        // The next item may well begin here, but whether it does is a guess: stay silent up to the bracket.
        if position == before { step() } else if !kind.beginsExpression, !at(.spread) { step() }
    }

    /// A block's `{` is missing (and reported). If its `}` is there, it was reported as closing nothing: that
    /// is the same mistake, so the message goes and reading goes on behind it.
    mutating func skipBodyWithoutBrace() {
        // What was read last may have ended the bracket.
        guard mutes == 0, !at(.bad), position < bracketEnd else { return }
        var last: Int?
        for index in position..<min(bracketEnd, position + 4096) {
            let token = tokens[index]
            if token.kind == .bad, bytes[Int(token.start)] == UInt8(ascii: "}") {
                let place = range(of: token)
                diagnostics.removeAll { $0.code == .strayBracket && $0.primary?.range == place }
                last = index
            } else if token.beginsLine, token.start == 0 || bytes[Int(token.start) - 1] == UInt8(ascii: "\n") {
                break
            }
        }
        if let last { position = last + 1 }
    }

    /// One token on, over a whole bracket at once.
    mutating func step() {
        let token = tokens[position]
        let end = Int(token.payload)
        if token.kind.isOpener, !token.flags.contains(.isUnclosed), end > position, end <= bracketEnd {
            position = end
            if tokens[position].kind == .textMiddle { return }
        }
        advance()
    }
}
