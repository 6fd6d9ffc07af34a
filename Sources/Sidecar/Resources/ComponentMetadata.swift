// ComponentMetadata.swift: a component's metadata as plain text, and the readers of typed values from it.
//
// Dapr compares metadata names without regard to case; so does this.

struct ComponentMetadata {
    let component: Component
    private let values: [String: String]
    private let lines: [String: Int]

    init(component: Component, values: [String: String], lines: [String: Int]) {
        self.component = component
        self.values = Dictionary(values.map { ($0.key.lowercased(), $0.value) }) { $1 }
        self.lines = Dictionary(lines.map { ($0.key.lowercased(), $0.value) }) { $1 }
    }

    /// Absent and empty are the same.
    subscript(name: String) -> String? {
        values[name.lowercased()].flatMap { $0.isEmpty ? nil : $0 }
    }

    func required(_ name: String, example: String) throws(ResourceProblem) -> String {
        guard let value = self[name] else {
            throw component.problem(
                "the metadata `\(name)` is missing", instead: "add `- name: \(name)` with `value: \(example)`"
            )
        }
        return value
    }

    func flag(_ name: String) -> Bool { self[name].map(GoText.isTruthy) ?? false }

    func duration(_ name: String, default standard: Duration) throws(ResourceProblem) -> Duration {
        guard let text = self[name] else { return standard }
        guard let duration = GoText.duration(orMilliseconds: text) else {
            throw problem(
                name, "is `\(text)`, which is not a duration", instead: "write one with its unit: 5s")
        }
        return duration
    }

    func positive(_ name: String, default standard: Int) throws(ResourceProblem) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), number > 0 else {
            throw problem(name, "is `\(text)`", instead: "write a whole number above 0")
        }
        return number
    }

    /// A table's name, which goes into SQL as it is.
    func identifier(_ name: String, default standard: String) throws(ResourceProblem) -> String {
        guard let text = self[name] else { return standard }
        let isIdentifier = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || 48...57 ~= byte || 65...90 ~= byte || 97...122 ~= byte
        }
        guard isIdentifier, text.first?.isNumber == false else {
            throw problem(name, "is `\(text)`", instead: "write letters, digits and `_`, a letter first")
        }
        return text
    }

    func problem(_ name: String, _ what: String, instead: String) -> ResourceProblem {
        component.problem("the metadata `\(name)` \(what)", instead: instead, line: lines[name.lowercased()])
    }

    /// All of it, for readers that take a dictionary; names as in the file are lost, so only where Dapr's own names
    /// are asked for.
    func dictionary(_ names: [String]) -> [String: String] {
        var result: [String: String] = [:]
        for name in names { result[name] = self[name] }
        return result
    }
}
