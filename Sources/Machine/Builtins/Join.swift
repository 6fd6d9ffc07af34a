// Join.swift: the builtin `join`.

internal import Diagnostics

extension Builtin {
    static let join = Builtin(
        "join", on: .list, [Parameter("with", .string, isOptional: true)], gives: .string,
        summary: "Puts the items' texts after each other, with a text between them.",
        examples: [
            Example(.list([.string("a"), .int(1), .bool(true)]), .string(", "), gives: .string("a, 1, true")),
            Example(.list([]), gives: .string("")),
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "join")
            let separator = call[1].isNull ? call.arena.string("") : try call.string(1, "join")
            var room = Swift.max(0, list.count - 1) * separator.length
            var kind = Value.Kind.string
            for position in 0..<list.count {
                let item = try list.opened(at: position)
                if item.kind == .secret { kind = .secret }
                room += item.kind == .secret ? item.length : try call.textRoom(for: item, "join")
            }
            try call.charge(bytes: room)
            let target = try call.arena.textRoom(room)
            var writer = TextWriter(target)
            for position in 0..<list.count {
                if position > 0 { writer.append(separator) }
                writer.append(list.value(at: position))
            }
            call.arena.giveBack(unused: room - writer.count)
            return Value(kind, text: target.readable, count: writer.count)
        })
}

extension Arguments {
    /// Bytes that a scalar needs as text.
    func textRoom(for item: Value, _ name: String) throws(Fault) -> Int {
        switch item.kind {
        case .string: return item.length
        case .int, .float, .bool, .time, .duration: return OutputBuffer.scalarMax
        default:
            throw Fault(
                .wrongKind,
                "`\(name)` shows texts, numbers, bools, times and durations, got \(FiberBlock.withArticle(item.kind))")
        }
    }
}
