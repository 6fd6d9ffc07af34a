// PadLeft.swift: the builtin `pad_left`.

internal import Diagnostics

extension Builtin {
    static let padLeft = Builtin(
        "pad_left", on: .string, [Parameter("width", .int), Parameter("with", .string, isOptional: true)],
        gives: .string, summary: "Fills up in front to a number of characters, with spaces or the given character.",
        examples: [
            Example(.string("7"), .int(3), .string("0"), gives: .string("007")),
            Example(.string("abc"), .int(2), gives: .string("abc")),
        ],
        body: { (call) throws(Fault) in
            let (text, fill) = try call.padding("pad_left")
            return try call.arena.text(.string, fill + text)
        })
}

extension Arguments {
    /// The text of the receiver, and what is missing to the width.
    func padding(_ name: String) throws(Fault) -> (text: [UInt8], fill: [UInt8]) {
        let text = try string(0, name)
        let width = try int(1, name)
        let pad = self[2].isNull ? [UInt8(ascii: " ")] : unsafe Array(try string(2, name).text.buffer(self[2].length))
        guard self[2].isNull || codePointCount(self[2].text, self[2].length) == 1 else {
            throw Fault(.badArgument, "`\(name)` fills with one character")
        }
        let missing = max(0, width - Int64(codePointCount(text.text, text.length)))
        guard missing < Int64(arena.limitBytes) else { throw .outOfMemory(limitBytes: arena.limitBytes) }
        try charge(bytes: text.length + Int(missing) * pad.count)
        var fill: [UInt8] = []
        for _ in 0..<missing { fill += pad }
        return unsafe (Array(text.text.buffer(text.length)), fill)
    }
}
