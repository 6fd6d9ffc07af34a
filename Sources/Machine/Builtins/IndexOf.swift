// IndexOf.swift: the builtin `index_of`.

extension Builtin {
    static let indexOf = Builtin(
        "index_of", on: [.string, .list], [Parameter("what", .any)], gives: [.int, .null],
        summary: "Where a text first occurs in another, in characters, or an equal item in a list; else null.",
        examples: [
            Example(.string("né-né"), .string("-"), gives: .int(2)),
            Example(.list([.string("a"), .string("b")]), .string("b"), gives: .int(1)),
            Example(.string("abc"), .string("x"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            if call.receiver.isString {
                let text = call.receiver
                let part = try call.string(1, "index_of")
                try call.charge(bytes: text.length)
                guard let offset = firstOffset(of: part, in: text, from: 0) else { return .null }
                return .int(codePointCount(text.text, offset))
            }
            guard call.receiver.isList else { throw call.wrongKind("index_of", 0, wants: "a string or a list") }
            let list = try call.list(0, "index_of")
            try call.charge(items: list.count)
            for position in 0..<list.count where try call.block.isEqual(list.opened(at: position), call[1]) {
                return .int(position)
            }
            return .null
        })
}
