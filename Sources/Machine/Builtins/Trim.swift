// Trim.swift: the builtin `trim`.

extension Builtin {
    static let trim = Builtin(
        "trim", on: .string, gives: .string, summary: "Cuts white space off both ends.",
        examples: [Example(.string("  a b \n"), gives: .string("a b")), Example(.string("\t"), gives: .string(""))],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "trim")
            try call.charge(bytes: text.length)
            if isASCII(text.text, count: text.length) {
                var start = 0
                var end = text.length
                while start < end, isASCIISpace(text.text[start]) { start += 1 }
                while end > start, isASCIISpace(text.text[end - 1]) { end -= 1 }
                return call.slice(text, from: start, count: end - start)
            }
            let scalars = text.text.string(text.length).unicodeScalars
            guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
                let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
            else { return call.slice(text, from: 0, count: 0) }
            return try call.arena.text(.string, Array(String(scalars[first...last]).utf8))
        })
}

func isASCIISpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }
