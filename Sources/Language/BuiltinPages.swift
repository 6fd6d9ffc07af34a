// BuiltinPages.swift: the builtins as people read them: `docs/builtins.md`, and `patchbay explain split`.
//
// Made from what the machine runs, so that the page and the program cannot differ; every example on it is compiled
// and run by a test. Neighbours: Machine/Builtins (one file each), Diagnostics/Catalogue (the other pages).

package import Machine

package enum BuiltinPages {
    /// All names, as a misspelt one is compared with them.
    package static var names: [String] { Builtin.all.map(\.name) }

    /// What `patchbay explain NAME` prints; nil when there is no such builtin.
    package static func page(for name: String) -> String? {
        Builtin.all.first { $0.name == name }.map { "# `\($0.name)`\n\n\(body(of: $0))" }
    }

    /// The whole of `docs/builtins.md`.
    package static var reference: String {
        var text = """
            # Builtins

            Methods of values. All are pure. A method that gets what it cannot work on is a fault that says what came; in a `where`
            it gives `null`. What reads text (`to_int`, `to_time`, `from_json` …) gives `null` when the text does not fit. Work is
            charged as fuel by the bytes and elements touched. `patchbay explain NAME` prints one of these entries.

            | on | methods |
            |---|---|

            """
        for kind in Value.Kind.allCases {
            let own = Builtin.all.filter { $0.receiver != .any && $0.receiver.contains(kind) }
            guard !own.isEmpty else { continue }
            text += "| \(kind.name) | \(own.map { link($0.name) }.joined(separator: " ")) |\n"
        }
        let common = Builtin.all.filter { $0.receiver == .any }
        text += "| any | \(common.map { link($0.name) }.joined(separator: " ")) |\n"
        for builtin in Builtin.all.sorted(by: { $0.name < $1.name }) {
            text += "\n## `\(builtin.name)`\n\n\(body(of: builtin))"
        }
        return text
    }

    private static func link(_ name: String) -> String { "[`\(name)`](#\(name))" }

    private static func body(of builtin: Builtin) -> String {
        let examples = builtin.examples.map { example in
            "\(call(of: builtin, example))   # \(bay(example.result))"
        }
        return """
            \(builtin.summary)

            ```text
            \(builtin.signature)
            ```

            ```bay
            \(examples.joined(separator: "\n"))
            ```

            """
    }

    /// An example as it is written: `"a,b".split(",")`.
    package static func call(of builtin: Builtin, _ example: Builtin.Example) -> String {
        let arguments = zip(builtin.parameters, example.arguments).filter { $1 != .null }.map { parameter, argument in
            let text = written(argument, for: parameter)
            return parameter.isOptional && !parameter.isSelector ? "\(parameter.name): \(text)" : text
        }
        return "\(receiver(example.receiver)).\(builtin.name)(\(arguments.joined(separator: ", ")))"
    }

    private static func receiver(_ constant: Constant) -> String {
        let text = bay(constant)
        return text.hasPrefix("-") ? "(\(text))" : text
    }

    private static func written(_ argument: Constant, for parameter: Builtin.Parameter) -> String {
        if parameter.isSelector, case .list(let steps) = argument {
            return steps.map { if case .string(let name) = $0 { ".\(name)" } else { "" } }.joined()
        }
        if parameter.isPattern, case .string(let pattern) = argument { return "r\"\(pattern)\"" }
        return bay(argument)
    }

    /// A value as an expression of Bay.
    package static func bay(_ constant: Constant) -> String {
        switch constant {
        case .string(let text): quoted(text)
        case .bytes: "\(json(constant)).base64_decode()"
        case .time: "\(json(constant)).to_time()"
        case .list(let items): "[\(items.map(bay).joined(separator: ", "))]"
        case .object(let entries) where entries.isEmpty: "{}"
        case .object(let entries): "{ \(entries.map { "\(key($0.key)): \(bay($0.value))" }.joined(separator: ", ")) }"
        default: constant.text
        }
    }

    private static func json(_ constant: Constant) -> String {
        let memory = OwnedArena()
        return quoted(JSON(memory.arena.value(of: constant), in: memory.arena).string ?? "")
    }

    private static func key(_ name: String) -> String {
        let isName =
            !name.isEmpty && !(name.first?.isNumber ?? true)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return isName ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "$": result += "\\$"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20: result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
