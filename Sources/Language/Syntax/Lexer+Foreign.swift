// Lexer+Foreign.swift: characters that Bay does not know: look-alikes, other alphabets, control characters.
//
// A look-alike is reported once, with what to type instead, and taken for it, so that the rest is read as meant.

internal import Diagnostics

extension Lexer {
    /// Any byte that begins no token.
    mutating func foreignCharacter(_ byte: UInt8, _ symbols: inout SymbolTable) {
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") { return foreignQuote(String(UnicodeScalar(byte))) }
        let (scalar, length) = scalarHere()
        let place = range(position, position + length)
        if byte == UInt8(ascii: "$"), peek(1).isNameByte, !peek(1).isDigit {
            report(.signedName("$", at: place))
            position += 1
            return
        }
        if let meant = LookAlike.table[scalar] { return lookAlike(scalar, meant, at: place) }
        if scalar.properties.isAlphabetic { if foreignLetters(from: position, symbols: &symbols) { return } }
        report(.invalidCharacter(scalar.shown, at: place))
        // A run of the same kind is one cause.
        var end = position + length
        while end < bytes.count, bytes[end] >= 0x80 || bytes[end] == byte { end += 1 }
        add(.bad, from: position, to: end)
    }

    /// The scalar at the position; the text is known to be UTF-8.
    private func scalarHere() -> (UnicodeScalar, Int) {
        let length: Int =
            switch bytes[position] {
            case 0..<0x80: 1
            case 0xC0..<0xE0: 2
            case 0xE0..<0xF0: 3
            default: 4
            }
        let end = min(bytes.count, position + length)
        let scalar = String(decoding: bytes[position..<end], as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
        return (scalar, end - position)
    }

    private mutating func lookAlike(_ scalar: UnicodeScalar, _ meant: String, at place: SourceRange) {
        if meant == "\"" { return foreignQuote(String(scalar)) }
        report(.lookAlike(scalar, meant: meant, at: place))
        let length = Int(place.end - place.start)
        switch meant {
        case "": position += length
        case " ": position += length
        default: add(LookAlike.kinds[meant] ?? .bad, length: length)
        }
    }

    /// A string in quotes of another kind: taken as a string when it closes on its line.
    private mutating func foreignQuote(_ written: String) {
        let start = position
        let opening = written.utf8.count
        var end = start + opening
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            if let length = closingQuote(for: written, at: end) {
                let inner = String(decoding: bytes[start + opening..<end], as: UTF8.self)
                report(.foreignQuotes(written, inner: inner, at: range(start, end + length)))
                return add(.string, from: start, to: end + length, flags: .isBroken)
            }
            end += 1
        }
        report(.foreignQuotes(written, inner: nil, at: range(start, start + opening)))
        add(.string, from: start, to: end, flags: .isBroken)
    }

    private func closingQuote(for written: String, at index: Int) -> Int? {
        for closing in LookAlike.closings(of: written) {
            let wanted = Array(closing.utf8)
            if index + wanted.count <= bytes.count, bytes[index..<index + wanted.count].elementsEqual(wanted) {
                return wanted.count
            }
        }
        return nil
    }

    /// A word with letters outside ASCII: one message, one name. False when none of them is a letter.
    mutating func foreignLetters(from start: Int, symbols: inout SymbolTable) -> Bool {
        let limit = min(bytes.count, start + 128)
        var stop = start
        while stop < limit, bytes[stop].isNameByte || bytes[stop] >= 0x80 { stop += 1 }
        let text = String(decoding: bytes[start..<stop], as: UTF8.self)
        var end = start
        for scalar in text.unicodeScalars {
            let isLetter = scalar.properties.isAlphabetic || scalar.properties.canonicalCombiningClass != .notReordered
            guard isLetter || (scalar.value < 0x80 && UInt8(scalar.value).isNameByte), LookAlike.table[scalar] == nil
            else { break }
            end += scalar.utf8.count
        }
        end = min(end, bytes.count)
        guard end > start, bytes[start..<end].contains(where: { $0 >= 0x80 }) else { return false }
        report(.foreignLetters(String(decoding: bytes[start..<end], as: UTF8.self), at: range(start, end)))
        let symbol = symbols.intern(String(decoding: bytes[start..<end], as: UTF8.self))
        add(.name, from: start, to: end, payload: symbol.rawValue)
        return true
    }
}

extension UnicodeScalar {
    /// How a message shows it: itself, or its number when it cannot be seen.
    var shown: String {
        switch properties.generalCategory {
        case .control, .format, .unassigned, .privateUse, .spaceSeparator, .lineSeparator, .paragraphSeparator:
            "U+" + String(repeating: "0", count: max(0, 4 - String(value, radix: 16).count))
                + String(value, radix: 16, uppercase: true)
        default: String(Character(self))
        }
    }
}
