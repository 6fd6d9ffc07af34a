// SQLToken.swift: the words of an SQL text, so that a message can point at a whole one.
//
// PostgreSQL's lexical rules (section 4.1 of its manual), as far as they say where a word ends. A text that the scan
// of SQLTemplate.swift refuses never comes here. Neighbours: StatementPlaces.swift.

/// One token of a statement, by its bytes in the text.
struct SQLToken: Equatable {
    enum Kind: Equatable {
        case name, quotedName, parameter, number, string, dot, symbol
    }
    let kind: Kind
    let bytes: Range<Int>

    var isName: Bool { kind == .name || kind == .quotedName }

    /// Every token in order, blanks and comments left out.
    static func all(in text: [UInt8]) -> [SQLToken] {
        var reader = SQLTokenReader(text: text)
        var tokens: [SQLToken] = []
        while let token = reader.next() { tokens.append(token) }
        return tokens
    }
}

private struct SQLTokenReader {
    let text: [UInt8]
    private var index = 0

    init(text: [UInt8]) { self.text = text }

    private func byte(_ distance: Int = 0) -> UInt8 { index + distance < text.count ? text[index + distance] : 0 }

    mutating func next() -> SQLToken? {
        skipBlanks()
        guard index < text.count else { return nil }
        let start = index
        let kind = take()
        // Whatever the text: each token is one byte long at least, and the last one ends where the text does.
        index = min(max(index, start + 1), text.count)
        return SQLToken(kind: kind, bytes: start..<index)
    }

    private mutating func take() -> SQLToken.Kind {
        switch byte() {
        case UInt8(ascii: "'"):
            quoted(by: UInt8(ascii: "'"), escapes: false)
            return .string
        case UInt8(ascii: "\""):
            quoted(by: UInt8(ascii: "\""), escapes: false)
            return .quotedName
        case UInt8(ascii: "$"): return dollar()
        case UInt8(ascii: "."):
            index += 1
            return .dot
        case UInt8(ascii: "E"), UInt8(ascii: "e"):
            guard byte(1) == UInt8(ascii: "'") else { return name() }
            index += 1
            quoted(by: UInt8(ascii: "'"), escapes: true)
            return .string
        case let first where first.isSQLDigit:
            skip { $0.isSQLNameByte || $0 == UInt8(ascii: ".") }
            return .number
        case let first where first.isSQLNameByte: return name()
        case let first:
            index += 1
            // An operator is one word: `||`, `->>`.
            if Self.operators.contains(first) { skip { Self.operators.contains($0) } }
            return .symbol
        }
    }

    private static let operators = Array("+-*/<>=~!@#%^&|`?".utf8)

    private mutating func name() -> SQLToken.Kind {
        skip { $0.isSQLNameByte || $0 == UInt8(ascii: "$") }
        return .name
    }

    private mutating func skip(while isPart: (UInt8) -> Bool) {
        while index < text.count, isPart(text[index]) { index += 1 }
    }

    /// At the opening quote. A doubled quote is a part of the text.
    private mutating func quoted(by quote: UInt8, escapes: Bool) {
        index += 1
        while index < text.count {
            if escapes, byte() == UInt8(ascii: "\\") {
                index += 2
            } else if byte() != quote {
                index += 1
            } else if byte(1) == quote {
                index += 2
            } else {
                return index += 1
            }
        }
    }

    /// `$1`, or `$tag$ … $tag$`.
    private mutating func dollar() -> SQLToken.Kind {
        let start = index
        index += 1
        if byte().isSQLDigit {
            skip { $0.isSQLDigit }
            return .parameter
        }
        skip { $0.isSQLNameByte }
        guard byte() == UInt8(ascii: "$") else { return .symbol }
        index += 1
        let tag = text[start..<index]
        while index < text.count, !text[index...].starts(with: tag) { index += 1 }
        index += tag.count
        return .string
    }

    private mutating func skipBlanks() {
        while index < text.count {
            switch byte() {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: index += 1
            case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"): skip { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): comment()
            default: return
            }
        }
    }

    /// Comments nest.
    private mutating func comment() {
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                index += 2
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                index += 2
            } else {
                index += 1
            }
        } while depth > 0 && index < text.count
    }
}

extension UInt8 {
    var isSQLDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// As an unquoted name is read: in lower case.
    var foldedAsSQL: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }

    /// Part of an unquoted name; letters of other scripts included.
    var isSQLNameByte: Bool {
        isSQLDigit || self == UInt8(ascii: "_") || self >= 0x80
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
