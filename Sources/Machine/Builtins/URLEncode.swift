// URLEncode.swift: the builtin `url_encode`.

extension Builtin {
    static let urlEncode = Builtin(
        "url_encode", on: .string, gives: .string,
        summary: "Percent-encodes all but letters, digits and `-._~`.",
        examples: [Example(.string("a b/é"), gives: .string("a%20b%2F%C3%A9"))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "url_encode")
            try call.charge(bytes: text.length)
            var result: [UInt8] = []
            for offset in 0..<text.length {
                let byte = text.text[offset]
                if isUnreserved(byte) {
                    result.append(byte)
                } else {
                    result += [UInt8(ascii: "%"), uppercaseHexDigit(byte >> 4), uppercaseHexDigit(byte & 15)]
                }
            }
            return try call.arena.text(.string, result)
        })
}

/// RFC 3986, section 2.3.
package func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

package func uppercaseHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}
