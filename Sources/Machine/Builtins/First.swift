// First.swift: the builtin `first`.

extension Builtin {
    static let first = Builtin(
        "first", on: .list, gives: .any, summary: "The first item; null when there is none.",
        examples: [Example(.list([.int(1), .int(2)]), gives: .int(1)), Example(.list([]), gives: .null)],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "first")
            return list.count == 0 ? .null : try list.opened(at: 0)
        })
}
