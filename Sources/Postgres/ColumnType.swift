// ColumnType.swift: the types of PostgreSQL that Bay tells apart, by their object ids.
//
// Everything that is not listed travels as text. Neighbours: ParameterEncoder, RowDecoder.

/// A type's object id. Built-in types have fixed ids below 16384, the source is `pg_type.dat` of PostgreSQL 15.
package struct ColumnType: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }

    static let bool = ColumnType(16)
    static let bytea = ColumnType(17)
    static let int8 = ColumnType(20)
    static let int2 = ColumnType(21)
    static let int4 = ColumnType(23)
    static let json = ColumnType(114)
    static let float4 = ColumnType(700)
    static let float8 = ColumnType(701)
    static let timestamptz = ColumnType(1184)
    static let interval = ColumnType(1186)
    static let numeric = ColumnType(1700)
    static let jsonb = ColumnType(3802)

    /// Ids of types that a user's database defined: enums, domains, composites and their arrays.
    var isUserDefined: Bool { rawValue >= 16_384 }

    /// How a value of this type is read and written.
    var family: Family { Self.families[self] ?? .text }

    /// The type of the items, when this is an array type that is listed here.
    package var element: ColumnType? { Self.elements[self] }

    /// numeric, or an array of it: more digits than a float has.
    package var isNumeric: Bool { self == .numeric || element == .numeric }

    /// As people write it; nil for types that are not listed.
    package var name: String? {
        if let element = Self.elements[self] { return element.name.map { $0 + "[]" } }
        return Self.names[self]
    }

    enum Family: Sendable {
        case bool, int, float, numeric, bytes, json, time, duration, text
    }
}

extension ColumnType {
    private struct Row {
        let type: UInt32
        let array: UInt32
        let name: String
        let family: Family
        init(_ type: UInt32, _ array: UInt32, _ name: String, _ family: Family = .text) {
            self.type = type
            self.array = array
            self.name = name
            self.family = family
        }
    }

    private static let table: [Row] = [
        Row(16, 1000, "boolean", .bool), Row(17, 1001, "bytea", .bytes), Row(18, 1002, "\"char\""),
        Row(19, 1003, "name"), Row(20, 1016, "bigint", .int), Row(21, 1005, "smallint", .int),
        Row(23, 1007, "integer", .int), Row(25, 1009, "text"), Row(26, 1028, "oid"),
        Row(114, 199, "json", .json), Row(142, 143, "xml"), Row(650, 651, "cidr"),
        Row(700, 1021, "real", .float), Row(701, 1022, "double precision", .float), Row(790, 791, "money"),
        Row(829, 1040, "macaddr"), Row(869, 1041, "inet"), Row(1042, 1014, "character"),
        Row(1043, 1015, "character varying"), Row(1082, 1182, "date"), Row(1083, 1183, "time"),
        Row(1114, 1115, "timestamp"), Row(1184, 1185, "timestamp with time zone", .time),
        Row(1186, 1187, "interval", .duration), Row(1266, 1270, "time with time zone"),
        Row(1560, 1561, "bit"), Row(1562, 1563, "bit varying"), Row(1700, 1231, "numeric", .numeric),
        Row(2950, 2951, "uuid"), Row(3802, 3807, "jsonb", .json), Row(705, 0, "unknown"),
    ]

    private static let families: [ColumnType: Family] = Dictionary(
        uniqueKeysWithValues: table.map { (ColumnType($0.type), $0.family) })
    private static let names: [ColumnType: String] = Dictionary(
        uniqueKeysWithValues: table.map { (ColumnType($0.type), $0.name) })
    private static let elements: [ColumnType: ColumnType] = Dictionary(
        uniqueKeysWithValues: table.filter { $0.array != 0 }.map { (ColumnType($0.array), ColumnType($0.type)) })
}
