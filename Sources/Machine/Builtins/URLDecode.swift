// URLDecode.swift: the builtin `url_decode`.

extension Builtin {
    static let urlDecode = Builtin(
        "url_decode", on: .string, gives: [.string, .null],
        summary: "Undoes percent-encoding; null when a `%` has no two digits or the text is not UTF-8.",
        examples: [
            Example(.string("a%20b%2f%C3%A9"), gives: .string("a b/é")), Example(.string("50%"), gives: .null),
            Example(.string("%ff"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "url_decode")
            try call.charge(bytes: text.length)
            let target = try call.arena.textRoom(text.length)
            var count = 0
            var offset = 0
            while offset < text.length {
                var byte = text.text[offset]
                offset += 1
                if byte == UInt8(ascii: "%") {
                    guard offset + 1 < text.length, let high = hexDigit(text.text[offset]),
                        let low = hexDigit(text.text[offset + 1])
                    else { return .null }
                    byte = high << 4 | low
                    offset += 2
                }
                target[count] = byte
                count += 1
            }
            guard isUTF8(target.readable, count: count) else { return .null }
            return Value(.string, text: target.readable, count: count)
        })
}
