// KindName.swift: the builtin `kind`.

extension Builtin {
    static let kind = Builtin(
        "kind", on: .any, gives: .string, summary: "The name of the value's kind.",
        examples: [
            Example(.float(1), gives: .string("float")), Example(.null, gives: .string("null")),
            Example(.list([]), gives: .string("list")),
        ],
        body: { (call) throws(Fault) in try call.arena.text(.string, Array(call.receiver.kind.name.utf8)) })
}
