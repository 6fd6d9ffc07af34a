// CompiledStatement.swift: one SQL statement that the routes reach, for whoever asks a database about it.
//
// Pure data: made while lowering, from what the checker knows anyway. Running a statement needs none of it (the
// effect site has the text). Neighbours: StatementPlaces.swift (from the text back to the file),
// Engine/StatementCheck (asks).

package import Diagnostics
package import Machine

package struct CompiledStatement: Sendable {
    /// `sqlExecute`, `sqlOne` or `sqlRows`.
    package let kind: EffectKind
    /// Among the deployment's resources: its database.
    package let resource: ResourceIndex
    /// With `$1 …` for each `${…}`.
    package let text: String
    /// As people write it: `inventory.exec`.
    package let label: String
    /// The method's name: `exec`.
    package let callee: SourceRange
    /// The whole literal, quotes included.
    package let literal: SourceRange
    /// The literal's parts in their order: pieces of text, and what stands in each `${…}`.
    let parts: [Part]
    /// What is known of `$1`, `$2` …
    package let values: [KnownValue]

    package struct Parameter: Sendable {
        /// What stands inside of the `${…}`.
        package let range: SourceRange
        package let value: KnownValue
    }

    /// `$1`, `$2` … with their places.
    package var parameters: [Parameter] {
        zip(parts.lazy.filter(\.isParameter), values).map { part, value in
            Parameter(range: SourceRange(file: literal.file, start: part.start, end: part.end), value: value)
        }
    }

    struct Part: Sendable {
        /// Byte offsets in the literal's file; of the only piece of a literal without `${…}` the whole literal.
        let start: UInt32
        let end: UInt32
        let isParameter: Bool
    }
}

/// What is known at load of a value that is not null; for rooms that do not know the checker's types.
package enum KnownValue: Hashable, Sendable {
    case anything
    case kind(Value.Kind)
    indirect case list(of: KnownValue)
    /// One of these, none of them null.
    case oneOf([Constant])

    init(_ type: Type) {
        switch type {
        case .error, .any, .never, .null, .failure, .response, .secret: self = .anything
        case .bool: self = .kind(.bool)
        case .int: self = .kind(.int)
        case .float: self = .kind(.float)
        case .string: self = .kind(.string)
        case .bytes: self = .kind(.bytes)
        case .time: self = .kind(.time)
        case .duration: self = .kind(.duration)
        case .list(let item): self = .list(of: KnownValue(item))
        case .dictionary, .object, .record, .event, .request: self = .kind(.object)
        case .optional(let inner): self = KnownValue(inner)
        case .literals(let constants): self = .oneOf(constants)
        }
    }
}
