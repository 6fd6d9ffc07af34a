// CommandOptions.swift: flags, their environment twins, and the errors of wrong usage.
//
// Every flag is also a variable (`--admin-port` is `PATCHBAY_ADMIN_PORT`); a flag beats its variable. Dapr's own
// names are honoured where a flag lists them. Neighbours: Command.swift (says which flags a command takes).

internal import Diagnostics

/// One flag of a command.
struct Flag: Sendable {
    let name: String
    /// What stands after it in the help; nil for a switch.
    let value: String?
    let summary: String
    /// Further variables that are read when neither flag nor twin is set.
    var variables: [String] = []

    var twin: String {
        "PATCHBAY_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}

/// Wrong usage: exit code 2.
struct UsageError: Error {
    let message: String
    var help: String?
}

/// What stood on the command line, and the environment behind it.
struct CommandOptions: Sendable {
    /// Of each flag what was stated, in that order.
    private var values: [String: [String]] = [:]
    private(set) var operands: [String] = []
    private let flags: [Flag]
    private let environment: [String: String]

    /// - Throws: `UsageError` for an unknown flag or a missing value.
    init(_ words: [String], flags: [Flag], environment: [String: String]) throws(UsageError) {
        self.flags = flags
        self.environment = environment
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("--"), word != "--" else {
                operands.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts.first ?? "")
            guard let flag = flags.first(where: { $0.name == name }) else {
                throw Self.unknownFlag(name, flags)
            }
            if flag.value == nil {
                guard parts.count == 1 else { throw UsageError(message: "`--\(name)` takes no value") }
                values[name, default: []].append("true")
            } else if parts.count == 2 {
                values[name, default: []].append(String(parts[1]))
            } else if index < words.count {
                values[name, default: []].append(words[index])
                index += 1
            } else {
                throw UsageError(message: "`--\(name)` needs a value: `--\(name) \(flag.value ?? "")`")
            }
        }
    }

    private static func unknownFlag(_ name: String, _ flags: [Flag]) -> UsageError {
        let close = nearest(name, in: flags.map(\.name))
        return UsageError(
            message: "unknown option `--\(name)`", help: close.map { "did you mean `--\($0)`?" })
    }

    /// The last one counts where a flag is stated twice.
    func text(_ name: String) -> String? { texts(name).last }

    /// All that was stated of a flag that may be stated several times; a variable states it once.
    func texts(_ name: String) -> [String] {
        if let stated = values[name] { return stated }
        guard let flag = flags.first(where: { $0.name == name }) else { return [] }
        for variable in [flag.twin] + flag.variables {
            if let value = environment[variable], !value.isEmpty { return [value] }
        }
        return []
    }

    /// Stated on the command line itself.
    func isStated(_ name: String) -> Bool { values[name] != nil }

    /// Stated as a flag or by its own variable, rather than by one of Dapr's.
    func isGiven(_ name: String) -> Bool {
        values[name] != nil || flags.first { $0.name == name }.map { environment[$0.twin] != nil } ?? false
    }

    func isSet(_ name: String) -> Bool { text(name) == "true" || text(name) == "1" }

    /// - Throws: `UsageError` when it is not a whole number in the range.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                message: "`--\(name)` takes a number from \(range.lowerBound) to \(range.upperBound), not `\(text)`")
        }
        return number
    }

    func port(_ name: String, standard: UInt16) throws(UsageError) -> UInt16 {
        UInt16(try integer(name, in: 0...65_535) ?? Int(standard))
    }

    /// A duration as in Bay: `250ms`, `25s`, `1m`. In nanoseconds.
    func duration(_ name: String) throws(UsageError) -> UInt64? {
        guard let text = text(name) else { return nil }
        let units: [(suffix: String, nanoseconds: Double)] = [
            ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        for unit in units where text.hasSuffix(unit.suffix) {
            if let number = Double(text.dropLast(unit.suffix.count)), number >= 0, number < 1e6 {
                return UInt64(number * unit.nanoseconds)
            }
        }
        throw UsageError(message: "`--\(name)` takes a duration such as `25s` or `500ms`, not `\(text)`")
    }

    /// One of a few words.
    func choice(_ name: String, of words: [String]) throws(UsageError) -> String? {
        guard let text = text(name) else { return nil }
        guard words.contains(text) else {
            throw UsageError(
                message: "`--\(name)` is one of \(words.map { "`\($0)`" }.joined(separator: ", ")), not `\(text)`")
        }
        return text
    }
}
