// EndsWith.swift: the builtin `ends_with`.

extension Builtin {
    static let endsWith = Builtin(
        "ends_with", on: .string, [Parameter("text", .string)], gives: .bool,
        summary: "Does the text end with another?",
        examples: [Example(.string("order.paid"), .string(".paid"), gives: .bool(true))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "ends_with")
            let part = try call.string(1, "ends_with")
            try call.charge(bytes: part.length)
            let offset = text.length - part.length
            return .bool(offset >= 0 && bytesEqual(text.text + offset, part.text, part.length))
        })
}
