// ByteText.swift: texts that are equal when their bytes are.
//
// Swift takes "é" and "e" with an accent behind it for one text; Bay does not. Where texts of a program are told apart
// or shared, this is what compares them. Neighbours: Assembler.swift, Routing.

package struct ByteText: Sendable, Hashable, ExpressibleByStringLiteral {
    package let string: String
    package init(_ string: String) { self.string = string }
    package init(stringLiteral string: String) { self.string = string }

    package static func == (left: Self, right: Self) -> Bool {
        var (one, two) = (left.string, right.string)
        return one.withUTF8 { mine in
            two.withUTF8 { theirs in unsafe mine.count == theirs.count && mine.elementsEqual(theirs) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { bytes in unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
    }
}

extension Constant: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let two)): one == two
        case (.int(let one), .int(let two)), (.time(let one), .time(let two)), (.duration(let one), .duration(let two)):
            one == two
        case (.float(let one), .float(let two)): one == two && one.sign == two.sign
        case (.string(let one), .string(let two)): ByteText(one) == ByteText(two)
        case (.bytes(let one), .bytes(let two)): one == two
        case (.list(let one), .list(let two)): one == two
        case (.object(let one), .object(let two)): one == two
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value), .time(let value), .duration(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value)
        case .string(let text): hasher.combine(ByteText(text))
        case .bytes(let bytes): hasher.combine(bytes)
        case .list(let items): hasher.combine(items)
        case .object(let entries): hasher.combine(entries)
        }
    }
}

extension Constant.Entry: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        ByteText(left.key) == ByteText(right.key) && left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ByteText(key))
        hasher.combine(value)
    }
}

extension PathStep: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.key(let one), .key(let two)): ByteText(one) == ByteText(two)
        case (.index(let one), .index(let two)): one == two
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .key(let key): hasher.combine(ByteText(key))
        case .index(let index): hasher.combine(index)
        }
    }
}
