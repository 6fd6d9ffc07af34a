// Lexer+Punctuation.swift: operators and separators, longest first.
//
// What is written in the manner of another language (`&&`, `//`, `!`) is reported and taken for what it means.

internal import Diagnostics

extension Lexer {
    mutating func punctuation(_ byte: UInt8, _ symbols: inout SymbolTable) {
        switch byte {
        case UInt8(ascii: ","): add(.comma, length: 1)
        case UInt8(ascii: ";"): add(.semicolon, length: 1)
        case UInt8(ascii: ":"): colon()
        case UInt8(ascii: "."): dot()
        case UInt8(ascii: "?"): question()
        case UInt8(ascii: "="): equals()
        case UInt8(ascii: "!"): bang()
        case UInt8(ascii: "<"):
            if peek(1) == UInt8(ascii: ">") {
                misspelt(length: 2, as: .notEqual, "!=")
            } else {
                withEquals(.less, .lessOrEqual)
            }
        case UInt8(ascii: ">"): withEquals(.greater, .greaterOrEqual)
        case UInt8(ascii: "+"): plus()
        case UInt8(ascii: "-"): minus()
        case UInt8(ascii: "*"): withEquals(.star, .multiplyAssign)
        case UInt8(ascii: "/"): slash()
        case UInt8(ascii: "%"): add(.percent, length: 1)
        case UInt8(ascii: "|"): bar()
        case UInt8(ascii: "&"): ampersand()
        default: foreignCharacter(byte, &symbols)
        }
    }

    private mutating func withEquals(_ plain: TokenKind, _ withEquals: TokenKind) {
        if peek(1) == UInt8(ascii: "=") { add(withEquals, length: 2) } else { add(plain, length: 1) }
    }

    private mutating func colon() {
        if peek(1) == UInt8(ascii: ":") { return misspelt(length: 2, as: .dot, ".") }
        guard peek(1) == UInt8(ascii: "=") else { return add(.colon, length: 1) }
        misspelt(length: 2, as: .assign, "=")
    }

    private mutating func dot() {
        guard peek(1) == UInt8(ascii: ".") else { return add(.dot, length: 1) }
        switch peek(2) {
        case UInt8(ascii: "<"): add(.rangeBelow, length: 3)
        case UInt8(ascii: "."): add(.spread, length: 3)
        default: add(.range, length: 2)
        }
    }

    private mutating func question() {
        switch peek(1) {
        case UInt8(ascii: "."): add(.questionDot, length: 2)
        case UInt8(ascii: "?"): add(.coalesce, length: 2)
        default: add(.question, length: 1)
        }
    }

    private mutating func equals() {
        switch peek(1) {
        case UInt8(ascii: ">"): add(.fatArrow, length: 2)
        case UInt8(ascii: "="):
            if peek(2) == UInt8(ascii: "=") { misspelt(length: 3, as: .equal, "==") } else { add(.equal, length: 2) }
        default: add(.assign, length: 1)
        }
    }

    private mutating func bang() {
        if peek(1) == UInt8(ascii: ".") { return misspelt(length: 2, as: .dot, ".") }
        guard peek(1) == UInt8(ascii: "=") else { return misspelt(length: 1, as: .not, "not ") }
        if peek(2) == UInt8(ascii: "=") { misspelt(length: 3, as: .notEqual, "!=") } else { add(.notEqual, length: 2) }
    }

    private mutating func plus() {
        switch peek(1) {
        case UInt8(ascii: "="): add(.addAssign, length: 2)
        case UInt8(ascii: "+"): foreignStep("++", "+= 1")
        default: add(.plus, length: 1)
        }
    }

    private mutating func minus() {
        switch peek(1) {
        case UInt8(ascii: "="): add(.subtractAssign, length: 2)
        case UInt8(ascii: ">"): add(.arrow, length: 2)
        default: add(.minus, length: 1)
        }
    }

    private mutating func slash() {
        switch peek(1) {
        case UInt8(ascii: "="): add(.divideAssign, length: 2)
        case UInt8(ascii: "/"): foreignLineComment()
        case UInt8(ascii: "*"): foreignBlockComment()
        default: add(.slash, length: 1)
        }
    }

    private mutating func bar() {
        if peek(1) == UInt8(ascii: "|") { misspelt(length: 2, as: .or, "or") } else { add(.bar, length: 1) }
    }

    private mutating func ampersand() {
        if peek(1) == UInt8(ascii: "&") {
            misspelt(length: 2, as: .and, "and")
        } else {
            report(.invalidCharacter("&", at: range(position, position + 1)))
            add(.bad, length: 1)
        }
    }

    /// Reports a token of another language and adds the one that it means.
    private mutating func misspelt(length: Int, as kind: TokenKind, _ replacement: String) {
        let place = range(position, position + length)
        let written = String(decoding: bytes[position..<position + length], as: UTF8.self)
        report(.foreignSpelling(written, at: place, replacement: replacement))
        add(kind, length: length)
    }

    private mutating func foreignStep(_ written: String, _ replacement: String) {
        report(.foreignSpelling(written, at: range(position, position + 2), replacement: replacement))
        add(.bad, length: 2)
    }

    private mutating func foreignLineComment() {
        report(.foreignComment("//", at: range(position, position + 2), isCertain: true))
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func foreignBlockComment() {
        report(.foreignComment("/*", at: range(position, position + 2), isCertain: false))
        position += 2
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            if bytes[position] == UInt8(ascii: "\n") { lineBegins = true }
            position += 1
        }
    }
}
