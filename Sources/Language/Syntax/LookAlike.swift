// LookAlike.swift: characters that word processors and keyboards put where Bay wants an ASCII one.

enum LookAlike {
    /// What is meant. Empty: nothing, the character can go.
    static let table: [UnicodeScalar: String] = [
        "\u{201C}": "\"", "\u{201D}": "\"", "\u{201E}": "\"", "\u{201F}": "\"", "\u{2018}": "\"", "\u{2019}": "\"",
        "\u{201A}": "\"", "\u{00AB}": "\"", "\u{00BB}": "\"", "\u{2039}": "\"", "\u{203A}": "\"", "\u{FF02}": "\"",
        "\u{2010}": "-", "\u{2011}": "-", "\u{2012}": "-", "\u{2013}": "-", "\u{2014}": "-", "\u{2212}": "-",
        "\u{00D7}": "*", "\u{2217}": "*", "\u{00F7}": "/", "\u{2215}": "/", "\u{2260}": "!=", "\u{2264}": "<=",
        "\u{2265}": ">=", "\u{2192}": "->", "\u{21D2}": "=>", "\u{2026}": "...", "\u{2227}": "and", "\u{2228}": "or",
        "\u{00AC}": "not", "\u{00A0}": " ", "\u{2007}": " ", "\u{202F}": " ", "\u{2002}": " ", "\u{2003}": " ",
        "\u{2009}": " ", "\u{3000}": " ", "\u{200B}": "", "\u{200C}": "", "\u{200D}": "", "\u{FEFF}": "",
        "\u{00AD}": "", "\u{2060}": "", "\u{FF08}": "(", "\u{FF09}": ")", "\u{FF3B}": "[", "\u{FF3D}": "]",
        "\u{FF5B}": "{", "\u{FF5D}": "}", "\u{FF0C}": ",", "\u{FF1A}": ":", "\u{FF1B}": ";", "\u{FF0E}": ".",
        "\u{FF1D}": "=", "\u{FF0B}": "+", "\u{FF0D}": "-", "\u{FF0F}": "/", "\u{FF0A}": "*", "\u{FF1C}": "<",
        "\u{FF1E}": ">", "\u{037E}": ";", "\u{2044}": "/", "\u{00B7}": ".", "\u{3001}": ",", "\u{3002}": ".",
    ]

    /// The token that takes the place. Brackets are left out: the lexer pairs only the real ones.
    static let kinds: [String: TokenKind] = [
        "-": .minus, "*": .star, "/": .slash, "!=": .notEqual, "<=": .lessOrEqual, ">=": .greaterOrEqual,
        "->": .arrow, "=>": .fatArrow, "...": .spread, "and": .and, "or": .or, "not": .not, ",": .comma,
        ":": .colon, ";": .semicolon, ".": .dot, "=": .assign, "+": .plus, "<": .less, ">": .greater,
    ]

    /// What may close a string that was opened like this.
    static func closings(of opening: String) -> [String] {
        switch opening {
        case "'", "`": [opening]
        case "\u{201C}", "\u{201D}", "\u{201E}", "\u{201F}": ["\u{201D}", "\u{201C}", "\""]
        case "\u{2018}", "\u{2019}", "\u{201A}": ["\u{2019}", "\u{2018}", "'"]
        case "\u{00AB}": ["\u{00BB}"]
        case "\u{00BB}": ["\u{00AB}"]
        case "\u{2039}": ["\u{203A}"]
        case "\u{203A}": ["\u{2039}"]
        default: [opening, "\""]
        }
    }
}
