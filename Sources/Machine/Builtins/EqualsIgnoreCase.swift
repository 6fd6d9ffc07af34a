// EqualsIgnoreCase.swift: the builtin `equals_ignore_case`.

extension Builtin {
    static let equalsIgnoreCase = Builtin(
        "equals_ignore_case", on: .string, [Parameter("text", .string)], gives: .bool,
        summary: "Are two texts the same but for upper and lower case?",
        examples: [
            Example(.string("ÄRGER"), .string("ärger"), gives: .bool(true)),
            Example(.string("a"), .string("b"), gives: .bool(false)),
        ],
        body: { (call) throws(Fault) in
            let left = try call.string(0, "equals_ignore_case")
            let right = try call.string(1, "equals_ignore_case")
            try call.charge(bytes: left.length + right.length)
            if isASCII(left.text, count: left.length), isASCII(right.text, count: right.length) {
                guard left.length == right.length else { return .bool(false) }
                for offset in 0..<left.length where lowercased(left.text[offset]) != lowercased(right.text[offset]) {
                    return .bool(false)
                }
                return .bool(true)
            }
            return .bool(left.text.string(left.length).lowercased() == right.text.string(right.length).lowercased())
        })
}

/// Of an ASCII letter; other bytes as they are.
func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
