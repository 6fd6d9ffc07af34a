// Trace.swift: W3C trace context: what came in goes on with a span of our own.
//
// Shape: `00-<trace id: 32 hex>-<parent id: 16 hex>-<flags: 2 hex>`. Source: W3C Trace Context, section 3.2.

/// One `traceparent`.
struct TraceParent: Sendable, Equatable {
    let text: String

    /// Nil unless the text is a valid version 00 value; ids of all zeros are not.
    init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 55, bytes[2] == 0x2d, bytes[35] == 0x2d, bytes[52] == 0x2d else { return nil }
        func isHex(_ range: Range<Int>) -> Bool {
            bytes[range].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
        guard bytes[0] == 0x30, bytes[1] == 0x30, isHex(3..<35), isHex(36..<52), isHex(53..<55) else { return nil }
        guard bytes[3..<35].contains(where: { $0 != 0x30 }), bytes[36..<52].contains(where: { $0 != 0x30 })
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }

    /// The same trace, with a span id of ours.
    func child(spanID: UInt64) -> TraceParent {
        // Made for every run: written as bytes, because indices of a String cost more than the copy.
        let own = spanID == 0 ? 1 : spanID
        return TraceParent(
            unchecked: String(unsafeUninitializedCapacity: 55) { buffer in
                var position = 0
                for byte in text.utf8 {
                    buffer[position] = (36..<52).contains(position) ? Self.hexDigit(own, at: position - 36) : byte
                    position += 1
                }
                return position
            })
    }

    /// A new trace, not sampled.
    static func root(high: UInt64, low: UInt64, spanID: UInt64) -> TraceParent {
        let traceLow = low | 1
        let own = spanID == 0 ? 1 : spanID
        return TraceParent(
            unchecked: String(unsafeUninitializedCapacity: 55) { buffer in
                for position in 0..<55 {
                    buffer[position] =
                        switch position {
                        case 2, 35, 52: 0x2d
                        case 3..<19: hexDigit(high, at: position - 3)
                        case 19..<35: hexDigit(traceLow, at: position - 19)
                        case 36..<52: hexDigit(own, at: position - 36)
                        default: 0x30
                        }
                }
                return 55
            })
    }

    /// Of sixteen, the highest first.
    private static func hexDigit(_ number: UInt64, at position: Int) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * position)) & 15
        return digit < 10 ? 0x30 + digit : 0x57 + digit
    }
}
