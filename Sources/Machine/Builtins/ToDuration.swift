// ToDuration.swift: the builtin `to_duration`.

extension Builtin {
    static let toDuration = Builtin(
        "to_duration", on: .string, gives: [.duration, .null],
        summary: "Reads a duration as it is written in Bay or in JSON; null when the text is none.",
        examples: [
            Example(.string("1h30m"), gives: .duration(5_400_000_000_000)),
            Example(.string("0.25s"), gives: .duration(250_000_000)), Example(.string("soon"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "to_duration")
            guard text.length <= 64 else { return .null }
            let bytes = unsafe Array(text.text.buffer(text.length))
            return durationNanoseconds(from: bytes).map { .duration(nanoseconds: $0) } ?? .null
        })
}
