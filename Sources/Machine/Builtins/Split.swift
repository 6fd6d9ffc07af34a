// Split.swift: the builtin `split`.

extension Builtin {
    static let split = Builtin(
        "split", on: .string, [Parameter("by", .string)], gives: .list,
        summary: "Cuts a text wherever another occurs; at every character when that is empty.",
        examples: [
            Example(
                .string("a,b,,c"), .string(","), gives: .list([.string("a"), .string("b"), .string(""), .string("c")])),
            Example(.string("né"), .string(""), gives: .list([.string("n"), .string("é")])),
            Example(.string(""), .string(","), gives: .list([.string("")])),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "split")
            let separator = try call.string(1, "split")
            try call.charge(bytes: text.length)
            var ends: [Int] = []
            var starts = [0]
            if separator.length == 0 {
                for offset in 0..<text.length where offset > 0 && text.text[offset] & 0xc0 != 0x80 {
                    ends.append(offset)
                    starts.append(offset)
                }
                if text.length == 0 { return try call.list(count: 0) { _ in .null } }
            } else {
                while let found = firstOffset(of: separator, in: text, from: starts[starts.count - 1]) {
                    ends.append(found)
                    starts.append(found + separator.length)
                }
            }
            ends.append(text.length)
            try call.charge(items: starts.count)
            return try call.list(count: starts.count) { position in
                call.slice(text, from: starts[position], count: ends[position] - starts[position])
            }
        })
}
