// RandomUUID.swift: version 4 UUIDs and random hexadecimal, for etags, event ids and trace ids.

enum RandomUUID {
    /// `f47ac10b-58cc-4372-a567-0e02b2c3d479`
    static func string() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() & ~0xF000) | 0x4000
        let low = (generator.next() & ~(3 << 62)) | (2 << 62)
        let digits = hexadecimal(high) + hexadecimal(low)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for (index, digit) in digits.enumerated() {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[place] = UInt8(ascii: "-")
                    place += 1
                }
                buffer[place] = digit
                place += 1
            }
            return place
        }
    }

    /// `byteCount` random bytes, two lower-case digits each; never all zero, which trace ids forbid.
    static func hexadecimal(byteCount: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var digits: [UInt8] = []
        while digits.count < byteCount * 2 { digits += hexadecimal(generator.next() | 1) }
        return String(decoding: digits.suffix(byteCount * 2), as: UTF8.self)
    }

    private static func hexadecimal(_ word: UInt64) -> [UInt8] {
        (0..<16).map { index in
            let nibble = UInt8((word >> UInt64(60 - 4 * index)) & 0xF)
            return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        }
    }
}
