// Upper.swift: the builtin `upper`.

extension Builtin {
    static let upper = Builtin(
        "upper", on: .string, gives: .string, summary: "Maps letters to upper case.",
        examples: [Example(.string("ärger 1a"), gives: .string("ÄRGER 1A"))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "upper")
            try call.charge(bytes: text.length)
            return try call.arena.text(.string, Array(text.text.string(text.length).uppercased().utf8))
        })
}
