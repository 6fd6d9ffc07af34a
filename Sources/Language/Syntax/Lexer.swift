// Lexer.swift: bytes into tokens, in one pass without backtracking.
//
// Works on UTF-8 bytes, never on `Character`. Brackets and interpolations share one stack, so that a `}` knows
// whether it closes a block or goes on with a string. Bad text is reported here and becomes a `bad` token or
// the token that was meant. Neighbours: Lexer+Strings, Lexer+Numbers, Lexer+Foreign, BracketRepair.swift.

internal import Diagnostics

/// Diagnostics kept a file.
let diagnosticsMax = 50

struct Lexer {
    /// A bracket that is open: where its token is, and its kind.
    struct Opener {
        let token: Int
        let kind: TokenKind
        /// A plain string with `${`: it cannot go over a line end.
        let isLineBound: Bool
        /// Where the string began whose `${` this is.
        let quote: Int
    }

    let bytes: [UInt8]
    let file: SourceFileID
    private let nestingMax: Int
    var tokens: [Token] = []
    var comments: [SourceRange] = []
    var diagnostics: [Diagnostic] = []
    var position = 0
    /// A line end has come since the last token.
    var lineBegins = true
    var openers: [Opener] = []
    /// `{` and `${` among the openers, and plain strings among them.
    var braces = 0
    var lineBound = 0
    /// False when a bracket lacks its partner; then `BracketRepair` finds the culprit.
    var isBalanced = true
    /// Nested too deeply: reported, and nothing after it is read.
    var isAbandoned = false

    init(bytes: [UInt8], file: SourceFileID, nestingMax: Int) {
        self.bytes = bytes
        self.file = file
        self.nestingMax = nestingMax
        tokens.reserveCapacity(bytes.count / 4 + 16)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func run(symbols: inout SymbolTable) {
        while position < bytes.count, !isAbandoned {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
            case UInt8(ascii: "\n"): endLine()
            case UInt8(ascii: "\r") where peek(1) == UInt8(ascii: "\n"): position += 1
            case UInt8(ascii: "r") where peek(1) == UInt8(ascii: "\""): rawString()
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                word(&symbols)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
            case UInt8(ascii: "\""): string()
            case UInt8(ascii: "#"): comment()
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): opener(byte)
            case UInt8(ascii: ")"), UInt8(ascii: "]"): closer(byte)
            case UInt8(ascii: "}"): closingBrace()
            default: punctuation(byte, &symbols)
            }
        }
        finish()
    }

    private mutating func finish() {
        if isAbandoned { openers.removeAll() }
        while lineBound > 0, !isAbandoned { breakPlainStrings(at: position) }
        while let open = openers.last {
            if open.kind == .textHead { endUnterminatedBlock(open) } else { isBalanced = false }
            openers.removeLast()
        }
        lineBegins = true
        let end = isAbandoned ? position : bytes.count
        add(.endOfFile, from: end, to: end)
    }

    // Tokens.

    @inline(__always)
    func peek(_ distance: Int) -> UInt8 {
        let index = position + distance
        return index < bytes.count ? bytes[index] : 0
    }

    @inline(__always)
    mutating func add(
        _ kind: TokenKind, from start: Int, to end: Int, payload: UInt32 = 0, flags: Token.Flags = []
    ) {
        tokens.append(
            Token(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), payload: payload,
                kind: kind, flags: lineBegins ? flags.union(.beginsLine) : flags))
        lineBegins = false
        position = end
    }

    @inline(__always)
    mutating func add(_ kind: TokenKind, length: Int) { add(kind, from: position, to: position + length) }

    func range(_ start: Int, _ end: Int) -> SourceRange {
        SourceRange(file: file, start: UInt32(start), end: UInt32(end))
    }

    mutating func report(_ diagnostic: Diagnostic) {
        if diagnostics.count < diagnosticsMax { diagnostics.append(diagnostic) } else { isAbandoned = true }
    }

    private mutating func endLine() {
        position += 1
        lineBegins = true
        if lineBound > 0 { breakPlainStrings(at: position - 1) }
    }

    private mutating func comment() {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        let end = position > start && bytes[position - 1] == UInt8(ascii: "\r") ? position - 1 : position
        comments.append(range(start, end))
    }

    @inline(__always)
    private mutating func word(_ symbols: inout SymbolTable) {
        let start = position
        var end = start
        var hash = SymbolTable.hashSeed
        while end < bytes.count, bytes[end].isNameByte {
            hash = SymbolTable.hash(hash, bytes[end])
            end += 1
        }
        if end < bytes.count, bytes[end] >= 0x80, foreignLetters(from: start, symbols: &symbols) { return }
        let symbol = symbols.intern(bytes, start..<end, hash: hash).rawValue
        let kind =
            symbol < Word.reservedCount
            ? TokenKind(rawValue: TokenKind.all.rawValue + UInt8(truncatingIfNeeded: symbol)) ?? .name : .name
        add(kind, from: start, to: end, payload: symbol)
    }

    // Brackets.

    private mutating func opener(_ byte: UInt8) {
        let kind: TokenKind =
            switch byte {
            case UInt8(ascii: "("): .leftParen
            case UInt8(ascii: "["): .leftBracket
            default: .leftBrace
            }
        push(kind, lineBound: false, quote: position)
        add(kind, length: 1)
    }

    /// Notes an opener; its token is the next one to be added.
    mutating func push(_ kind: TokenKind, lineBound isLineBound: Bool, quote: Int) {
        guard openers.count < nestingMax else {
            report(.nestingTooDeep(nestingMax, at: range(position, position + 1)))
            isAbandoned = true
            return
        }
        if kind == .leftBrace || kind == .textHead { braces += 1 }
        if isLineBound { lineBound += 1 }
        openers.append(Opener(token: tokens.count, kind: kind, isLineBound: isLineBound, quote: quote))
    }

    private mutating func closer(_ byte: UInt8) {
        let isParen = byte == UInt8(ascii: ")")
        if let top = openers.last, top.kind == (isParen ? .leftParen : .leftBracket) {
            openers.removeLast()
            tokens[top.token].payload = UInt32(tokens.count)
        } else {
            isBalanced = false
        }
        add(isParen ? .rightParen : .rightBracket, length: 1)
    }

    private mutating func closingBrace() {
        guard braces > 0 else {
            isBalanced = false
            add(.rightBrace, length: 1)
            return
        }
        while let top = openers.popLast() {
            guard top.kind == .leftBrace || top.kind == .textHead else {
                isBalanced = false
                continue
            }
            braces -= 1
            tokens[top.token].payload = UInt32(tokens.count)
            if top.kind == .leftBrace {
                add(.rightBrace, length: 1)
            } else {
                if top.isLineBound { lineBound -= 1 }
                resumeText(top)
            }
            return
        }
    }
}

extension UInt8 {
    /// `[A-Za-z0-9_]`
    @inline(__always)
    var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    @inline(__always)
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
