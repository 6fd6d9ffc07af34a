// NumberText.swift: numbers to and from text, exactly.
//
// Neighbours: JSONScanner+Scalars.swift, OutputBuffer.swift.

/// 10 to the power of 0...22: exact in a double.
@inline(__always) func powerOfTen(_ exponent: Int) -> Double {
    switch exponent {
    case 0: 1e0
    case 1: 1e1
    case 2: 1e2
    case 3: 1e3
    case 4: 1e4
    case 5: 1e5
    case 6: 1e6
    case 7: 1e7
    case 8: 1e8
    case 9: 1e9
    case 10: 1e10
    case 11: 1e11
    case 12: 1e12
    case 13: 1e13
    case 14: 1e14
    case 15: 1e15
    case 16: 1e16
    case 17: 1e17
    case 18: 1e18
    case 19: 1e19
    case 20: 1e20
    case 21: 1e21
    default: 1e22
    }
}

/// The nearest double of a checked JSON number; nil when that would be infinite.
@inline(never) func doubleFromText(_ text: BytePointer, count: Int) -> Double? {
    guard let value = Double(text.string(count)), value.isFinite else { return nil }
    return value
}

/// A JSON number without fraction or exponent that fits 64 bits.
func intFromText(_ text: BytePointer, count: Int) -> Int64? {
    let isNegative = text.byte == UInt8(ascii: "-")
    var value: Int64 = 0
    for offset in (isNegative ? 1 : 0)..<count {
        let digit = text[offset] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) =
            isNegative
            ? product.subtractingReportingOverflow(Int64(digit)) : product.addingReportingOverflow(Int64(digit))
        if overflow || carry { return nil }
        value = sum
    }
    return value
}

/// Decimal digits; at most twenty bytes.
/// - Returns: bytes written.
@inline(__always) func writeInt(_ value: Int64, into room: MutableBytePointer) -> Int {
    var magnitude = value.magnitude
    var start = 0
    if value < 0 {
        room[0] = UInt8(ascii: "-")
        start = 1
    }
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20, magnitude >= bound {
        digits &+= 1
        bound = digits < 20 ? bound &* 10 : bound
    }
    var place = start &+ digits
    let end = place
    repeat {
        let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
        place &-= 1
        room[place] = UInt8(truncatingIfNeeded: remainder) &+ UInt8(ascii: "0")
        magnitude = quotient
    } while place > start
    return end
}

/// The shortest decimal that reads back as the same double; always with a fraction or an exponent (`3.0`).
/// - Returns: bytes written, at most 26.
@inline(never) func writeDouble(_ value: Double, into room: MutableBytePointer) -> Int {
    // Up to fifteen digits, at most four of them behind the point: the first count of decimals that reads back is the
    // shortest, since products and quotients of exact doubles are rounded correctly.
    if value.magnitude < 1e11, value != 0 {
        var scale = 10.0
        for decimals in 1...4 {
            let scaled = (value * scale).rounded()
            if scaled / scale == value {
                return writeDecimal(Int64(scaled), decimals: decimals, into: room)
            }
            scale *= 10
        }
    }
    var text = value.description
    return text.withUTF8 { bytes in
        for offset in 0..<bytes.count { room[offset] = unsafe bytes[offset] }
        return bytes.count
    }
}

/// `scaled` divided by 10 to the power of `decimals`.
private func writeDecimal(_ scaled: Int64, decimals: Int, into room: MutableBytePointer) -> Int {
    var magnitude = scaled.magnitude
    var start = 0
    if scaled < 0 {
        room[0] = UInt8(ascii: "-")
        start = 1
    }
    let unit = UInt64(powerOfTen(decimals))
    var count = start + writeInt(Int64(magnitude / unit), into: room + start)
    magnitude %= unit
    room[count] = UInt8(ascii: ".")
    for position in (1...decimals).reversed() {
        room[count + position] = UInt8(magnitude % 10) + UInt8(ascii: "0")
        magnitude /= 10
    }
    count += 1 + decimals
    return count
}
