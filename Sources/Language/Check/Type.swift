// Type.swift: what the checker knows about a value, and which values fit where.
//
// Gradual: `any` fits everywhere and everything fits it. A check reports only what must fail, so the question
// is never "is it proven" but "can it ever be right"; what is not proven is checked when it runs.
// Neighbours: TypeReader.swift (from the source), Checker+Expressions.swift (infers).

package import Machine

/// Position of a record among the deployment's records.
struct RecordIndex: Hashable, Sendable {
    let rawValue: Int
    init(_ rawValue: Int) { self.rawValue = rawValue }
}

enum Type: Hashable, Sendable {
    /// Already reported: silences whatever touches it.
    case error
    case any
    /// Of an exit: no value ever comes.
    case never
    case null, bool, int, float, string, bytes, time, duration, failure, response, secret
    indirect case list(Type)
    /// `{T}`: any keys.
    indirect case dictionary(Type)
    /// Keys that are known to be there; others may be too.
    case object([Field])
    case record(RecordIndex)
    indirect case optional(Type)
    /// One of these.
    case literals([Constant])
    indirect case event(Type)
    indirect case request(Type)

    struct Field: Hashable, Sendable {
        let name: String
        let type: Type
    }

    /// Whether values of one type are right where another is wanted.
    enum Fit: Int, Comparable {
        case never, maybe, always
        static func < (left: Fit, right: Fit) -> Bool { left.rawValue < right.rawValue }
    }
}

extension Type {
    /// The type without `?`.
    var unwrapped: Type {
        if case .optional(let inner) = self { return inner }
        return self
    }

    /// With `?`, once.
    var orNull: Type {
        switch self {
        case .optional, .any, .error, .null: self
        case .never: .null
        default: .optional(self)
        }
    }

    /// Nothing is known, so nothing can be said.
    var isOpen: Bool {
        switch self {
        case .any, .error, .never: true
        default: false
        }
    }

    var isEvent: Bool {
        if case .event = self { return true }
        return false
    }

    var isNumber: Bool {
        switch self {
        case .int, .float: true
        case .literals(let constants): constants.allSatisfy { $0.type.isNumber }
        default: false
        }
    }

    /// Literals that are all strings.
    var isText: Bool {
        if case .literals(let constants) = self { return constants.allSatisfy { $0.type == .string } }
        return false
    }

    /// What both branches of an `if` have in common.
    func joined(with other: Type) -> Type {
        switch (self, other) {
        case _ where self == other: self
        case (.error, _), (_, .error): .error
        case (.never, let one), (let one, .never): one
        case (.null, let one), (let one, .null): one.orNull
        case (.optional(let one), let two), (let two, .optional(let one)): one.joined(with: two.unwrapped).orNull
        case (.list(let one), .list(let two)): .list(one.joined(with: two))
        case (.int, .float), (.float, .int): .float
        default: .any
        }
    }

    /// The kind that `Value.kind` and patterns name; nil when several are possible.
    var kindName: String? {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string: "string"
        case .bytes: "bytes"
        case .time: "time"
        case .duration: "duration"
        case .list: "list"
        case .dictionary, .object, .record, .event, .request: "object"
        case .failure: "failure"
        case .response: "response"
        case .secret: "secret"
        case .literals(let constants):
            constants.dropFirst().allSatisfy { $0.type == constants[0].type } ? constants.first?.type.kindName : nil
        case .error, .any, .never, .optional: nil
        }
    }
}

extension Constant {
    var type: Type {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .string: .string
        case .bytes: .bytes
        case .time: .time
        case .duration: .duration
        case .list(let items):
            .list(items.dropFirst().reduce(items.first?.type ?? .never) { $0.joined(with: $1.type) })
        case .object(let entries): .object(entries.map { Type.Field(name: $0.key, type: $0.value.type) })
        }
    }

    /// As it is written in Bay.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .bytes: "bytes"
        case .time: "a time"
        case .duration(let nanoseconds): Self.durationText(nanoseconds)
        case .list(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case .object(let entries): "{ \(entries.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")) }"
        }
    }

    private static func durationText(_ nanoseconds: Int64) -> String {
        let units: [(String, Int64)] = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000)]
        for (unit, size) in units where nanoseconds != 0 && nanoseconds % size == 0 {
            return "\(nanoseconds / size)\(unit)"
        }
        return "\(nanoseconds / 1_000_000)ms"
    }
}
