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
        let (sum, carry) = isNegative
            ? product.subtractingReportingOverflow(Int64(digit)) : product.addingReportingOverflow(Int64(digit))
        if overflow || carry { return nil }
        value = sum
    }
    return value
}
