// JSONTree.swift: JSON as an ordinary Swift value, for code that runs seldom: admin, configuration, the sidecar.
//
// Owns its memory, can be sent anywhere. The event path uses Value instead. Neighbours: JSONText.swift (reads),
// JSONWriter.swift (quotes strings).

internal import Diagnostics

package indirect enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    /// Order is kept; of equal keys the last one wins.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var key: String
        package var value: JSON
        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// Strict: see `JSONError`.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        let owned = OwnedArena(limitBytes: max(1 << 20, bytes.count * 64))
        let tree = JSON(try owned.arena.json(bytes), in: owned.arena)
        withExtendedLifetime(owned) {}
        return tree
    }

    package static func parse(_ text: some StringProtocol) throws(JSONError) -> JSON {
        try parse(Array(text.utf8))
    }

    /// A copy of a value; what JSON does not have becomes its text, a secret `null`.
    package init(_ value: Value, in arena: Arena) {
        switch value.kind {
        case .null, .missing, .secret, .response, .range: self = .null
        case .bool: self = .bool(value.bits != 0)
        case .int: self = .int(value.int64)
        case .float: self = .double(value.double)
        case .string: self = .string(value.asString ?? "")
        case .list: self = .array((value.items(in: arena) ?? []).map { JSON($0, in: arena) })
        case .object: self = .object((value.entries(in: arena) ?? []).map { Member($0.key, JSON($0.value, in: arena)) })
        case .bytes, .time, .duration, .failure:
            let text = try? value.json()
            self = text.flatMap { try? JSON.parse($0) } ?? .null
        }
    }

    /// The field of an object; nil for a missing one and for anything else.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }
    /// The item of an array; nil out of range and for anything else.
    package subscript(index: Int) -> JSON? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var int: Int64? { if case .int(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var members: [Member]? { if case .object(let value) = self { value } else { nil } }
    /// Of an int or a double.
    package var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    package var isNull: Bool { self == .null }

    /// Compact text, keys in their order.
    package func serialized() -> [UInt8] {
        var buffer = OutputBuffer()
        write(to: &buffer)
        return buffer.array
    }

    package func write(to buffer: inout OutputBuffer) {
        switch self {
        case .null: buffer.append("null" as StaticString)
        case .bool(let value): buffer.append(value ? "true" : "false")
        case .int(let value): buffer.append(int: value)
        case .double(let value):
            // There is no infinity in JSON.
            if value.isFinite { buffer.append(float: value) } else { buffer.append("null" as StaticString) }
        case .string(let value): buffer.append(quoted: value)
        case .array(let items):
            buffer.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { buffer.append(UInt8(ascii: ",")) }
                item.write(to: &buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .object(let members):
            buffer.append(UInt8(ascii: "{"))
            for (position, member) in members.enumerated() {
                if position > 0 { buffer.append(UInt8(ascii: ",")) }
                buffer.append(quoted: member.key)
                buffer.append(UInt8(ascii: ":"))
                member.value.write(to: &buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

extension Arena {
    /// A tree as a value of this arena.
    package func value(of tree: JSON) -> Value {
        switch tree {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .double(let value): value.isFinite ? .float(value) : .null
        case .string(let value): string(value)
        case .array(let items): list(items.map { value(of: $0) })
        case .object(let members): object(members.map { ($0.key, value(of: $0.value)) })
        }
    }
}
