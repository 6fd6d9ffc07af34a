// FlatMemory.swift: the index's tables and texts as plain memory, read without checks or counts of references.
//
// One place holds the unsafe loads, so that the index reads as plain code. Neighbours: RuleIndex.swift.

internal import Machine

/// Elements side by side, never freed alone: their owner does it.
///
/// SAFETY: `base` has at least as many elements as any index that is used; the builder writes every table whole
/// before the first read, nobody writes afterwards, and `IndexMemory` frees it after the last read.
@safe struct Table<Element: BitwiseCopyable>: BitwiseCopyable, @unchecked Sendable {
    private let base: UnsafeMutablePointer<Element>

    init(_ base: UnsafeMutablePointer<Element>) { unsafe self.base = unsafe base }

    @inline(__always) subscript(index: Int) -> Element { unsafe base[index] }
    @inline(__always) subscript(index: UInt32) -> Element { unsafe base[Int(index)] }
}

extension Value {
    /// Kinds as they stand in a value's lowest byte. A test holds them to `Value.Kind`.
    enum KindByte {
        @inline(__always) static var bool: UInt8 { 2 }
        @inline(__always) static var int: UInt8 { 3 }
        @inline(__always) static var float: UInt8 { 4 }
        @inline(__always) static var string: UInt8 { 5 }
        @inline(__always) static var list: UInt8 { 9 }
        @inline(__always) static var object: UInt8 { 10 }
    }
    @inline(__always) var kindNumber: UInt8 { UInt8(truncatingIfNeeded: meta) }
    @inline(__always) var isText: Bool { kindNumber == KindByte.string }
    @inline(__always) var isIntNumber: Bool { kindNumber == KindByte.int }
    @inline(__always) var isFloatNumber: Bool { kindNumber == KindByte.float }
    /// Null or missing.
    @inline(__always) var isNothing: Bool { kindNumber <= 1 }
    @inline(__always) var isMissing: Bool { kindNumber == 1 }
    @inline(__always) var textCount: Int { Int(meta &>> 32) }
    @inline(__always) var textPlace: TextPlace { TextPlace(address: UInt(bits)) }
}

/// Where a text begins.
///
/// SAFETY: made from a string value only; its bytes, and sixteen after them, may be read while the value is good.
@safe struct TextPlace: BitwiseCopyable {
    let address: UInt

    @inline(__always) init(address: UInt) { self.address = address }
    @inline(__always) func word(at offset: Int) -> UInt64 {
        unsafe UInt64(
            littleEndian: UnsafeRawPointer(bitPattern: address &+ UInt(bitPattern: offset)).unsafelyUnwrapped
                .loadUnaligned(as: UInt64.self))
    }
    @inline(__always) func byte(at offset: Int) -> UInt8 {
        unsafe UnsafeRawPointer(bitPattern: address &+ UInt(bitPattern: offset)).unsafelyUnwrapped.load(as: UInt8.self)
    }
    @inline(__always) func advanced(by count: Int) -> TextPlace {
        TextPlace(address: address &+ UInt(bitPattern: count))
    }

    /// Are `count` bytes here and there the same? Reads up to seven bytes more.
    @inline(__always) func holds(_ count: Int, of other: TextPlace) -> Bool {
        var offset = 0
        while offset &+ 8 <= count {
            if word(at: offset) != other.word(at: offset) { return false }
            offset &+= 8
        }
        return offset == count
            || (word(at: offset) ^ other.word(at: offset)) &<< UInt64(truncatingIfNeeded: 64 &- (count &- offset) &* 8)
                == 0
    }

    /// Of `count` bytes, for the index's own tables.
    @inline(__always) func hash(_ count: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset &+ 8 <= count {
            hash = (hash ^ word(at: offset)) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash &>> 32
            offset &+= 8
        }
        if offset < count {
            let rest = word(at: offset) & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- (count &- offset) &* 8))
            hash = (hash ^ rest) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash &>> 32
        }
        return hash
    }

    /// As `hash` of the text with A–Z as a–z; nil when a byte is beyond ASCII.
    func foldedHash(_ count: Int) -> UInt64? {
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset < count {
            var word = self.word(at: offset)
            let left = count &- offset
            if left < 8 { word &= UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- left &* 8) }
            guard word & 0x8080_8080_8080_8080 == 0 else { return nil }
            hash = (hash ^ word.lowercasedASCII) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash &>> 32
            offset &+= 8
        }
        return hash
    }

    /// Are `count` bytes, all ASCII, the same but for case? Nil when a byte is beyond ASCII.
    func holdsIgnoringCase(_ count: Int, of other: TextPlace) -> Bool? {
        var isSame = true
        var offset = 0
        while offset < count {
            let left = count &- offset
            let mask = left < 8 ? UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- left &* 8) : UInt64.max
            let mine = word(at: offset) & mask
            let theirs = other.word(at: offset) & mask
            guard (mine | theirs) & 0x8080_8080_8080_8080 == 0 else { return nil }
            isSame = isSame && mine.lowercasedASCII == theirs.lowercasedASCII
            offset &+= 8
        }
        return isSame
    }
}

extension UInt64 {
    /// Eight ASCII bytes with A–Z as a–z.
    @inline(__always) var lowercasedASCII: UInt64 {
        let aboveAt = self &+ (0x7f &- 0x40) &* 0x0101_0101_0101_0101
        let aboveZ = self &+ (0x7f &- 0x5a) &* 0x0101_0101_0101_0101
        return self | ((aboveAt & ~aboveZ) & 0x8080_8080_8080_8080) &>> 2
    }

    /// Spreads what the hash holds over all its bits.
    @inline(__always) var mixed: UInt64 {
        let product = (self ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
