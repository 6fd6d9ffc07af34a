// FromJSON.swift: the builtin `from_json`.

extension Builtin {
    static let fromJSON = Builtin(
        "from_json", on: [.string, .bytes], gives: .any,
        summary: "The value of a JSON text; null when it is none.",
        examples: [
            Example(.string(#"{"a":[1]}"#), gives: .object([.init(key: "a", value: .list([.int(1)]))])),
            Example(.string("{"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            let text = call.receiver
            guard text.isString || text.kind == .bytes else {
                throw call.wrongKind("from_json", 0, wants: "a string or bytes")
            }
            try call.charge(bytes: text.length)
            let bytes = unsafe UnsafeRawBufferPointer(text.text.buffer(text.length))
            let limit = call.arena.limitBytes
            do throws(JSONError) {
                return unsafe try call.arena.json(bytes, copy: true)
            } catch {
                if error.reason == .outOfMemory { throw Fault.outOfMemory(limitBytes: limit) }
                return .null
            }
        })
}
