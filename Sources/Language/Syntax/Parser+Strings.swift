// Parser+Strings.swift: the values of strings: escapes, indents, interpolation.

internal import Diagnostics

extension Parser {
    /// A string or a text with interpolation.
    mutating func text() -> NodeID {
        at(.string) ? string() : interpolated()
    }

    /// Where the grammar says *string*: no `${ }`. `place` is for the message: "a key".
    mutating func plainString(in place: String) -> NodeID {
        if at(.string), !isAtEnd { return string() }
        if at(.textHead), !isAtEnd {
            let start = start
            report(.interpolationNotAllowed(at: range(of: token), in: place))
            isRecovering = mutes > 0
            skipText()
            return tree.addLeaf(.error, from: start, to: previousEnd)
        }
        if !beginsLine, !isAtEnd, at(.name) || at(.slash) || at(.star), !isRecovering { return unquoted(in: place) }
        reportExpected("a string")
        return errorNode()
    }

    /// `subscribe pubsub/orders (…)`: what was meant as a string, up to what can follow it.
    private mutating func unquoted(in place: String) -> NodeID {
        let start = start
        let first = position
        // Up to the first blank.
        while !isAtEnd, position == first || (!beginsLine && tokens[position].start == previousEnd) {
            switch kind {
            case .name, .slash, .dot, .integer, .float, .minus, .star: advance()
            case .colon where tokens[position + 1].start == token.end: advance()
            case .leftBrace: step()
            default:
                note(.missingQuotes(slice(from: start), in: place, at: range(start, previousEnd)))
                return tree.addLeaf(.error, from: start, to: previousEnd)
            }
        }
        note(.missingQuotes(slice(from: start), in: place, at: range(start, previousEnd)))
        return tree.addLeaf(.error, from: start, to: previousEnd)
    }

    private func slice(from start: UInt32) -> String {
        String(decoding: bytes[Int(start)..<Int(previousEnd)], as: UTF8.self)
    }

    private mutating func skipText() {
        while at(.textHead) || at(.textMiddle) { position = max(position + 1, Int(token.payload)) }
        advance()
    }

    private mutating func string() -> NodeID {
        let token = token
        if token.flags.contains(.isBroken) {
            isRecovering = isRecovering || mutes > 0
            return leaf(.error)
        }
        let isBlock = token.flags.contains(.isBlockText)
        let opening = token.flags.contains(.isRaw) ? 2 : isBlock ? 3 : 1
        let closing = isBlock ? 3 : 1
        let content = Int(token.start) + opening..<Int(token.end) - closing
        if !isBlock, !token.flags.contains(.hasEscape) {
            tree.strings.append(String(decoding: bytes[content], as: UTF8.self))
        } else if !isBlock {
            tree.strings.append(String(decoding: unescaped(content), as: UTF8.self))
        } else {
            var block = TextBlock(bytes: bytes, closing: token)
            tree.strings.append(piece(content, of: &block, isFirst: true, isLast: true))
            noteProblem(of: block)
        }
        return leaf(.string, payload: UInt32(tree.strings.count - 1))
    }

    /// `"…${ expr }…"`: a `text` of strings and expressions.
    private mutating func interpolated() -> NodeID {
        let start = start
        let mark = mark()
        let isBlock = token.flags.contains(.isBlockText)
        var block = TextBlock(bytes: bytes, closing: tokens[closingPiece()])
        var isBroken = false
        pushPiece(&block, opening: isBlock ? 3 : 1, closing: 2, isFirst: true, isLast: false)
        while true {
            let bracket = open(lines: false)
            isCondition = false
            if isAtEnd {
                report(
                    .expected(
                        "a value in `${ }`",
                        at: range(
                            tokens[bracket.opener].end - 2, min(tokens[bracket.end].start + 1, UInt32(bytes.count))),
                        found: "there is none", help: ["for the characters themselves write `\\${`"]))
            }
            push(expression())
            close(bracket, expecting: "`}`")
            guard at(.textMiddle) || at(.textTail) else { break }
            if at(.textTail) {
                isBroken = token.flags.contains(.isBroken)
                if !isBroken {
                    pushPiece(&block, opening: 1, closing: isBlock ? 3 : 1, isFirst: false, isLast: true)
                }
                advance()
                break
            }
            pushPiece(&block, opening: 1, closing: 2, isFirst: false, isLast: false)
        }
        noteProblem(of: block)
        guard !isBroken else {
            pending.removeLast(pending.count - mark)
            return tree.addLeaf(.error, from: start, to: previousEnd)
        }
        return finish(.text, from: start, since: mark)
    }

