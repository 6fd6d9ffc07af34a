// Lexer+Numbers.swift: ints, floats, durations and sizes: where they end and which kind they are.
//
// The value is computed by the parser (Parser+Literals.swift); a number of bad form is reported there too,
// so the lexer takes every letter and digit that hangs on to it.

extension Lexer {
    /// At a digit. `1..2` is a range: a float's dot has a digit on both sides.
    mutating func number() {
        let start = position
        var end = start
        if bytes[end] == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            while end < bytes.count, bytes[end].isNameByte { end += 1 }
            return add(.integer, from: start, to: end)
        }
        var isFloat = false
        var unit = -1
        while end < bytes.count {
            let byte = bytes[end]
            if byte.isDigit || byte == UInt8(ascii: "_") {
                end += 1
            } else if byte == UInt8(ascii: "."), end + 1 < bytes.count, bytes[end + 1].isDigit {
                isFloat = true
                end += 1
            } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), isExponent(at: end) {
                isFloat = true
                end += 2
            } else if byte.isNameByte {
                if unit < 0 { unit = end }
                end += 1
            } else {
                break
            }
        }
        guard unit >= 0 else { return add(isFloat ? .float : .integer, from: start, to: end) }
        add(isSizeUnit(unit, end) ? .size : .duration, from: start, to: end)
    }

    /// `e9`, `e-9`, `e+9`.
    private func isExponent(at index: Int) -> Bool {
        guard index + 1 < bytes.count else { return false }
        if bytes[index + 1].isDigit { return true }
        let isSign = bytes[index + 1] == UInt8(ascii: "-") || bytes[index + 1] == UInt8(ascii: "+")
        return isSign && index + 2 < bytes.count && bytes[index + 2].isDigit
    }

    /// `kb`, `mb`, `gb` in any case; the parser insists on lower case.
    private func isSizeUnit(_ start: Int, _ end: Int) -> Bool {
        guard end - start == 2, bytes[start + 1] | 0x20 == UInt8(ascii: "b") else { return false }
        switch bytes[start] | 0x20 {
        case UInt8(ascii: "k"), UInt8(ascii: "m"), UInt8(ascii: "g"): return true
        default: return false
        }
    }
}
