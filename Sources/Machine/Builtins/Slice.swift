// Slice.swift: the builtin `slice`.

extension Builtin {
    static let slice = Builtin(
        "slice", on: [.string, .list], [Parameter("from", .int), Parameter("to", .int, isOptional: true)],
        gives: [.string, .list],
        summary:
            "The characters or items from one index up to another, not included; negative ones count from the end.",
        examples: [
            Example(.string("überall"), .int(0), .int(4), gives: .string("über")),
            Example(.string("überall"), .int(-3), gives: .string("all")),
            Example(.list([.int(1), .int(2), .int(3)]), .int(1), gives: .list([.int(2), .int(3)])),
            Example(.list([.int(1)]), .int(5), .int(9), gives: .list([])),
        ],
        body: { (call) throws(Fault) in
            guard call.receiver.isString || call.receiver.isList else {
                throw call.wrongKind("slice", 0, wants: "a string or a list")
            }
            let text = call.receiver
            let count = text.isString ? codePointCount(text.text, text.length) : try call.list(0, "slice").count
            func bound(_ value: Int64) -> Int {
                let limit = Int64(count)
                return Int(value < 0 ? Swift.max(0, limit &+ Swift.max(value, -limit)) : Swift.min(value, limit))
            }
            let start = bound(try call.int(1, "slice"))
            let end = Swift.max(start, call[2].isNull ? count : bound(try call.int(2, "slice")))
            if text.isString {
                try call.charge(bytes: text.length)
                let first = byteOffset(ofCodePoint: start, in: text.text, text.length)
                let last = byteOffset(ofCodePoint: end, in: text.text, text.length)
                return call.slice(text, from: first, count: last - first)
            }
            let list = try call.list(0, "slice")
            try call.charge(items: end - start)
            return try call.list(count: end - start) { (position) throws(Fault) in try list.opened(at: start + position)
            }
        })
}

/// Where a code point begins in valid UTF-8; the end for those beyond.
func byteOffset(ofCodePoint number: Int, in text: BytePointer, _ count: Int) -> Int {
    var seen = 0
    for offset in 0..<count where text[offset] & 0xc0 != 0x80 {
        if seen == number { return offset }
        seen += 1
    }
    return count
}
