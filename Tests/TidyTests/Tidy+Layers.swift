// Tidy+Layers.swift: laws 1 and 9: no package dependencies, imports only downward, a C module in one place.
//
// The table is the picture of docs/architecture.md; a new room gets its row here first.

extension Tidy {
    /// A room imports only rooms of a lower layer.
    static let layers: [[String]] = [
        ["Diagnostics"] + Array(homes.keys),
        ["Machine", "Wire"],
        ["Routing", "Protobuf", "Tokens", "Transport", "DaprContract"],
        ["Language", "Postgres", "Dapr"],
        ["Engine", "Sidecar"],
        ["DevEnvironment", "Bench"],
        ["patchbay"],
    ]

    /// Where each C module may be imported, as the beginning of a path.
    static let homes: [String: String] = [
        "CLinux": "Sources/Transport/", "CPostgres": "Sources/Postgres/", "COpenSSL": "Sources/Machine/Cryptography/",
        "CSQLite": "Sources/Sidecar/SQLite", "CYAML": "Sources/Sidecar/YAML",
        "CNghttp2": "Sources/Transport/", "CZlib": "Sources/Transport/", "CRE2": "Sources/Machine/",
        "CProtobuf": "Sources/Protobuf/",
    ]

    /// C modules that a single file wraps.
    static let oneFileModules: Set<String> = ["CZlib"]

    /// What comes with the toolchain and may be imported anywhere. Not Foundation.
    static let toolchainModules: Set<String> = ["Synchronization"]

    /// The C library: memory and numbers for the machine and the codecs, system calls from `Transport` up.
    static let withoutGlibc: Set<String> = ["Diagnostics", "Routing", "Tokens", "Language", "DaprContract"]

    static func layer(of room: String) -> Int? { layers.firstIndex { $0.contains(room) } }

    static func layerFindings(in sources: [SwiftSource], manifest: SwiftSource?) -> [Finding] {
        var findings: [Finding] = []
        let declared = manifest.map { dependencies(in: $0) } ?? [:]
        if let manifest { findings += manifestFindings(in: manifest, dependencies: declared) }
        var importers: [String: Set<String>] = [:]
        for source in sources {
            guard let room = source.room else { continue }
            for (module, line) in imports(in: source) {
                if homes[module] != nil { importers[module, default: []].insert(source.path) }
                guard
                    let message = problem(
                        withImportOf: module, in: room, path: source.path, declared: declared[room])
                else { continue }
                let rule: Finding.Rule = homes[module] == nil ? .layers : .cModules
                findings.append(Finding(rule: rule, path: source.path, line: line, message: message))
            }
        }
        for (module, paths) in importers where oneFileModules.contains(module) && paths.count > 1 {
            for path in paths {
                let others = paths.subtracting([path]).sorted().joined(separator: ", ")
                findings.append(
                    Finding(
                        rule: .cModules, path: path, line: 1,
                        message: "`\(module)` is wrapped by one file; it is also imported in \(others)"))
            }
        }
        return findings
    }

    private static func problem(
        withImportOf module: String, in room: String, path: String, declared: Set<String>?
    ) -> String? {
        if toolchainModules.contains(module) { return nil }
        if module == "Glibc", !withoutGlibc.contains(room) { return nil }
        guard let own = layer(of: room) else { return "room `\(room)` has no place in the table of layers" }
        guard let other = layer(of: module) else {
            return "`\(module)` is neither a room nor allowed from the toolchain"
        }
        if let home = homes[module], !path.hasPrefix(home) {
            return "`\(module)` is imported only under `\(home)`"
        }
        if other >= own {
            return "`\(room)` (layer \(own)) imports `\(module)` (layer \(other)): arrows point downward only"
        }
        if let declared, !declared.contains(module) {
            return "`\(room)` imports `\(module)`, which Package.swift does not name as its dependency"
        }
        return nil
    }

    static func imports(in source: SwiftSource) -> [(module: String, line: Int)] {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
        ]
        var found: [(module: String, line: Int)] = []
        for (index, token) in source.tokens.enumerated() where token.text == "import" {
            guard index == 0 || source.tokens[index - 1].text != "." else { continue }
            var next = index + 1
            if next < source.tokens.count, kinds.contains(source.tokens[next].text) { next += 1 }
            guard next < source.tokens.count, source.tokens[next].line == token.line else { continue }
            found.append((String(source.tokens[next].text), token.line))
        }
        return found
    }

    // MARK: - the manifest

    /// Target → names of its dependencies, as Package.swift lists them.
    static func dependencies(in manifest: SwiftSource) -> [String: Set<String>] {
        var targets: [String: Set<String>] = [:]
        let tokens = manifest.tokens
        let kinds: Set<Substring> = ["target", "executableTarget", "systemLibrary", "testTarget"]
        for (index, token) in tokens.enumerated() where kinds.contains(token.text) {
            guard index > 0, tokens[index - 1].text == ".", index + 4 < tokens.count,
                tokens[index + 1].text == "(",
                tokens[index + 2].text == "name"
            else { continue }
            targets[unquoted(tokens[index + 4].text)] = dependencyNames(in: tokens[(index + 5)...])
        }
        return targets
    }

    private static func dependencyNames(in tokens: ArraySlice<Token>) -> Set<String> {
        var depth = 1
        var names: Set<String> = []
        var inList = false
        for (index, token) in zip(tokens.indices, tokens) {
            switch token.text {
            case "(", "[":
                depth += 1
                if token.text == "[", depth == 2, index >= 2, tokens[index - 2].text == "dependencies" {
                    inList = true
                }
            case ")", "]":
                depth -= 1
                if depth < 2 { inList = false }
                if depth == 0 { return names }
            default:
                if inList, token.text.hasPrefix("\"") { names.insert(unquoted(token.text)) }
            }
        }
        return names
    }

    private static func unquoted(_ text: Substring) -> String { String(text.dropFirst().dropLast()) }

    private static func manifestFindings(in manifest: SwiftSource, dependencies: [String: Set<String>])
        -> [Finding]
    {
        var findings: [Finding] = []
        for (index, token) in manifest.tokens.enumerated() where token.text == "package" {
            guard index > 0, manifest.tokens[index - 1].text == ".",
                manifest.tokens[index - 1].line == token.line,
                index + 1 < manifest.tokens.count, manifest.tokens[index + 1].text == "("
            else { continue }
            findings.append(
                Finding(
                    rule: .manifest, path: manifest.path, line: token.line,
                    message: "`.package(…)`: the house has no package dependencies (law 1)"))
        }
        for (target, names) in dependencies.sorted(by: { $0.key < $1.key }) {
            guard !target.hasSuffix("Tests") else { continue }
            guard let own = layer(of: target) else {
                findings.append(
                    Finding(
                        rule: .manifest, path: manifest.path, line: 1,
                        message: "target `\(target)` has no place in the table of layers"))
                continue
            }
            for name in names.sorted() where (layer(of: name) ?? .max) >= own {
                findings.append(
                    Finding(
                        rule: .manifest, path: manifest.path, line: 1,
                        message:
                            "target `\(target)` (layer \(own)) depends on `\(name)`: arrows point downward only"
                    ))
            }
        }
        return findings
    }
}
