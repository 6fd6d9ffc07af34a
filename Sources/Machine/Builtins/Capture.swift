// Capture.swift: the builtin `capture`.

extension Builtin {
    static let capture = Builtin(
        "capture", on: .string, [Parameter("pattern", .string, isPattern: true)], gives: [.object, .null],
        summary:
            "What the groups of a regular expression took, by name or number; null when it does not occur in the text.",
        examples: [
            Example(
                .string("EU-Berlin-17"), .string(#"^(?P<region>[A-Z]+)-.*-(\d+)$"#),
                gives: .object([
                    .init(key: "region", value: .string("EU")), .init(key: "2", value: .string("17")),
                ])),
            Example(
                .string("a"), .string("(a)|(b)"),
                gives: .object([.init(key: "1", value: .string("a")), .init(key: "2", value: .null)])),
            Example(.string("Berlin"), .string(#"(\d+)"#), gives: .null),
        ],
        body: { (call) throws(Fault) in
            let text = try call.string(0, "capture")
            let pattern = unsafe try call.pattern(1, "capture")
            // Groups cost more than the plain test: RE2 walks the match a second time.
            try call.charge(bytes: 4 * text.length)
            return unsafe try pattern.capture(text, in: call.arena)
        })
}
