// PadRight.swift: the builtin `pad_right`.

extension Builtin {
    static let padRight = Builtin(
        "pad_right", on: .string, [Parameter("width", .int), Parameter("with", .string, isOptional: true)],
        gives: .string, summary: "Fills up at the end to a number of characters, with spaces or the given character.",
        examples: [Example(.string("ab"), .int(4), .string("."), gives: .string("ab.."))],
        body: { (call) throws(Fault) in
            let (text, fill) = try call.padding("pad_right")
            return try call.arena.text(.string, text + fill)
        })
}
