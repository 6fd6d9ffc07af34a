// Replace.swift: the builtin `replace`.

internal import Diagnostics

extension Builtin {
    static let replace = Builtin(
        "replace", on: .string, [Parameter("old", .string), Parameter("new", .string)], gives: .string,
        summary: "Puts another text in every place where one occurs.",
        examples: [Example(.string("a-b-c"), .string("-"), .string("::"), gives: .string("a::b::c"))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "replace")
            let old = try call.string(1, "replace")
            let new = try call.string(2, "replace")
            guard old.length > 0 else { throw Fault(.badArgument, "`replace` needs a text to look for, got \"\"") }
            try call.charge(bytes: text.length)
            var found: [Int] = []
            var from = 0
            while let offset = firstOffset(of: old, in: text, from: from) {
                found.append(offset)
                from = offset + old.length
            }
            if found.isEmpty { return text }
            let count = text.length + found.count * (new.length - old.length)
            try call.charge(bytes: count)
            let target = try call.arena.textRoom(count)
            var read = 0
            var written = 0
            for offset in found {
                (target + written).copy(from: text.text + read, count: offset - read)
                written += offset - read
                (target + written).copy(from: new.text, count: new.length)
                written += new.length
                read = offset + old.length
            }
            (target + written).copy(from: text.text + read, count: text.length - read)
            return Value(.string, text: target.readable, count: count)
        })
}
