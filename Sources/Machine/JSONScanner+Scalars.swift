// JSONScanner+Scalars.swift: strings, numbers and words of JSON as values.
//
// Neighbours: JSONScanner.swift (passes over them), NumberText.swift (the slow way for floats).

extension JSONScanner {
    /// The scalar at `place`.
    @inline(__always) mutating func scalar() throws(JSONError) -> Value {
        let byte = place.byte
        if byte == UInt8(ascii: "\"") {
            place += 1
            return try string()
        }
        if byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") <= 9 { return try number() }
        return try literal()
    }

    /// From after the opening quote. Without escapes it is a slice of the text.
    @inline(__always) mutating func string() throws(JSONError) -> Value {
        let first = place
        let hasEscapes = try skipString()
        let count = place - first - 1
        if !hasEscapes { return Value(.string, text: first, count: count) }
        return try unescaped(first, count: count)
    }

    @inline(never) func unescaped(_ first: BytePointer, count: Int) throws(JSONError) -> Value {
        guard let room = try? arena.textRoom(count) else { throw error(.outOfMemory) }
        return Value(.string, text: room.readable, count: Self.unescape(first, count: count, into: room))
    }

    @inline(__always) mutating func literal() throws(JSONError) -> Value {
        let word = place.word32
        if word == 0x6575_7274 {
            place += 4
            return .bool(true)
        }
        if word == 0x6c6c_756e {
            place += 4
            return .null
        }
        if word == 0x736c_6166 && place[4] == UInt8(ascii: "e") {
            place += 5
            return .bool(false)
        }
        throw badLiteral()
    }

    @inline(never) private func badLiteral() -> JSONError {
        for word in ["true", "null", "false"] {
            let spelling = Array(word.utf8)
            guard spelling[0] == place.byte else { continue }
            for offset in spelling.indices where place[offset] != spelling[offset] {
                var there = self
                there.place += offset
                return there.unexpected()
            }
        }
        return unexpected()
    }

