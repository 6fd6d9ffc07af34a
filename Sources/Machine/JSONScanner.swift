// JSONScanner.swift: the one reader of JSON text: strict, sixteen bytes at a time, in one pass.
//
// It validates what it passes over, so that later looks inside may trust the text. UTF-8 is checked for the whole text
// beforehand (JSONText.swift), which costs some 10 ns for plain ASCII. The text ends with a zero byte, so no loop
// needs a bound: a zero is never part of JSON.
// Two entries: `value` gives what a place holds (JSONScanner+Values.swift), and with a `FieldTrie` the same pass fills
// slots (JSONScanner+Fields.swift). Neighbours: JSONScanner+Scalars.swift, JSONOpening.swift (lists and objects on demand).

struct JSONScanner {
    /// Lists and objects inside each other, at most.
    let depthMax: Int

    var place: BytePointer
    let start: BytePointer
    /// The zero byte after the text.
    let end: BytePointer
    let arena: Arena
    var entries: EntryStack
    let fields: FieldSlots

    init(_ text: BytePointer, count: Int, arena: Arena, fields: FieldSlots = .none) {
        place = text
        start = text
        end = text + count
        self.arena = arena
        depthMax = arena.jsonDepthMax
        entries = arena.entryStack
        self.fields = fields
    }

