// Builtin.swift: what a builtin is; each stands in a file of its own under Builtins/.
//
// A builtin is one value: its name, what it takes and gives, a summary, examples that are run as tests, its body.
// The checker, the documentation and the machine all read this. Neighbours: BuiltinTable.swift (all of them),
// Arguments.swift (what a body sees).

internal import Diagnostics

/// Kinds that a parameter takes or a builtin gives.
package struct KindSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package init(_ kind: Value.Kind) { rawValue = 1 << UInt32(kind.rawValue) }

    package static let null = KindSet(.null)
    package static let bool = KindSet(.bool)
    package static let int = KindSet(.int)
    package static let float = KindSet(.float)
    package static let string = KindSet(.string)
    package static let bytes = KindSet(.bytes)
    package static let time = KindSet(.time)
    package static let duration = KindSet(.duration)
    package static let list = KindSet(.list)
    package static let object = KindSet(.object)
    package static let number: KindSet = [.int, .float]
    package static let any = KindSet(rawValue: .max)

    package func contains(_ kind: Value.Kind) -> Bool { rawValue & 1 << UInt32(kind.rawValue) != 0 }

    /// `any`, or the kinds with `|` between them.
    package var text: String {
        if self == .any { return "any" }
        return Value.Kind.allCases.filter { $0 != .missing && contains($0) }.map(\.name).joined(separator: " | ")
    }
}

package struct Builtin: Sendable {
    typealias Body = @Sendable (Arguments) throws(Fault) -> Value

    package struct Parameter: Sendable {
        package let name: String
        package let kinds: KindSet
        package let isOptional: Bool
        /// Written `.price` or `.customer.name`; the machine gets a list of strings.
        package let isSelector: Bool
        /// A regular expression, known at load; the machine gets its number among the program's patterns, an int.
        package let isPattern: Bool

        init(
            _ name: String, _ kinds: KindSet, isOptional: Bool = false, isSelector: Bool = false,
            isPattern: Bool = false
        ) {
            self.name = name
            self.kinds = kinds
            self.isOptional = isOptional
            self.isSelector = isSelector
            self.isPattern = isPattern
        }
    }

    package struct Example: Sendable {
        package let receiver: Constant
        package let arguments: [Constant]
        package let result: Constant

        init(_ receiver: Constant, _ arguments: Constant..., gives result: Constant) {
            self.init(receiver, arguments, gives: result)
        }

        package init(_ receiver: Constant, _ arguments: [Constant], gives result: Constant) {
            self.receiver = receiver
            self.arguments = arguments
            self.result = result
        }
    }

    package let name: String
    package let receiver: KindSet
    /// Without the receiver. A missing optional argument reaches the body as null.
    package let parameters: [Parameter]
    package let returns: KindSet
    /// One sentence.
    package let summary: String
    package let examples: [Example]
    let body: Body

    init(
        _ name: String, on receiver: KindSet, _ parameters: [Parameter] = [], gives returns: KindSet,
        summary: String, examples: [Example], body: @escaping Body
    ) {
        self.name = name
        self.receiver = receiver
        self.parameters = parameters
        self.returns = returns
        self.summary = summary
        self.examples = examples
        self.body = body
    }

    /// How many registers a call has: the receiver, and all or only the needed arguments.
    package var argumentCounts: ClosedRange<Int> {
        (1 + parameters.filter { !$0.isOptional }.count)...(1 + parameters.count)
    }

    /// `string.split(by: string) -> list`
    package var signature: String {
        let inner = parameters.map {
            "\($0.name): \($0.isSelector ? "selector" : $0.kinds.text)\($0.isOptional ? "?" : "")"
        }
        let on = receiver.text.contains("|") ? "(\(receiver.text))" : receiver.text
        return "\(on).\(name)(\(inner.joined(separator: ", "))) -> \(returns.text)"
    }

    /// The place of a builtin in `all`, which stands in bytecode.
    package static func index(named name: String) -> UInt32? { numbers[name] }
    private static let numbers: [String: UInt32] = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($0.element.name, UInt32($0.offset)) })

    /// The bodies in the order of `all`, for the dispatch loop; made once, kept for good.
    ///
    /// SAFETY: written once behind the lazy initialiser's lock, then only read.
    nonisolated(unsafe) static let bodies: UnsafePointer<BuiltinBody> = {
        let memory = UnsafeMutablePointer<BuiltinBody>.allocate(capacity: all.count)
        for (offset, builtin) in all.enumerated() {
            unsafe (memory + offset).initialize(to: BuiltinBody(run: builtin.body))
        }
        return unsafe UnsafePointer(memory)
    }()
}

/// A struct, because a bare closure behind a pointer is called through a thunk (26 instructions a call).
struct BuiltinBody {
    let run: Builtin.Body
}