    /// Exact to 64 bits for ints; larger ones and all others are floats.
    @inline(__always) mutating func number() throws(JSONError) -> Value {
        let first = place
        let isNegative = place.byte == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let digitsStart = place
        var digits: UInt64 = 0
        var digit = place.byte &- UInt8(ascii: "0")
        while digit <= 9 {
            digits = digits &* 10 &+ UInt64(digit)
            place += 1
            digit = place.byte &- UInt8(ascii: "0")
        }
        var digitCount = place - digitsStart
        if digitCount == 0 || (digitCount > 1 && digitsStart.byte == UInt8(ascii: "0")) {
            throw badNumber(digitsStart)
        }
        let next = place.byte
        if next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") {
            if digitCount <= 18 { return .int(isNegative ? -Int64(digits) : Int64(digits)) }
            return try slowNumber(from: first)
        }
        var exponent = 0
        if next == UInt8(ascii: ".") {
            place += 1
            let fractionStart = place
            digit = place.byte &- UInt8(ascii: "0")
            while digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
                place += 1
                digit = place.byte &- UInt8(ascii: "0")
            }
            exponent = fractionStart - place
            digitCount -= exponent
            if exponent == 0 { throw missingDigit() }
        }
        if place.byte | 0x20 == UInt8(ascii: "e") || digitCount > 15 || exponent < -22 {
            place = first
            return try slowNumber(from: first)
        }
        let magnitude = Double(digits) / powerOfTen(-exponent)
        return .float(isNegative ? -magnitude : magnitude)
    }

    /// Passes over a number, checked as `number` does.
    @inline(__always) mutating func skipNumber() throws(JSONError) {
        let first = place
        if place.byte == UInt8(ascii: "-") { place += 1 }
        let digitsStart = place
        skipDigits()
        let digitCount = place - digitsStart
        if digitCount == 0 || (digitCount > 1 && digitsStart.byte == UInt8(ascii: "0")) {
            throw badNumber(digitsStart)
        }
        var mayOverflow = digitCount > 300
        if place.byte == UInt8(ascii: ".") {
            place += 1
            let fractionStart = place
            skipDigits()
            if place == fractionStart { throw missingDigit() }
        }
        if place.byte | 0x20 == UInt8(ascii: "e") {
            place += 1
            if place.byte == UInt8(ascii: "+") || place.byte == UInt8(ascii: "-") { place += 1 }
            let exponentStart = place
            skipDigits()
            if place == exponentStart { throw missingDigit() }
            mayOverflow = true
        }
        if mayOverflow { try checkRange(from: first) }
    }

    @inline(__always) private mutating func skipDigits() {
        while place.byte &- UInt8(ascii: "0") <= 9 { place += 1 }
    }

    @inline(never) private func checkRange(from first: BytePointer) throws(JSONError) {
        if doubleFromText(first, count: place - first) == nil {
            throw JSONError(reason: .numberOutOfRange, offset: first - start)
        }
    }

    private mutating func slowNumber(from first: BytePointer) throws(JSONError) -> Value {
        place = first
        try skipNumber()
        let count = place - first
        if let int = intFromText(first, count: count) { return .int(int) }
        guard let double = doubleFromText(first, count: count) else {
            throw JSONError(reason: .numberOutOfRange, offset: first - start)
        }
        return .float(double)
    }

    @inline(never) private func badNumber(_ digits: BytePointer) -> JSONError {
        if digits.byte == UInt8(ascii: "0"), digits[1] &- UInt8(ascii: "0") <= 9 {
            return JSONError(reason: .leadingZero, offset: digits - start)
        }
        return missingDigit()
    }

    @inline(never) private func missingDigit() -> JSONError {
        place < end ? error(.badNumber) : unexpected()
    }

    /// Writes the text that checked escapes stand for; never longer than they are.
    /// - Returns: bytes written.
    static func unescape(_ first: BytePointer, count: Int, into room: MutableBytePointer) -> Int {
        var from = 0
        var to = 0
        while from < count {
            let byte = first[from]
            guard byte == UInt8(ascii: "\\") else {
                room[to] = byte
                from += 1
                to += 1
                continue
            }
            let letter = first[from + 1]
            if letter == UInt8(ascii: "u") {
                var scalar = hexUnit(first + (from + 2)) ?? 0xfffd
                from += 6
                if 0xd800...0xdbff ~= scalar, let low = hexUnit(first + (from + 2)) {
                    scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
                    from += 6
                }
                to += writeUTF8(scalar, into: room + to)
                continue
            }
            room[to] =
                switch letter {
                case UInt8(ascii: "b"): 0x08
                case UInt8(ascii: "f"): 0x0c
                case UInt8(ascii: "n"): 0x0a
                case UInt8(ascii: "r"): 0x0d
                case UInt8(ascii: "t"): 0x09
                default: letter
                }
            from += 2
            to += 1
        }
        return to
    }
}

/// Writes one scalar; gives how many bytes it took.
func writeUTF8(_ scalar: UInt32, into room: MutableBytePointer) -> Int {
    switch scalar {
    case 0..<0x80:
        room[0] = UInt8(scalar)
        return 1
    case 0x80..<0x800:
        room[0] = UInt8(0xc0 | scalar >> 6)
        room[1] = UInt8(0x80 | scalar & 0x3f)
        return 2
    case 0x800..<0x10000:
        room[0] = UInt8(0xe0 | scalar >> 12)
        room[1] = UInt8(0x80 | scalar >> 6 & 0x3f)
        room[2] = UInt8(0x80 | scalar & 0x3f)
        return 3
    default:
        room[0] = UInt8(0xf0 | scalar >> 18)
        room[1] = UInt8(0x80 | scalar >> 12 & 0x3f)
        room[2] = UInt8(0x80 | scalar >> 6 & 0x3f)
        room[3] = UInt8(0x80 | scalar & 0x3f)
        return 4
    }
}
