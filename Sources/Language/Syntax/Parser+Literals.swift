// Parser+Literals.swift: the values of numbers, durations and sizes.
//
// The lexer found where they end; their form is judged here. Neighbours: Lexer+Numbers.swift, Parser+Strings.swift.

internal import Diagnostics

extension Parser {
    /// A number, duration or size token.
    mutating func number() -> NodeID {
        switch kind {
        case .integer: return integer()
        case .float: return float()
        case .duration: return duration()
        default: return size()
        }
    }

    /// `[ "-" ] literal | string` of types, bounds and patterns.
    mutating func simpleLiteral(in place: String) -> NodeID {
        let start = start
        if isAtEnd {
            reportExpected("a literal")
            return errorNode()
        }
        switch kind {
        case .minus:
            if isLowestInteger { return lowestInteger() }
            advance()
            switch kind {
            case .integer, .float, .duration, .size: return node(.negate, from: start, number())
            default:
                reportExpected("a number after `-`")
                return errorNode()
            }
        case .string, .textHead: return plainString(in: place)
        case .true: return leaf(.trueLiteral)
        case .false: return leaf(.falseLiteral)
        case .null: return leaf(.nullLiteral)
        default: return number()
        }
    }

    private mutating func integer() -> NodeID {
        let token = token
        guard let value = digits(Int(token.start), Int(token.end)) else { return badNumber() }
        guard let signed = Int64(exactly: value.magnitude), !value.overflowed else {
            return refuse(
                .numberTooLarge(
                    shown(token), at: range(of: token), limit: "an int goes to 9223372036854775807"))
        }
        return integerLeaf(.integer, signed)
    }

    private mutating func integerLeaf(_ kind: NodeKind, _ value: Int64) -> NodeID {
        tree.integers.append(value)
        return leaf(kind, payload: UInt32(tree.integers.count - 1))
    }

    /// `-9223372036854775808`, whose digits alone do not fit.
    var isLowestInteger: Bool {
        guard nextKind() == .integer, position + 1 < tokens.count else { return false }
        let digits = tokens[position + 1]
        guard digits.end - digits.start >= 18, let value = self.digits(Int(digits.start), Int(digits.end))
        else { return false }
        return !value.overflowed && value.magnitude == Int64.min.magnitude
    }

    mutating func lowestInteger() -> NodeID {
        let start = start
        advance()
        advance()
        tree.integers.append(.min)
        return tree.addLeaf(.integer, from: start, to: previousEnd, payload: UInt32(tree.integers.count - 1))
    }

