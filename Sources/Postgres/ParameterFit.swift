// ParameterFit.swift: may a value of this kind ever go into a parameter of that type?
//
// False only where every such value is refused, by ParameterEncoder or by the server's own reading of the text that it
// sends; whatever may work for some value is true. A test asks the server about each pair.
// Neighbours: ParameterEncoder (what is sent), ColumnType.

package import Machine

extension ColumnType {
    package func takes(_ kind: Value.Kind) -> Bool {
        if isUserDefined || family == .json { return true }
        if element != nil { return kind == .list || kind == .string || kind == .null || kind == .missing }
        switch kind {
        case .bool: return family == .bool || family == .bytes || isFreeText
        case .int: return self != .uuid
        case .float: return family != .bool && self != .uuid
        case .bytes: return family == .bytes
        case .time: return family == .time || family == .bytes || isFreeText || isCalendar
        case .duration: return family == .duration || family == .bytes || isFreeText
        case .list, .object: return false
        default: return true
        }
    }

    /// The same of one value, which may be refused though others of its kind are not.
    package func takes(_ constant: Constant) -> Bool {
        if !takes(constant.kind) { return false }
        if isUserDefined || family == .json { return true }
        switch constant {
        case .int(let number): return family != .bool || number == 0 || number == 1
        case .float(let number): return family != .int || Int64(exactly: number) != nil
        case .string(let text): return takes(text: text)
        default: return true
        }
    }

    /// Looked at only as far as is certain: the server has more ways to write a value than are worth repeating here.
    private func takes(text: String) -> Bool {
        let lowered = text.lowercased()
        let first = lowered.unicodeScalars.first { !$0.properties.isWhitespace }
        if element != nil { return first == "{" || first == "[" }
        switch family {
        case .int: return lowered.utf8.contains(where: \.isDecimalDigit)
        case .float, .numeric:
            return lowered.utf8.contains(where: \.isDecimalDigit) || lowered.contains("nan") || lowered.contains("inf")
        case .bool: return first.map { "tfyno01".unicodeScalars.contains($0) } ?? false
        case .text where self == .uuid: return lowered.utf8.count { $0.isHexadecimalDigit } == 32
        default: return true
        }
    }

    static let uuid = ColumnType(2950)

    /// Takes any text as it is: text, varchar, character, name, "char", unknown.
    private var isFreeText: Bool { [18, 19, 25, 705, 1042, 1043].contains(rawValue) }
    /// date, time, timestamp and time with time zone.
    private var isCalendar: Bool { [1082, 1083, 1114, 1266].contains(rawValue) }
}

extension Constant {
    /// The kind of the value that it becomes.
    var kind: Value.Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .string: .string
        case .bytes: .bytes
        case .time: .time
        case .duration: .duration
        case .list: .list
        case .object: .object
        }
    }
}

extension UInt8 {
    var isDecimalDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isHexadecimalDigit: Bool {
        isDecimalDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
