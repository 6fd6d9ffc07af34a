// AddTime.swift: the builtin `add`.

extension Builtin {
    static let add = Builtin(
        "add", on: [.time, .duration], [Parameter("duration", .duration)], gives: [.time, .duration],
        summary: "A time or duration, later or longer by a duration.",
        examples: [
            Example(
                .time(1_795_264_260_000_000_000), .duration(90_000_000_000),
                gives: .time(1_795_264_350_000_000_000)),
            Example(.duration(3_600_000_000_000), .duration(60_000_000_000), gives: .duration(3_660_000_000_000)),
        ],
        body: { (call) throws(Fault) in
            guard call.receiver.kind == .time || call.receiver.kind == .duration else {
                throw call.wrongKind("add", 0, wants: "a time or a duration")
            }
            guard call[1].kind == .duration else { throw call.wrongKind("add", 1, wants: "a duration") }
            return try call.block.arithmetic(.add, call.receiver, call[1])
        })
}
