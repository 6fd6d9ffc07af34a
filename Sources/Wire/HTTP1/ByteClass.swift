// ByteClass.swift: which bytes may stand where in a head (RFC 9110, 5.5 and 5.6.2; RFC 3986).
//
// Two 64-bit sets for ASCII rather than a table of 256: no memory, no lazy global on the way.

struct ASCIISet: BitwiseCopyable {
    private let low: UInt64
    private let high: UInt64

    init(_ members: String) {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for byte in members.utf8 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
        self.low = low
        self.high = high
    }

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 != 0
    }
}

extension UInt8 {
    /// `!#$%&'*+-.^_`|~`, digits and letters, as an `ASCIISet`; WireTests rebuilds it from that text.
    @inline(__always)
    static var tokenSet: ASCIISet { ASCIISet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }
    /// What a Host may hold: unreserved, sub-delims, `%`, and `:` `[` `]` for ports and IPv6, but no comma.
    @inline(__always)
    static var hostSet: ASCIISet { ASCIISet(low: 0x2fff_6ff2_0000_0000, high: 0x47ff_fffe_afff_fffe) }

    /// tchar: a letter of a method or a field's name.
    @inline(__always)
    var isToken: Bool { Self.tokenSet.contains(self) }

    /// field-vchar, space or tab: what a field's value may hold. Bytes from 0x80 on are opaque to us.
    @inline(__always)
    var isFieldValue: Bool { (self >= 0x20 && self != 0x7F) || self == 0x09 }

    /// Visible ASCII: what a request target may hold.
    @inline(__always)
    var isVisible: Bool { self &- 0x21 <= 0x7E - 0x21 }

    @inline(__always)
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 <= 9 }

    /// 0 to 15 for a hexadecimal digit, else nil.
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    /// This byte with an ASCII capital made small.
    @inline(__always)
    var lowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }

    static var carriageReturn: UInt8 { 0x0D }
    static var lineFeed: UInt8 { 0x0A }
}

extension Span<UInt8> {
    /// Whether the bytes of `range` are `text`, which is given in lower case, without regard to ASCII case.
    func equals(_ range: Range<Int>, lowercase text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = unsafe text.utf8Start
        for offset in 0..<range.count {
            let byte = unsafe expected[offset]
            if self[range.lowerBound + offset].lowercased != byte { return false }
        }
        return true
    }

    /// Whether the bytes of `range` are exactly `text`.
    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = unsafe text.utf8Start
        for offset in 0..<range.count {
            let byte = unsafe expected[offset]
            if self[range.lowerBound + offset] != byte { return false }
        }
        return true
    }
}
