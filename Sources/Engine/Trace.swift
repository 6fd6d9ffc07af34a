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
        TraceParent(unchecked: "00-" + hex(high) + hex(low | 1) + "-" + hex(spanID) + "-00")
    }

    /// Of sixteen, the highest first.
    private static func hexDigit(_ number: UInt64, at position: Int) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * position)) & 15
        return digit < 10 ? 0x30 + digit : 0x57 + digit
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number == 0 ? 1 : number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
