// PercentEncoding.swift: text ⇄ the bytes that may stand in a request's target.
//
// Encoding is strict: all but the unreserved bytes are escaped, so a value is always one segment. Decoding is
// lenient, as servers are: a `%` without two digits stays. Source: RFC 3986, sections 2.1 and 2.3.

package enum PercentEncoding {
    /// Letters, digits and `-._~`.
    @inline(__always) private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Appends `bytes` as one segment, or one query name or value: `a/b c` → `a%2Fb%20c`.
    package static func append(_ bytes: some Sequence<UInt8>, to target: inout [UInt8]) {
        for byte in bytes {
            if isUnreserved(byte) {
                target.append(byte)
            } else {
                target.append(UInt8(ascii: "%"))
                target.append(digit(byte >> 4))
                target.append(digit(byte & 15))
            }
        }
    }

    /// `text` as one segment. A segment `.` or `..` would be a step in the path, so its dots are escaped too.
    package static func segment(_ text: some StringProtocol) -> String {
        if text == "." { return "%2E" }
        if text == ".." { return "%2E%2E" }
        var bytes: [UInt8] = []
        append(text.utf8, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text behind a segment. Bytes that are no UTF-8 become U+FFFD.
    package static func decode(_ text: some StringProtocol) -> String { decode(text, plusIsSpace: false) }

    /// Names and values of a query, in their order: `a=1&b&a=%20+` → `a: 1`, `b: ""`, `a: "  "`.
    package static func query(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0], plusIsSpace: true), parts.count == 2 ? decode(parts[1], plusIsSpace: true) : "")
        }
    }

    private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first, let high = value(ofDigit: high),
                let low = rest.dropFirst().first, let low = value(ofDigit: low)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
