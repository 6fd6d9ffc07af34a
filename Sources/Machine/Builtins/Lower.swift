// Lower.swift: the builtin `lower`.

extension Builtin {
    static let lower = Builtin(
        "lower", on: .string, gives: .string, summary: "Maps letters to lower case.",
        examples: [Example(.string("ÄRGER 1a"), gives: .string("ärger 1a"))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "lower")
            try call.charge(bytes: text.length)
            return try call.arena.text(.string, Array(text.text.string(text.length).lowercased().utf8))
        })
}
