// OperandText.swift: operands as JSON text, until the machine writes JSON itself.

internal import Machine

enum OperandText {
    static func append(_ value: Value, in arena: Arena, to bytes: inout [UInt8]) {
        switch value.kind {
        case .bool: bytes.append(contentsOf: (value.asBool == true ? "true" : "false").utf8)
        case .int: bytes.append(contentsOf: "\(value.asInt ?? 0)".utf8)
        case .float: bytes.append(contentsOf: "\(value.asDouble ?? 0)".utf8)
        case .string, .bytes: value.withUTF8 { quote($0, to: &bytes) }
        case .time:
            let (seconds, rest) = (value.asTimeNanoseconds ?? 0).quotientAndRemainder(dividingBy: 1_000_000_000)
            bytes.append(contentsOf: "\"epoch \(seconds) \(rest)\"".utf8)
        case .duration:
            bytes.append(contentsOf: "\"\((Double(value.asDurationNanoseconds ?? 0)) / 1e9)s\"".utf8)
        case .list:
            bytes.append(UInt8(ascii: "["))
            for (index, item) in (value.items(in: arena) ?? []).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(item, in: arena, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object:
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in (value.entries(in: arena) ?? []).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                var key = entry.key
                key.withUTF8 { unsafe quote($0.span, to: &bytes) }
                bytes.append(UInt8(ascii: ":"))
                append(entry.value, in: arena, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        default: bytes.append(contentsOf: "null".utf8)
        }
    }

    private static func quote(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), text[index]])
            case 0..<0x20:
                let hex = String(text[index], radix: 16)
                bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
            default: bytes.append(text[index])
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
