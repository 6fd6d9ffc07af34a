// Last.swift: the builtin `last`.

extension Builtin {
    static let last = Builtin(
        "last", on: .list, gives: .any, summary: "The last item; null when there is none.",
        examples: [Example(.list([.int(1), .int(2)]), gives: .int(2)), Example(.list([]), gives: .null)],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "last")
            return list.count == 0 ? .null : try list.opened(at: list.count - 1)
        })
}
