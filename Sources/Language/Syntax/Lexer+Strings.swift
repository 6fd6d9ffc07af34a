// Lexer+Strings.swift: where strings begin, end and make room for `${ }`.
//
// Only the extent is found here; escapes and indents are resolved when the parser wants the value
// (Parser+Strings.swift). A plain string ends on its line, a `"""` string at the next `"""`.

internal import Diagnostics

extension Lexer {
    /// At a `"`.
    mutating func string() {
        let start = position
        if peek(1) == UInt8(ascii: "\""), peek(2) == UInt8(ascii: "\"") {
            if let outer = openers.last(where: \.isLineBound) {
                report(.blockTextInPlainString(at: range(start, start + 3), outer: openingQuote(at: outer.quote)))
            }
            position += 3
            text(from: start, quote: start, isBlock: true)
        } else {
            position += 1
            text(from: start, quote: start, isBlock: false)
        }
    }

    /// At the `}` that ends an interpolation.
    mutating func resumeText(_ opener: Opener) {
        let start = position
        position += 1
        text(from: start, quote: opener.quote, isBlock: !opener.isLineBound)
    }

    /// Reads on to the end of the string or to its next `${`, and adds the piece as a token.
    private mutating func text(from start: Int, quote: Int, isBlock: Bool) {
        let opens = start == quote
        var flags: Token.Flags = isBlock ? .isBlockText : []
        var end = position
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                if !isBlock {
                    return add(opens ? .string : .textTail, from: start, to: end + 1, flags: flags)
                }
                if end + 2 < bytes.count, bytes[end + 1] == bytes[end], bytes[end + 2] == bytes[end] {
                    return add(opens ? .string : .textTail, from: start, to: end + 3, flags: flags)
                }
                end += 1
            case UInt8(ascii: "\\"):
                flags.insert(.hasEscape)
                let skipsOne = end + 1 < bytes.count && bytes[end + 1] != UInt8(ascii: "\n")
                end += skipsOne && bytes[end + 1] != UInt8(ascii: "\r") ? 2 : 1
            case UInt8(ascii: "$") where end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: "{"):
                push(.textHead, lineBound: !isBlock, quote: quote)
                return add(opens ? .textHead : .textMiddle, from: start, to: end + 2, flags: flags)
            case UInt8(ascii: "\n") where !isBlock:
                return unterminated(from: start, to: end, quote: quote, opens: opens)
            default: end += 1
            }
        }
        unterminated(from: start, to: bytes.count, quote: quote, opens: opens)
    }

    private mutating func unterminated(from start: Int, to end: Int, quote: Int, opens: Bool) {
        var stop = end
        if stop > start + 1, bytes[stop - 1] == UInt8(ascii: "\r") { stop -= 1 }
        report(.unterminatedString(quote: openingQuote(at: quote), end: range(stop, stop)))
        add(opens ? .string : .textTail, from: start, to: stop, flags: .isBroken)
    }

    /// A line ended inside the `${ }` of a plain string: the string is over, and so is what is open in it.
    mutating func breakPlainStrings(at end: Int) {
        guard let first = openers.firstIndex(where: \.isLineBound) else { return }
        report(.unterminatedString(quote: openingQuote(at: openers[first].quote), end: range(end, end)))
        let linePosition = position
        let lineDidBegin = lineBegins
        while openers.count > first, let open = openers.popLast() {
            if open.kind == .leftBrace || open.kind == .textHead { braces -= 1 }
            if open.isLineBound { lineBound -= 1 }
            tokens[open.token].payload = UInt32(tokens.count)
            if open.kind == .textHead {
                lineBegins = false
                add(.textTail, from: end, to: end, flags: .isBroken)
            } else {
                // Closed by the same line end; one message is enough.
                tokens[open.token].flags.insert(.isUnclosed)
            }
        }
        position = linePosition
        lineBegins = lineDidBegin
    }

    /// The file ended inside the `${ }` of a `"""` string.
    mutating func endUnterminatedBlock(_ open: Opener) {
        let end = bytes.count
        report(.unterminatedString(quote: openingQuote(at: open.quote), end: range(end, end)))
        tokens[open.token].payload = UInt32(tokens.count)
        add(.textTail, from: end, to: end, flags: .isBroken)
    }

    /// At the `r` of `r"…"`.
    mutating func rawString() {
        let start = position
        var end = start + 2
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            if bytes[end] == UInt8(ascii: "\"") { return add(.string, from: start, to: end + 1, flags: .isRaw) }
            end += 1
        }
        if bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        report(.unterminatedString(quote: range(start, start + 2), end: range(end, end)))
        add(.string, from: start, to: end, flags: [.isRaw, .isBroken])
    }

    private func openingQuote(at start: Int) -> SourceRange {
        let quote = UInt8(ascii: "\"")
        let isBlock = start + 2 < bytes.count && bytes[start + 1] == quote && bytes[start + 2] == quote
        return range(start, min(bytes.count, start + (isBlock ? 3 : 1)))
    }
}
