// ResourceFields.swift: reads fields out of a YAML mapping and notes what does not fit, with its line.
//
// Neighbours: YAMLNode.swift, and each resource's own file, which says what its fields mean.

/// One mapping under inspection. Reading never stops at the first mistake.
struct ResourceFields {
    let node: YAMLNode
    let file: String
    /// Where in the document it stands: `spec.policies`.
    let path: String

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func problem(_ what: String, instead: String, line: Int? = nil) -> ResourceProblem {
        ResourceProblem(file: file, line: line ?? node.line, what: what, instead: instead)
    }

    /// Text, a number or a boolean, as text; nil when absent or null.
    func text(_ key: String, _ notes: inout ResourceNotes) -> String? {
        guard let value = node[key], !value.isNull else { return nil }
        guard case .scalar(let text, _) = value.content else {
            notes.problems.append(
                problem(
                    "`\(place(key))` is \(value.kindName)", instead: "write a single value: `\(key): …`",
                    line: value.line))
            return nil
        }
        return text
    }

    /// As `text`, and its absence is a problem.
    func requiredText(_ key: String, example: String, _ notes: inout ResourceNotes) -> String? {
        let before = notes.problems.count
        if let text = text(key, &notes), !text.isEmpty { return text }
        if notes.problems.count == before {
            notes.problems.append(
                problem(
                    "`\(place(key))` is missing", instead: "add `\(key): \(example)`", line: node[key]?.line))
        }
        return nil
    }

    /// `true` in the spellings that Dapr takes: y yes true t on 1, in any case; anything else is false.
    func flag(_ key: String, _ notes: inout ResourceNotes) -> Bool {
        text(key, &notes).map(GoText.isTruthy) ?? false
    }

    func integer(_ key: String, _ notes: inout ResourceNotes) -> Int? {
        guard let text = text(key, &notes) else { return nil }
        if let number = Int(text) { return number }
        notes.problems.append(
            problem(
                "`\(place(key))` is `\(text)`", instead: "write a whole number: `\(key): 10`",
                line: node[key]?.line))
        return nil
    }

    /// Go syntax; a bare number counts milliseconds.
    func duration(_ key: String, _ notes: inout ResourceNotes) -> Duration? {
        guard let text = text(key, &notes) else { return nil }
        if let duration = GoText.duration(orMilliseconds: text), duration >= .zero { return duration }
        notes.problems.append(
            problem(
                "`\(place(key))` is `\(text)`, which is not a duration",
                instead: "write a number with its unit: `\(key): 5s` (units: ns us ms s m h)",
                line: node[key]?.line))
        return nil
    }

    /// A mapping below this one; nil when absent or null.
    func fields(_ key: String, _ notes: inout ResourceNotes) -> ResourceFields? {
        guard let value = node[key], !value.isNull else { return nil }
        guard case .mapping = value.content else {
            notes.problems.append(
                problem(
                    "`\(place(key))` is \(value.kindName)", instead: "write keys below it, indented",
                    line: value.line))
            return nil
        }
        return ResourceFields(node: value, file: file, path: place(key))
    }

    /// As `fields`, and its absence is a problem.
    func requiredFields(_ key: String, _ notes: inout ResourceNotes) -> ResourceFields? {
        let before = notes.problems.count
        if let fields = fields(key, &notes) { return fields }
        if notes.problems.count == before {
            notes.problems.append(
                problem("`\(place(key))` is missing", instead: "add `\(key):` with its fields"))
        }
        return nil
    }

    /// The items of a list; empty when absent or null.
    func items(_ key: String, _ notes: inout ResourceNotes) -> [YAMLNode] {
        guard let value = node[key], !value.isNull else { return [] }
        guard case .sequence(let items) = value.content else {
            notes.problems.append(
                problem(
                    "`\(place(key))` is \(value.kindName)", instead: "write a list, one `- ` per item",
                    line: value.line))
            return []
        }
        return items
    }

    /// A list of mappings.
    func records(_ key: String, _ notes: inout ResourceNotes) -> [ResourceFields] {
        var records: [ResourceFields] = []
        for (index, item) in items(key, &notes).enumerated() {
            let path = "\(place(key))[\(index)]"
            if case .mapping = item.content {
                records.append(ResourceFields(node: item, file: file, path: path))
            } else {
                notes.problems.append(
                    problem("`\(path)` is \(item.kindName)", instead: "write `- name: …`", line: item.line))
            }
        }
        return records
    }

    /// A list of words.
    func words(_ key: String, _ notes: inout ResourceNotes) -> [String] {
        var words: [String] = []
        for (index, item) in items(key, &notes).enumerated() {
            if case .scalar(let text, _) = item.content, !item.isNull {
                words.append(text)
            } else {
                notes.problems.append(
                    problem(
                        "`\(place(key))[\(index)]` is \(item.kindName)", instead: "write `- word`",
                        line: item.line))
            }
        }
        return words
    }

    /// A mapping of words to mappings, in the order of the file: named policies, named targets.
    func named(_ key: String, _ notes: inout ResourceNotes) -> [(name: String, fields: ResourceFields)] {
        guard let below = fields(key, &notes), case .mapping(let entries) = below.node.content else {
            return []
        }
        return entries.compactMap { entry in
            below.fields(entry.key, &notes).map { (entry.key, $0) }
        }
    }

    /// A mapping of words to words.
    func dictionary(_ key: String, _ notes: inout ResourceNotes) -> [String: String] {
        guard let below = fields(key, &notes), case .mapping(let entries) = below.node.content else {
            return [:]
        }
        var result: [String: String] = [:]
        for entry in entries { result[entry.key] = below.text(entry.key, &notes) ?? "" }
        return result
    }

    /// Warns about keys that nobody reads: daprd ignores them, and a typing error hides there.
    func warnUnknown(allowed: [String], _ notes: inout ResourceNotes) {
        guard case .mapping(let entries) = node.content else { return }
        for entry in entries where !allowed.contains(entry.key) {
            notes.warnings.append(
                problem(
                    "`\(place(entry.key))` means nothing here and is ignored",
                    instead: "keys that do: \(allowed.joined(separator: " "))", line: entry.keyLine))
        }
    }
}
