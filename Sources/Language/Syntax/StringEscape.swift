// StringEscape.swift: what a `\…` in a string stands for, and where it ends.
//
// One reader for all who need it: the parser (values), and StatementPlaces (from a value back to its place).
// Neighbours: Parser+Strings.swift (reports what is wrong), Statements/StatementPlaces.swift.

struct StringEscape {
    enum Problem {
        /// A `\` with nothing behind it; it stands for nothing.
        case lone
        /// Stands for itself, as it is written.
        case unknown
        /// Stands for nothing.
        case badUnicode
    }

    /// Where the text goes on.
    let end: Int
    let problem: Problem?

    /// Reads the escape at a `\` and appends what it stands for.
    static func read(_ bytes: [UInt8], at index: Int, limit: Int, into value: inout [UInt8]) -> StringEscape {
        guard index + 1 < limit else { return StringEscape(end: index + 1, problem: .lone) }
        switch bytes[index + 1] {
        case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): value.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "t"): value.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "\\"): value.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "\""): value.append(UInt8(ascii: "\""))
        case UInt8(ascii: "$"): value.append(UInt8(ascii: "$"))
        case UInt8(ascii: "u"): return unicode(bytes, at: index, limit: limit, into: &value)
        default:
            var end = index + 2
            while end < limit, bytes[end] & 0xC0 == 0x80 { end += 1 }
            value += bytes[index..<end]
            return StringEscape(end: end, problem: .unknown)
        }
        return StringEscape(end: index + 2, problem: nil)
    }

    /// `\u{1F600}`
    private static func unicode(
        _ bytes: [UInt8], at index: Int, limit: Int, into value: inout [UInt8]
    ) -> StringEscape {
        var end = index + 2
        var number: UInt32 = 0
        var count = 0
        if end < limit, bytes[end] == UInt8(ascii: "{") {
            end += 1
            while end < limit, let digit = bytes[end].digitValue {
                number = count < 6 ? number * 16 + UInt32(digit) : number
                count += 1
                end += 1
            }
            if end < limit, bytes[end] == UInt8(ascii: "}") {
                end += 1
                if (1...6).contains(count), let scalar = UnicodeScalar(number) {
                    value += Array(String(Character(scalar)).utf8)
                    return StringEscape(end: end, problem: nil)
                }
            }
        }
        return StringEscape(end: min(end, index + 16), problem: .badUnicode)
    }
}
