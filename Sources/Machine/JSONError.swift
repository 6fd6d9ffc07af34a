// JSONError.swift: why a text is not JSON, and where.

/// Strict RFC 8259. What we decided where the RFC leaves room: a lone surrogate escape, a byte order mark, a number
/// beyond the range of a double and nesting beyond the limit are refused; a number too small becomes zero; of equal keys the
/// last one wins.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case empty, unexpectedEnd, unexpectedByte(UInt8), trailingText, controlCharacter(UInt8), invalidUTF8
        case badEscape, loneSurrogate, leadingZero, badNumber, numberOutOfRange, byteOrderMark
        /// Deeper than this.
        case tooDeep(Int)
        case keyExpected, colonExpected, commaExpected
        /// An event is an object.
        case objectExpected
        /// The run's memory does not hold it.
        case outOfMemory
    }

    package let reason: Reason
    /// Bytes from the start of the text.
    package let offset: Int

    package var description: String {
        let what =
            switch reason {
            case .empty: "nothing but white space"
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte(let byte): "unexpected \(Self.name(of: byte))"
            case .trailingText: "more text after the value"
            case .controlCharacter(let byte): "\(Self.name(of: byte)) inside a string must be escaped"
            case .invalidUTF8: "not valid UTF-8"
            case .badEscape: "invalid escape in a string"
            case .loneSurrogate: "half of a surrogate pair"
            case .leadingZero: "a number must not begin with 0"
            case .badNumber: "a digit is missing in a number"
            case .numberOutOfRange: "a number too large for a 64-bit float"
            case .tooDeep(let limit): "nested deeper than \(limit)"
            case .byteOrderMark: "begins with a byte order mark"
            case .keyExpected: "expected a key in double quotes"
            case .colonExpected: "expected `:` after a key"
            case .commaExpected: "expected `,` or the end of the list or object"
            case .objectExpected: "expected an object"
            case .outOfMemory: "too large for the memory of the run"
            }
        return "\(what) at byte \(offset)"
    }

    private static func name(of byte: UInt8) -> String {
        0x21...0x7e ~= byte
            ? "`\(Character(Unicode.Scalar(byte)))`" : "byte 0x" + String(byte, radix: 16, uppercase: false)
    }
}
