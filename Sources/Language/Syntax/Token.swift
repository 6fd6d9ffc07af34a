// Token.swift: a piece of the text: its kind, its place, and whether a line began before it.
//
// Sixteen bytes, no text of its own: the bytes stay in the file. Brackets know where they close, so recovery
// is a jump. Neighbours: Lexer.swift (makes them), BracketRepair.swift (closes what is open), Parser.swift.

enum TokenKind: UInt8 {
    case endOfFile
    /// Already reported; whoever meets it stays silent.
    case bad
    case name
    case integer, float, duration, size
    /// A whole string, quotes included.
    case string
    /// `"…${`, `}…${` and `}…"` of a string with interpolation.
    case textHead, textMiddle, textTail
    case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
    case comma, semicolon, colon, dot, questionDot, question, coalesce, range, rangeBelow, spread
    case fatArrow, arrow, assign, addAssign, subtractAssign, multiplyAssign, divideAssign
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case plus, minus, star, slash, percent, bar

    // Reserved words, in the order of `Word`.
    case all, and, any, `as`, `break`, `catch`, `continue`, drop, `else`, exists, fail, `false`, fn, `for`, `if`
    case `in`, keep, `let`, lock, match, not, null, or, otherwise, retry, `return`, together, transaction, `true`
    case update, `var`, `where`

    var isReserved: Bool { rawValue >= TokenKind.all.rawValue }
    /// What may stand after a `.` and before a `:`.
    var isWord: Bool { self == .name || isReserved }
    var isText: Bool { self == .string || self == .textHead }
    var isOpener: Bool {
        switch self {
        case .leftParen, .leftBracket, .leftBrace, .textHead, .textMiddle: true
        default: false
        }
    }

    /// A line that begins with one of these goes on the one before (`not` only before `in`).
    var continuesLine: Bool {
        switch self {
        case .dot, .questionDot, .coalesce, .and, .or, .in, .catch, .where, .fatArrow, .else, .as, .bar,
            .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .star, .slash, .percent:
            true
        default: false
        }
    }

    /// What an expression may begin with. `not` and the exits included.
    var beginsExpression: Bool {
        switch self {
        case .name, .integer, .float, .duration, .size, .string, .textHead, .leftParen, .leftBracket,
            .leftBrace, .minus, .all, .any, .break, .continue, .drop, .exists, .fail, .false, .if, .keep, .lock,
            .match, .not, .null, .retry, .return, .together, .transaction, .true, .update:
            true
        default: false
        }
    }

    /// What a value may end with.
    var endsExpression: Bool {
        switch self {
        case .name, .integer, .float, .duration, .size, .string, .textTail, .rightParen, .rightBracket, .rightBrace,
            .true,
            .false, .null:
            true
        default: false
        }
    }

    /// What a `sum` may begin with: an expression that is neither an exit nor a `not`.
    var beginsSum: Bool {
        switch self {
        case .break, .continue, .drop, .fail, .keep, .not, .retry, .return: false
        default: beginsExpression
        }
    }

    /// What a pattern's literal may begin with.
    var beginsLiteral: Bool {
        switch self {
        case .integer, .float, .duration, .size, .string, .textHead, .minus, .true, .false, .null: true
        default: false
        }
    }
}

struct Token {
    var start: UInt32
    var end: UInt32
    /// A word's symbol; an opener's closing token. Nothing for the others.
    var payload: UInt32
    var kind: TokenKind
    var flags: Flags

    struct Flags: OptionSet {
        let rawValue: UInt8
        /// A line end stands before the token.
        static let beginsLine = Flags(rawValue: 1)
        /// A string with a `\` in it.
        static let hasEscape = Flags(rawValue: 2)
        /// A piece of a `"""` string.
        static let isBlockText = Flags(rawValue: 4)
        static let isRaw = Flags(rawValue: 8)
        /// An opener that nothing closes: reported; `payload` is where the parser should take it as closed.
        static let isUnclosed = Flags(rawValue: 16)
        /// The `=` of a `>=` whose `>` closed a type.
        static let isSplit = Flags(rawValue: 64)
        /// A string that was reported already.
        static let isBroken = Flags(rawValue: 32)
    }

    var beginsLine: Bool { flags.contains(.beginsLine) }
}
