// SubtractTime.swift: the builtin `subtract`.

extension Builtin {
    static let subtract = Builtin(
        "subtract", on: [.time, .duration], [Parameter("what", [.time, .duration])], gives: [.time, .duration],
        summary: "A time or duration less a duration; a time less a time is the duration between them.",
        examples: [
            Example(
                .time(1_795_264_260_000_000_000), .time(1_795_260_660_000_000_000),
                gives: .duration(3_600_000_000_000)),
            Example(
                .time(1_795_264_260_000_000_000), .duration(3_600_000_000_000),
                gives: .time(1_795_260_660_000_000_000)),
        ],
        body: { (call) throws(Fault) in
            guard call.receiver.kind == .time || call.receiver.kind == .duration else {
                throw call.wrongKind("subtract", 0, wants: "a time or a duration")
            }
            guard call[1].kind == .duration || (call[1].kind == .time && call.receiver.kind == .time) else {
                throw call.wrongKind("subtract", 1, wants: "a duration, or a time less a time")
            }
            return try call.block.arithmetic(.subtract, call.receiver, call[1])
        })
}
