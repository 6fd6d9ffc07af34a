// UTF8Check.swift: is a file text?

enum UTF8Check {
    /// Offset of the first byte that is not UTF-8, or nil. Pure ASCII passes a word at a time.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        var index = 0
        let count = bytes.count
        while index < count {
            if bytes[index] < 0x80 {
                index = endOfASCII(bytes, from: index)
                continue
            }
            guard let length = sequenceLength(bytes, at: index) else { return index }
            index += length
        }
        return nil
    }

    private static func endOfASCII(_ bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBytes { buffer in
            var index = start
            while index + 8 <= buffer.count,
                buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index += 8
            }
            while index < buffer.count, buffer[index] < 0x80 { index += 1 }
            return index
        }
    }

    /// The length of the well-formed sequence at `index` (Unicode, table 3-7), or nil.
    private static func sequenceLength(_ bytes: [UInt8], at index: Int) -> Int? {
        func continues(_ distance: Int, from low: UInt8 = 0x80, to high: UInt8 = 0xBF) -> Bool {
            index + distance < bytes.count && bytes[index + distance] >= low && bytes[index + distance] <= high
        }
        switch bytes[index] {
        case 0xC2...0xDF: return continues(1) ? 2 : nil
        case 0xE0: return continues(1, from: 0xA0) && continues(2) ? 3 : nil
        case 0xE1...0xEC, 0xEE, 0xEF: return continues(1) && continues(2) ? 3 : nil
        case 0xED: return continues(1, to: 0x9F) && continues(2) ? 3 : nil
        case 0xF0: return continues(1, from: 0x90) && continues(2) && continues(3) ? 4 : nil
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : nil
        case 0xF4: return continues(1, to: 0x8F) && continues(2) && continues(3) ? 4 : nil
        default: return nil
        }
    }
}
