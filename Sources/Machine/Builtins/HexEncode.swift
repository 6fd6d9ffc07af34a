// HexEncode.swift: the builtin `hex_encode`.

extension Builtin {
    static let hexEncode = Builtin(
        "hex_encode", on: [.string, .bytes], gives: .string,
        summary: "Two lower-case hexadecimal digits a byte.",
        examples: [Example(.bytes([0, 255, 16]), gives: .string("00ff10"))],
        body: { (call) throws(Fault) in
            let value = call.receiver
            guard value.isString || value.kind == .bytes else {
                throw call.wrongKind("hex_encode", 0, wants: "a string or bytes")
            }
            try call.charge(bytes: value.length)
            let target = try call.arena.textRoom(value.length * 2)
            for offset in 0..<value.length {
                target[offset * 2] = lowercaseHexDigit(value.text[offset] >> 4)
                target[offset * 2 + 1] = lowercaseHexDigit(value.text[offset] & 15)
            }
            return Value(.string, text: target.readable, count: value.length * 2)
        })
}
