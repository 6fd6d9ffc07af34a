// TruncateTime.swift: the builtin `truncate`.

internal import Diagnostics

extension Builtin {
    static let truncate = Builtin(
        "truncate", on: [.time, .duration], [Parameter("to", .duration)], gives: [.time, .duration],
        summary: "The last whole multiple of a duration, for a time counted from 1970 in UTC.",
        examples: [Example(.time(7_300_000_000_000), .duration(3_600_000_000_000), gives: .time(7_200_000_000_000))],
        body: { (call) throws(Fault) in
            guard call.receiver.kind == .time || call.receiver.kind == .duration else {
                throw call.wrongKind("truncate", 0, wants: "a time or a duration")
            }
            guard call[1].kind == .duration else { throw call.wrongKind("truncate", 1, wants: "a duration") }
            guard call[1].int64 > 0 else { throw Fault(.badArgument, "`truncate` takes a duration above 0s") }
            let rest = floorDivide(Int(call.receiver.int64), Int(call[1].int64)).remainder
            let (result, overflow) = call.receiver.int64.subtractingReportingOverflow(Int64(rest))
            guard !overflow else { throw Fault(.overflow, "a time beyond what 64 bits hold") }
            return Value(call.receiver.kind, bits: UInt64(bitPattern: result))
        })
}
