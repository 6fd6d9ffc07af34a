// HexDecode.swift: the builtin `hex_decode`.

extension Builtin {
    static let hexDecode = Builtin(
        "hex_decode", on: .string, gives: [.bytes, .null],
        summary: "The bytes of hexadecimal digits; null when the text is something else.",
        examples: [Example(.string("00fF"), gives: .bytes([0, 255])), Example(.string("0"), gives: .null)],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "hex_decode")
            try call.charge(bytes: text.length)
            guard text.length % 2 == 0 else { return .null }
            let target = try call.arena.textRoom(text.length / 2)
            for offset in 0..<(text.length / 2) {
                guard let high = hexDigit(text.text[offset * 2]), let low = hexDigit(text.text[offset * 2 + 1]) else {
                    return .null
                }
                target[offset] = high << 4 | low
            }
            return Value(.bytes, text: target.readable, count: text.length / 2)
        })
}
