// JSONText.swift: JSON written piece by piece, so that text that came in goes out as it came.
//
// Reading is Machine's; this adds what the sidecar's APIs need around it.

internal import Machine

/// A document that was read, and the arena that its values live in. As deep as any app may ask for: how deep an event may
/// be is the app's affair.
struct JSONDocument: ~Copyable {
    private let owned: OwnedArena
    private let value: Value

    init(_ bytes: [UInt8]) throws(JSONError) {
        let owned = OwnedArena(jsonDepthMax: FiberLimits.jsonDepthCeiling)
        value = try owned.arena.json(bytes)
        self.owned = owned
    }

    /// Calls `read` with the whole document, which is good only in there.
    borrowing func read<Result, Failure: Error>(
        _ read: (JSONPart) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try read(JSONPart(value: value, arena: owned.arena))
    }
}

/// A value of a document, with what is needed to look into it.
struct JSONPart {
    let value: Value
    let arena: Arena

    var isObject: Bool { value.kind == .object }
    var isList: Bool { value.kind == .list }
    /// Of a text; nil for anything else.
    var string: String? { value.asString }
    var bool: Bool? { value.asBool }
    var int: Int? { value.asInt.map { Int($0) } }

    /// A field that is there and not null.
    subscript(name: String) -> JSONPart? {
        let field = value.field(name, in: arena)
        return field.isNull ? nil : JSONPart(value: field, arena: arena)
    }

    /// Of a list; empty for anything else.
    var items: [JSONPart] { (value.items(in: arena) ?? []).map { JSONPart(value: $0, arena: arena) } }

    /// Of an object, in order; empty for anything else.
    var entries: [(name: String, part: JSONPart)] {
        (value.entries(in: arena) ?? []).map { ($0.key, JSONPart(value: $0.value, arena: arena)) }
    }

    /// Its JSON; a list or an object that was not looked into exactly as it was read.
    var text: [UInt8] {
        var buffer = OutputBuffer()
        // A value that came from JSON is writable as JSON; the arena's own limit bounded its size.
        try? buffer.append(json: value)
        return buffer.array
    }
}

enum JSONText {
    /// Reads a request's body.
    static func read<Result>(
        _ body: [UInt8], _ read: (JSONPart) throws(APIError) -> Result
    ) throws(APIError) -> Result {
        let document: JSONDocument
        do {
            document = try JSONDocument(body)
        } catch {
            throw .malformed("\(error)")
        }
        return try document.read(read)
    }

    static func isValid(_ bytes: [UInt8]) -> Bool { (try? JSONDocument(bytes)) != nil }

    /// `[a,b]` of items that are JSON already.
    static func list(_ items: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + items.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }

    static func quoted(_ text: some StringProtocol) -> [UInt8] {
        var bytes: [UInt8] = []
        append(quoted: text, to: &bytes)
        return bytes
    }

    /// An object of texts, sorted by name.
    static func dictionary(_ entries: [String: String]) -> [UInt8] {
        object { object in
            for (name, value) in entries.sorted(by: { $0.key < $1.key }) { object.add(name, text: value) }
        }
    }

    static func object(_ build: (inout ObjectText) -> Void) -> [UInt8] {
        var object = ObjectText()
        build(&object)
        return object.finish()
    }

    /// Appends a text in quotes, escaped.
    static func append(quoted text: some StringProtocol, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0..<0x20: bytes += Array("\\u00".utf8) + [digit(byte >> 4), digit(byte & 15)]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// A JSON object under construction.
struct ObjectText {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func add(_ name: String, text: String) {
        begin(name)
        JSONText.append(quoted: text, to: &bytes)
    }

    /// `raw` is JSON already.
    mutating func add(_ name: String, raw: [UInt8]) {
        begin(name)
        bytes += raw
    }

    mutating func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONText.append(quoted: name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}
