// SwiftSource.swift: a Swift file as the tidy rules see it: words and signs with their lines, comments apart.
//
// Not a parser: strings become one token each and comments are kept beside the code, so that no rule is fooled
// by a word in a text. Pure: made from a path and a text, reads no disk.
// Neighbours: Tidy*.swift (the rules), TidyTests.swift (reads the repository).

/// A name, a number, a string (as `"`) or a single sign.
struct Token: Equatable {
    let text: Substring
    /// 1-based.
    let line: Int
    /// Nothing stands between this token and the one before.
    let touchesPrevious: Bool
}

struct Comment {
    let text: Substring
    let line: Int
}

struct SwiftSource {
    let path: String
    private(set) var tokens: [Token] = []
    private(set) var comments: [Comment] = []
    private(set) var lineCount = 0

    /// `Sources/Machine/Value.swift` → `Machine`; nil outside `Sources`.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    var fileName: String { String(path.split(separator: "/").last ?? "") }

    init(path: String, text: String) {
        self.path = path
        var lexer = Lexer(text: text)
        lexer.run()
        tokens = lexer.tokens
        comments = lexer.comments
        lineCount = text.hasSuffix("\n") ? lexer.line - 1 : lexer.line
    }
}

private struct Lexer {
    let text: Substring.UTF8View
    var position: Substring.UTF8View.Index
    var line = 1
    var tokens: [Token] = []
    var comments: [Comment] = []
    var lastEnd: Substring.UTF8View.Index?

    init(text: String) {
        var text = text
        text.makeContiguousUTF8()
        self.text = Substring(text).utf8
        position = self.text.startIndex
    }

    mutating func run() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): lineComment()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): blockComment()
            case UInt8(ascii: "\""), UInt8(ascii: "#"): if !string() { sign() }
            default: if Self.isWord(byte) { word() } else { sign() }
            }
        }
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), 0x80...:
            true
        default: false
        }
    }

    func peek(_ ahead: Int = 0) -> UInt8? {
        guard let index = text.index(position, offsetBy: ahead, limitedBy: text.endIndex),
            index < text.endIndex
        else { return nil }
        return text[index]
    }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < text.endIndex {
            if text[position] == UInt8(ascii: "\n") { line += 1 }
            position = text.index(after: position)
        }
    }

    mutating func emit(from start: Substring.UTF8View.Index, line: Int) {
        let touches = lastEnd == start
        tokens.append(Token(text: Substring(text[start..<position]), line: line, touchesPrevious: touches))
        lastEnd = position
    }

    mutating func word() {
        let start = position
        while let byte = peek(), Self.isWord(byte) { advance() }
        emit(from: start, line: line)
    }

    mutating func sign() {
        let (start, startLine) = (position, line)
        advance()
        emit(from: start, line: startLine)
    }

    mutating func lineComment() {
        let start = position
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
        comments.append(Comment(text: Substring(text[start..<position]), line: line))
    }

    mutating func blockComment() {
        let (start, startLine) = (position, line)
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                advance(2)
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0 && position < text.endIndex
        comments.append(Comment(text: Substring(text[start..<position]), line: startLine))
    }

    /// A string of any form, interpolations included, becomes one token. False when none begins here.
    mutating func string() -> Bool {
        var hashes = 0
        while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard peek(hashes) == UInt8(ascii: "\"") else { return false }
        let (start, startLine) = (position, line)
        let isLong = peek(hashes + 1) == UInt8(ascii: "\"") && peek(hashes + 2) == UInt8(ascii: "\"")
        let quotes = isLong ? 3 : 1
        advance(hashes + quotes)
        while position < text.endIndex {
            if closes(quotes: quotes, hashes: hashes) {
                advance(quotes + hashes)
                break
            }
            if peek() == UInt8(ascii: "\\"), opensEscape(hashes) {
                advance(1 + hashes)
                if peek() == UInt8(ascii: "(") { interpolation() } else { advance() }
            } else {
                advance()
            }
        }
        emit(from: start, line: startLine)
        return true
    }

    func closes(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { peek($0) == UInt8(ascii: "\"") }
            && (0..<hashes).allSatisfy { peek(quotes + $0) == UInt8(ascii: "#") }
    }

    func opensEscape(_ hashes: Int) -> Bool {
        (0..<hashes).allSatisfy { peek(1 + $0) == UInt8(ascii: "#") }
    }

    mutating func interpolation() {
        var depth = 0
        repeat {
            switch peek() {
            case UInt8(ascii: "("):
                depth += 1
                advance()
            case UInt8(ascii: ")"):
                depth -= 1
                advance()
            case UInt8(ascii: "\""):
                let kept = tokens
                _ = string()
                tokens = kept
            default: advance()
            }
        } while depth > 0 && position < text.endIndex
    }
}
