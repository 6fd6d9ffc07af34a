// Repeat.swift: the builtin `repeat`.

internal import Diagnostics

extension Builtin {
    static let `repeat` = Builtin(
        "repeat", on: .string, [Parameter("times", .int)], gives: .string,
        summary: "The text, so many times.",
        examples: [
            Example(.string("ab"), .int(3), gives: .string("ababab")),
            Example(.string("ab"), .int(0), gives: .string("")),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "repeat")
            let times = try call.int(1, "repeat")
            guard times >= 0 else { throw Fault(.badArgument, "`repeat` takes an int from 0, got \(times)") }
            let (count, overflow) = Int64(text.length).multipliedReportingOverflow(by: times)
            guard !overflow, count <= Int64(UInt32.max) else { throw .outOfMemory(limitBytes: call.arena.limitBytes) }
            try call.charge(bytes: Int(count))
            let target = try call.arena.textRoom(Int(count))
            for position in 0..<(text.length == 0 ? 0 : Int(times)) {
                (target + position * text.length).copy(from: text.text, count: text.length)
            }
            return Value(.string, text: target.readable, count: Int(count))
        })
}