    /// The last piece of the text that begins here.
    private func closingPiece() -> Int {
        var piece = position
        while tokens[piece].kind == .textHead || tokens[piece].kind == .textMiddle {
            let next = Int(tokens[piece].payload)
            guard next > piece, next < tokens.count else { break }
            piece = next
        }
        return piece
    }

    /// The current piece as a string node; none when it is empty.
    private mutating func pushPiece(
        _ block: inout TextBlock, opening: Int, closing: Int, isFirst: Bool, isLast: Bool
    ) {
        let token = token
        let content = Int(token.start) + opening..<max(Int(token.start) + opening, Int(token.end) - closing)
        let value: String
        if token.flags.contains(.isBlockText) {
            value = piece(content, of: &block, isFirst: isFirst, isLast: isLast)
        } else if token.flags.contains(.hasEscape) {
            value = String(decoding: unescaped(content), as: UTF8.self)
        } else {
            value = String(decoding: bytes[content], as: UTF8.self)
        }
        guard !value.isEmpty else { return }
        tree.strings.append(value)
        push(
            tree.addLeaf(
                .string, from: UInt32(content.lowerBound), to: UInt32(content.upperBound),
                payload: UInt32(tree.strings.count - 1)))
    }

    /// A piece of a `"""` text: indents away first, escapes then.
    private mutating func piece(_ content: Range<Int>, of block: inout TextBlock, isFirst: Bool, isLast: Bool)
        -> String
    {
        var value: [UInt8] = []
        for line in block.lines(content, isFirst: isFirst, isLast: isLast) {
            value += unescaped(line)
        }
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func noteProblem(of block: TextBlock) {
        switch block.problem {
        case .none: break
        case .textOnOpeningLine(let place):
            note(.textOnOpeningLine(at: range(UInt32(place.lowerBound), UInt32(place.upperBound))))
        case .closingQuotesNotAlone:
            let closing = block.closing
            note(.closingQuotesNotAlone(at: range(closing.end - 3, closing.end)))
        case .shallowLine(let offset):
            let closing = block.closing
            note(
                .shallowTextLine(
                    at: range(UInt32(offset), UInt32(offset + 1)), closing: range(closing.end - 3, closing.end)))
        }
    }

    /// Escapes resolved, CRLF as LF. A bad escape is reported and kept as it is written.
    private mutating func unescaped(_ content: Range<Int>) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(content.count)
        var index = content.lowerBound
        while index < content.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                if byte != UInt8(ascii: "\r") || index + 1 >= bytes.count || bytes[index + 1] != UInt8(ascii: "\n") {
                    value.append(byte)
                }
                index += 1
                continue
            }
            index = escape(at: index, limit: content.upperBound, into: &value)
        }
        return value
    }

    /// At a `\`. Returns where the text goes on.
    private mutating func escape(at index: Int, limit: Int, into value: inout [UInt8]) -> Int {
        let escape = StringEscape.read(bytes, at: index, limit: limit, into: &value)
        switch escape.problem {
        case nil: break
        case .lone: note(.badEscape("\\", at: range(UInt32(index), UInt32(index + 1))))
        case .unknown:
            let isControl = bytes[index + 1] < 0x20
            let shown = isControl ? "\\" : String(decoding: bytes[index..<escape.end], as: UTF8.self)
            note(.badEscape(shown, at: range(UInt32(index), UInt32(isControl ? index + 1 : escape.end))))
        case .badUnicode:
            let written = String(decoding: bytes[index..<escape.end], as: UTF8.self)
            note(.badUnicodeEscape(written, at: range(UInt32(index), UInt32(escape.end))))
        }
        return escape.end
    }
}
