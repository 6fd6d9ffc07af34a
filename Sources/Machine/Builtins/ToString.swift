// ToString.swift: the builtin `to_string`.

extension Builtin {
    static let toString = Builtin(
        "to_string", on: [.int, .float, .bool, .string, .time, .duration, .bytes], gives: [.string, .null],
        summary: "The text of a scalar, as `${…}` shows it; of bytes the UTF-8 text, null when they are none.",
        examples: [
            Example(.float(3), gives: .string("3.0")), Example(.bytes([0x68, 0x69]), gives: .string("hi")),
            Example(.bytes([0xff]), gives: .null), Example(.duration(250_000_000), gives: .string("0.25s")),
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            if value.kind == .bytes {
                try call.charge(bytes: value.length)
                guard isUTF8(value.text, count: value.length) else { return .null }
                return Value(.string, text: value.text, count: value.length)
            }
            let room = try call.textRoom(for: value, "to_string")
            if value.isString { return value }
            var writer = TextWriter(try call.arena.textRoom(room))
            writer.append(value)
            return Value(.string, text: writer.text, count: writer.count)
        })
}
