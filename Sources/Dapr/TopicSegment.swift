// TopicSegment.swift: the name of a topic or a component as a segment of a delivery's path.
//
// Not percent-encoding: a sidecar may decode or encode the route that it was told before it calls it, and nobody's
// contract says which. So the code uses only letters that all of them leave alone.
// Neighbours: AppChannel.swift.

/// Letters, digits, `-`, `_` and `.` stand for themselves, every other byte is `~` and two hexadecimal digits. A dot
/// in front is escaped as well, for `.` and `..` are steps in a path.
enum TopicSegment {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encode(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            if isPlain(byte), byte != UInt8(ascii: ".") || !bytes.isEmpty {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "~"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nil for what `encode` never gives.
    static func decode(_ segment: Substring) -> String? {
        // Most names are plain, and this runs for every event.
        if segment.utf8.allSatisfy(isPlain) { return String(segment) }
        var bytes: [UInt8] = []
        var rest = segment.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "~") {
                guard let high = rest.next().flatMap(digits.firstIndex(of:)),
                    let low = rest.next().flatMap(digits.firstIndex(of:))
                else { return nil }
                bytes.append(UInt8(high << 4 | low))
            } else {
                guard isPlain(byte) else { return nil }
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