    /// Decimal or `0x…` with single underscores between digits. Nil: of bad form.
    private func digits(_ start: Int, _ end: Int) -> (magnitude: UInt64, overflowed: Bool)? {
        var index = start
        var radix: UInt64 = 10
        if end - start > 1, bytes[start] == UInt8(ascii: "0"), bytes[start + 1] | 0x20 == UInt8(ascii: "x") {
            guard bytes[start + 1] == UInt8(ascii: "x") else { return nil }
            radix = 16
            index += 2
        }
        var magnitude: UInt64 = 0
        var overflowed = false
        var wasDigit = false
        while index < end {
            let byte = bytes[index]
            if byte == UInt8(ascii: "_") {
                guard wasDigit, index + 1 < end else { return nil }
                wasDigit = false
            } else {
                guard let digit = byte.digitValue, UInt64(digit) < radix else { return nil }
                let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: radix)
                let (sum, tooLargeStill) = product.addingReportingOverflow(UInt64(digit))
                overflowed = overflowed || tooLarge || tooLargeStill
                magnitude = sum
                wasDigit = true
            }
            index += 1
        }
        return wasDigit ? (magnitude, overflowed) : nil
    }

    private mutating func badNumber() -> NodeID {
        let token = token
        let written = shown(token)
        if written.hasPrefix("0x") || written.hasPrefix("0X") {
            return refuse(
                .badNumber(
                    written, at: range(of: token), because: "`0x` is followed by hexadecimal digits",
                    help: "`0x1f` is 31"))
        }
        return refuse(
            .badNumber(
                written, at: range(of: token), because: "a `_` stands between two digits", help: "`1_000_000`"))
    }

    /// Reports a token that has no value, and goes past it.
    private mutating func refuse(_ diagnostic: Diagnostic) -> NodeID {
        note(diagnostic)
        return leaf(.error)
    }

    private mutating func float() -> NodeID {
        let token = token
        guard let text = plainDigits(Int(token.start), Int(token.end)), let value = Double(text) else {
            return badNumber()
        }
        guard value.isFinite else {
            return refuse(
                .numberTooLarge(
                    shown(token), at: range(of: token), limit: "a float goes to 1.7976931348623157e308"))
        }
        tree.floats.append(value)
        return leaf(.float, payload: UInt32(tree.floats.count - 1))
    }

    /// A number's text without its underscores; nil when one does not stand between digits.
    private func plainDigits(_ start: Int, _ end: Int) -> String? {
        var kept: [UInt8] = []
        for index in start..<end {
            if bytes[index] == UInt8(ascii: "_") {
                guard index > start, bytes[index - 1].isDigit, index + 1 < end, bytes[index + 1].isDigit else {
                    return nil
                }
            } else {
                kept.append(bytes[index])
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    // Units.

    private struct Unit {
        let name: String
        let nanoseconds: Int64
    }

    private static let units = [
        Unit(name: "d", nanoseconds: 86_400_000_000_000), Unit(name: "h", nanoseconds: 3_600_000_000_000),
        Unit(name: "m", nanoseconds: 60_000_000_000), Unit(name: "s", nanoseconds: 1_000_000_000),
        Unit(name: "ms", nanoseconds: 1_000_000), Unit(name: "us", nanoseconds: 1000), Unit(name: "ns", nanoseconds: 1),
    ]

    private mutating func badDuration(_ reason: String) -> NodeID {
        refuse(
            .badNumber(
                shown(token), at: range(of: token), because: reason,
                help: "durations are written `250ms`, `5s`, `1.5s`, `3m`, `1h30m`, `1d`; sizes `64kb`, `4mb`"))
    }

    /// `1h30m`: whole numbers with ever smaller units; the last may have a fraction. The node's value is in
    /// nanoseconds.
    private mutating func duration() -> NodeID {
        let token = token
        var index = Int(token.start)
        let end = Int(token.end)
        var total: Int64 = 0
        var largestAllowed = 0
        while index < end {
            let numberStart = index
            while index < end,
                bytes[index].isDigit || bytes[index] == UInt8(ascii: "_") || bytes[index] == UInt8(ascii: ".")
            {
                index += 1
            }
            let unitStart = index
            while index < end, !bytes[index].isDigit { index += 1 }
            let name = String(decoding: bytes[unitStart..<index], as: UTF8.self)
            guard let place = Parser.units.firstIndex(where: { $0.name == name }) else {
                return badDuration(unitStart == index ? "the last number has no unit" : "there is no unit `\(name)`")
            }
            guard place >= largestAllowed else { return badDuration("the units become smaller from left to right") }
            largestAllowed = place + 1
            guard let part = nanoseconds(numberStart, unitStart, Parser.units[place].nanoseconds, isLast: index == end)
            else { return badDuration("only the last part may have a fraction") }
            let (sum, overflowed) = total.addingReportingOverflow(part)
            guard part >= 0, !overflowed else {
                return refuse(
                    .numberTooLarge(shown(token), at: range(of: token), limit: "a duration goes to about 292 years"))
            }
            total = sum
        }
        return integerLeaf(.duration, total)
    }

    /// Nil: of bad form; negative: too large.
    private func nanoseconds(_ start: Int, _ end: Int, _ unit: Int64, isLast: Bool) -> Int64? {
        let point = bytes[start..<end].firstIndex(of: UInt8(ascii: ".")) ?? end
        guard let whole = digits(start, point) else { return nil }
        guard let count = Int64(exactly: whole.magnitude), !whole.overflowed else { return -1 }
        let (product, overflowed) = count.multipliedReportingOverflow(by: unit)
        guard !overflowed else { return -1 }
        guard point < end else { return product }
        guard isLast else { return nil }
        var fraction: Int64 = 0
        var digitUnit = unit
        for index in point + 1..<end where bytes[index] != UInt8(ascii: "_") {
            guard let digit = bytes[index].digitValue, digit < 10 else { return nil }
            digitUnit /= 10
            fraction += Int64(digit) * digitUnit
        }
        let (sum, tooLarge) = product.addingReportingOverflow(fraction)
        return tooLarge ? -1 : sum
    }

    /// `64kb`: whole numbers, powers of 1024.
    private mutating func size() -> NodeID {
        let token = token
        let end = Int(token.end)
        let unit = String(decoding: bytes[end - 2..<end], as: UTF8.self)
        let shift: Int
        switch unit {
        case "kb": shift = 10
        case "mb": shift = 20
        case "gb": shift = 30
        default:
            note(
                .wrongSign(
                    unit, meant: unit.lowercased(), at: range(token.end - 2, token.end),
                    because: "units are written small"))
            shift = unit.lowercased() == "kb" ? 10 : unit.lowercased() == "mb" ? 20 : 30
        }
        guard let value = digits(Int(token.start), end - 2) else {
            return refuse(
                .badNumber(shown(token), at: range(of: token), because: "a size is a whole number", help: "`1536kb`"))
        }
        guard !value.overflowed, value.magnitude <= UInt64(Int64.max) >> UInt64(shift) else {
            return refuse(
                .numberTooLarge(shown(token), at: range(of: token), limit: "an int goes to 9223372036854775807"))
        }
        return integerLeaf(.size, Int64(value.magnitude) << Int64(shift))
    }
}

extension UInt8 {
    /// Of a hexadecimal digit.
    var digitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
