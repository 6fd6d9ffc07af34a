// StartsWith.swift: the builtin `starts_with`.

extension Builtin {
    static let startsWith = Builtin(
        "starts_with", on: .string, [Parameter("text", .string)], gives: .bool,
        summary: "Does the text begin with another?",
        examples: [Example(.string("/eu/berlin"), .string("/eu"), gives: .bool(true))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "starts_with")
            let part = try call.string(1, "starts_with")
            try call.charge(bytes: part.length)
            return .bool(text.length >= part.length && bytesEqual(text.text, part.text, part.length))
        })
}
