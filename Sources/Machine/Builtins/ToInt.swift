// ToInt.swift: the builtin `to_int`.

extension Builtin {
    static let toInt = Builtin(
        "to_int", on: [.string, .float, .int], gives: [.int, .null],
        summary: "Reads an int; null when the text is none. A float loses its fraction, null when it does not fit.",
        examples: [
            Example(.string("-42"), gives: .int(-42)), Example(.string("4 2"), gives: .null),
            Example(.float(2.9), gives: .int(2)),
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            switch value.kind {
            case .int: return value
            case .float: return Int64(exactly: value.double.rounded(.towardZero)).map { .int($0) } ?? .null
            default:
                let text = try call.string(0, "to_int")
                try call.charge(bytes: text.length)
                let hasSign = text.length > 0 && text.text.byte == UInt8(ascii: "-")
                guard text.length > (hasSign ? 1 : 0) else { return .null }
                return intFromText(text.text, count: text.length).map { .int($0) } ?? .null
            }
        })
}
