// Get.swift: the builtin `get`.

extension Builtin {
    static let get = Builtin(
        "get", on: [.list, .object], [Parameter("at", [.int, .string])], gives: .any,
        summary: "The item at an index or the value of a key; null when there is none.",
        examples: [
            Example(.list([.int(7)]), .int(0), gives: .int(7)), Example(.list([.int(7)]), .int(3), gives: .null),
            Example(.object([.init(key: "a", value: .int(1))]), .string("a"), gives: .int(1)),
        ],
        body: { (call) throws(Fault) in
            if call.receiver.isObject {
                let object = try call.object(0, "get")
                let position = object.position(ofKey: try call.string(1, "get"))
                return position < 0 ? .null : try object.opened(at: position)
            }
            guard call.receiver.isList else { throw call.wrongKind("get", 0, wants: "a list or an object") }
            let list = try call.list(0, "get")
            let index = try call.int(1, "get")
            return 0..<Int64(list.count) ~= index ? try list.opened(at: Int(index)) : .null
        })
}
