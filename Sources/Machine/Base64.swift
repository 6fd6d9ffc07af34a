// Base64.swift: RFC 4648, both alphabets read, the plain one written.

package enum Base64 {
    private static func letter(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    static func encode(_ bytes: BytePointer, _ count: Int, _ put: (UInt8) -> Void) {
        var offset = 0
        while offset < count {
            let left = count - offset
            let group =
                UInt32(bytes[offset]) << 16 | UInt32(left > 1 ? bytes[offset + 1] : 0) << 8
                | UInt32(left > 2 ? bytes[offset + 2] : 0)
            put(letter(UInt8(group >> 18)))
            put(letter(UInt8(group >> 12 & 63)))
            put(left > 1 ? letter(UInt8(group >> 6 & 63)) : UInt8(ascii: "="))
            put(left > 2 ? letter(UInt8(group & 63)) : UInt8(ascii: "="))
            offset += 3
        }
    }

    /// Padding may be left out; anything else that is off gives nil.
    static func decode(_ text: BytePointer, _ count: Int) -> [UInt8]? {
        var end = count
        while end > 0, count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        if end < count, count % 4 != 0 { return nil }
        guard end % 4 != 1 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(end * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for offset in 0..<end {
            guard let six = value(text[offset]) else { return nil }
            bits = bits << 6 | UInt32(six)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        // The bits that are left over must be zero, so that a text has one meaning.
        return bits & (1 << UInt32(bitCount) - 1) == 0 ? result : nil
    }

    /// base64url in its one form: no padding, no letter of the other alphabet, nothing around it.
    ///
    /// Source: RFC 7515 section 2. One text for each run of bytes, so that a signature has no second spelling.
    package static func decodeURL(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let isPlain = text.allSatisfy { letter in
            letter != UInt8(ascii: "+") && letter != UInt8(ascii: "/") && letter != UInt8(ascii: "=")
        }
        return isPlain ? decode(text) : nil
    }

    /// In either alphabet; padding may be left out.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        unsafe text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return [] }
            return unsafe decode(BytePointer(base), buffer.count)
        }
    }
}
