// ToFloat.swift: the builtin `to_float`.

extension Builtin {
    static let toFloat = Builtin(
        "to_float", on: [.string, .float, .int], gives: [.float, .null],
        summary: "Reads a number as JSON writes it; null when the text is none.",
        examples: [
            Example(.string("1.5e2"), gives: .float(150)), Example(.string("1,5"), gives: .null),
            Example(.int(3), gives: .float(3)),
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            switch value.kind {
            case .float: return value
            case .int: return .float(value.number)
            default:
                let text = try call.string(0, "to_float")
                try call.charge(bytes: text.length)
                guard let json = try? call.arena.json(text.text.string(text.length)), json.isNumber else {
                    return .null
                }
                return .float(json.number)
            }
        })
}