    func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: place - start) }

    /// The right complaint about the byte at `place`.
    func unexpected() -> JSONError {
        place < end ? error(.unexpectedByte(place.byte)) : error(.unexpectedEnd)
    }

    @inline(__always) mutating func skipWhitespace() {
        var byte = place.byte
        while byte <= 0x20 {
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            place += 1
            byte = place.byte
        }
    }

    /// Passes over one value and checks all of it.
    mutating func skipValue(depth: Int) throws(JSONError) {
        switch place.byte {
        case UInt8(ascii: "\""):
            place += 1
            _ = try skipString()
        case UInt8(ascii: "{"): try skipObject(depth: depth)
        case UInt8(ascii: "["): try skipList(depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        default: _ = try literal()
        }
    }

    mutating func skipObject(depth: Int) throws(JSONError) {
        guard depth < depthMax else { throw error(.tooDeep(depthMax)) }
        place += 1
        skipWhitespace()
        if place.byte == UInt8(ascii: "}") {
            place += 1
            return
        }
        while true {
            guard place.byte == UInt8(ascii: "\"") else { throw place < end ? error(.keyExpected) : unexpected() }
            place += 1
            _ = try skipString()
            try passColon()
            try skipValue(depth: depth + 1)
            if try passSeparator(closing: UInt8(ascii: "}")) { return }
        }
    }

    mutating func skipList(depth: Int) throws(JSONError) {
        guard depth < depthMax else { throw error(.tooDeep(depthMax)) }
        place += 1
        skipWhitespace()
        if place.byte == UInt8(ascii: "]") {
            place += 1
            return
        }
        while true {
            try skipValue(depth: depth + 1)
            if try passSeparator(closing: UInt8(ascii: "]")) { return }
        }
    }

    /// White space, the colon, white space.
    @inline(__always) mutating func passColon() throws(JSONError) {
        skipWhitespace()
        guard place.byte == UInt8(ascii: ":") else { throw place < end ? error(.colonExpected) : unexpected() }
        place += 1
        skipWhitespace()
    }

    /// White space, then a comma and white space (no) or the closing bracket (yes).
    @inline(__always) mutating func passSeparator(closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let byte = place.byte
        if byte == UInt8(ascii: ",") {
            place += 1
            skipWhitespace()
            return false
        }
        guard byte == closing else { throw place < end ? error(.commaExpected) : unexpected() }
        place += 1
        return true
    }

    /// From after the opening quote to after the closing one. Gives whether there are escapes, all checked.
    @inline(__always) mutating func skipString() throws(JSONError) -> Bool {
        let mark = TextMarks.first(from: place)
        if mark.byte == UInt8(ascii: "\"") {
            place = mark + 1
            return false
        }
        return try skipMarkedString(mark)
    }

    /// Where there was something else than a quote.
    @inline(never) private mutating func skipMarkedString(_ mark: BytePointer) throws(JSONError) -> Bool {
        place = mark
        while place.byte != UInt8(ascii: "\"") {
            guard place.byte == UInt8(ascii: "\\") else {
                throw place < end ? error(.controlCharacter(place.byte)) : unexpected()
            }
            try skipEscape()
            place = TextMarks.first(from: place)
        }
        place += 1
        return true
    }

    @inline(never) private mutating func skipEscape() throws(JSONError) {
        switch place[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            place += 2
        case UInt8(ascii: "u"):
            guard let unit = Self.hexUnit(place + 2) else { throw badEscape() }
            if 0xdc00...0xdfff ~= unit { throw error(.loneSurrogate) }
            if 0xd800...0xdbff ~= unit {
                guard place[6] == UInt8(ascii: "\\"), place[7] == UInt8(ascii: "u"),
                    let low = Self.hexUnit(place + 8), 0xdc00...0xdfff ~= low
                else { throw error(.loneSurrogate) }
                place += 12
            } else {
                place += 6
            }
        default: throw badEscape()
        }
    }

    private func badEscape() -> JSONError {
        var offset = 1
        if place[1] == UInt8(ascii: "u") {
            offset = 2
            while offset < 6, hexDigit(place[offset]) != nil { offset += 1 }
        }
        return place + offset == end ? JSONError(reason: .unexpectedEnd, offset: end - start) : error(.badEscape)
    }

    /// Four hexadecimal digits; stops at the first byte that is none, so never reads past the text's zero.
    static func hexUnit(_ place: BytePointer) -> UInt32? {
        var unit: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = hexDigit(place[offset]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}

/// Finds the bytes that mean something inside a string: `"`, `\` and all below 0x20.
enum TextMarks {
    /// The first one from here on; a zero ends every text, so there is one.
    @inline(__always) static func first(from start: BytePointer) -> BytePointer {
        var place = start
        while true {
            let marks = at(place)
            if marks.x != 0 { return place + marks.x.trailingZeroBitCount &>> 3 }
            if marks.y != 0 { return place + (8 &+ marks.y.trailingZeroBitCount &>> 3) }
            place += 16
        }
    }

    /// The first one before `end`, which may lie inside of other text; else `end` or later.
    @inline(__always) static func first(from start: BytePointer, before end: BytePointer) -> BytePointer {
        var place = start
        while place < end {
            let marks = at(place)
            if marks.x != 0 { return place + marks.x.trailingZeroBitCount &>> 3 }
            if marks.y != 0 { return place + (8 &+ marks.y.trailingZeroBitCount &>> 3) }
            place += 16
        }
        return place
    }

    /// Of the next sixteen bytes, all ones for each that is one. The comparisons are by lane: a carry from lane to lane,
    /// as in eight-byte words, would mark one too many now and then.
    @inline(__always) static func at(_ place: BytePointer) -> SIMD2<UInt64> {
        let bytes = place.sixteen
        let quotes = words(bytes .== SIMD16(repeating: UInt8(ascii: "\"")))
        let slashes = words(bytes .== SIMD16(repeating: UInt8(ascii: "\\")))
        let upper = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self) & SIMD2(repeating: 0xe0e0_e0e0_e0e0_e0e0)
        let controls = words(unsafe unsafeBitCast(upper, to: SIMD16<UInt8>.self) .== SIMD16(repeating: 0))
        return quotes | slashes | controls
    }

    /// `.|` and `.<` of masks and bytes are compiled lane by lane; of words they are one instruction.
    @inline(__always) private static func words(_ mask: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
        unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    }
}

/// The value of a hexadecimal digit.
func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
