// Length.swift: the builtin `length`.

extension Builtin {
    static let length = Builtin(
        "length", on: [.string, .bytes, .list, .object], gives: .int,
        summary: "Counts code points, bytes, items or entries.",
        examples: [
            Example(.string("Ärger"), gives: .int(5)),
            Example(.list([.int(1), .int(2)]), gives: .int(2)),
        ],
        body: { (call) throws(Fault) in
            let value = call.receiver
            switch value.kind {
            case .string:
                try call.charge(bytes: value.length)
                return .int(codePointCount(value.text, value.length))
            case .bytes: return .int(value.length)
            case .list, .object: return .int(try call.opened(0).length)
            default: throw call.wrongKind("length", 0, wants: "a string, bytes, a list or an object")
            }
        })
}

/// Code points of valid UTF-8: the bytes that do not continue one.
func codePointCount(_ text: BytePointer, _ count: Int) -> Int {
    var continuations = 0
    for offset in 0..<count where text[offset] & 0xc0 == 0x80 { continuations += 1 }
    return count - continuations
}
