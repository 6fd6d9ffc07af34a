// Checker+Endpoints.swift: `get "/v1/widgets/{id}" => widgets.load`, and the resources behind the handlers.

internal import Diagnostics
internal import Machine

extension Checker {
    func checkEndpoint(_ node: NodeID) {
        let methodNode = child(0, node)
        let pathNode = child(1, node)
        guard kind(pathNode) == .string else { return }
        let path = tree.string(of: pathNode)
        let method = word(methodNode).uppercased()
        let segments = readSegments(path, at: pathNode)
        var options = EndpointOptions()
        if child(2, node).exists {
            for option in tree.children(of: child(2, node)) where kind(option) == .option {
                let name = word(child(0, option))
                let value = child(1, option)
                switch name {
                case "timeout":
                    options.timeoutNanoseconds = positiveDuration(value, "`timeout`") ?? options.timeoutNanoseconds
                case "limit":
                    options.limitPerSecond = wholeNumber(value, "`limit`", 1...1_000_000, " of requests a second")
                case "cors": options.origins = readOrigins(value)
                case "auth":
                    options.authentication = readAuthentication(value)
                    options.isAuthenticationUnread = options.authentication == nil
                default:
                    reportOption(name, at: child(0, option), known: ["auth", "timeout", "limit", "cors"])
                }
            }
        }
        if let segments, let other = routes.endpointForms[Self.form(method, segments)] {
            report(
                Diagnostic(
                    code: .duplicateEndpoint, title: "`\(method) \(path)` is declared twice",
                    primary: Label(range(pathNode), "both take the same requests"),
                    related: [Label(other, "first declared here")]))
        }
        let action = checkAction(child(3, node), .request, data: .any, dataOrigin: nil)
        guard let segments, let action else { return }
        let form = Self.form(method, segments)
        routes.endpointForms[form] = routes.endpointForms[form] ?? range(pathNode)
        routes.endpoints.append(
            CheckedEndpoint(
                method: method, path: path, segments: segments, action: action, options: options,
                range: range(pathNode)))
    }

    /// `cors: "*"`, `cors: "https://shop.example"` or a list of those.
    private func readOrigins(_ node: NodeID) -> [String] {
        guard let constant = constantOption(node, "an origin, or a list of them") else { return [] }
        var origins: [String] = []
        for item in Self.items(of: constant) {
            guard case .string(let origin) = item, origin == "*" || Self.isOrigin(origin) else {
                report(
                    .badOption(
                        "an origin is written `https://shop.example`, with a port where it has one, and without a path",
                        at: range(node), help: ["`cors: \"*\"` lets the pages of every origin call it"]))
                return []
            }
            origins.append(origin)
        }
        if origins.contains("*"), origins.count > 1 {
            report(.badOption("`\"*\"` is every origin, so it stands alone", at: range(node)))
        }
        if origins.isEmpty { report(.badOption("the list names no origin", at: range(node))) }
        return origins
    }

    static func items(of constant: Constant) -> [Constant] {
        if case .list(let items) = constant { return items }
        return [constant]
    }

    /// As browsers write it: lower case, nothing behind the host and its port.
    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let host = text.dropFirst(scheme.count)
        return !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A: true
                default: "-.:[]".utf8.contains(byte)
                }
            }
    }

    /// What decides whether two paths take the same requests: names of parameters do not.
    private static func form(_ method: String, _ segments: [CompiledEndpoint.Segment]) -> String {
        // A literal never has a brace.
        segments.reduce(into: method) { form, segment in
            switch segment {
            case .literal(let text): form += "/\(text)"
            case .parameter: form += "/{}"
            case .rest: form += "/{*}"
            }
        }
    }

    private func readSegments(_ path: String, at node: NodeID) -> [CompiledEndpoint.Segment]? {
        func bad(_ why: String) -> Diagnostic {
            Diagnostic(code: .badEndpointPath, title: "invalid path of an endpoint", primary: Label(range(node), why))
        }
        guard path.hasPrefix("/") else {
            report(bad("it begins with `/`"))
            return nil
        }
        if path.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") || $0 <= 0x20 }) {
            report(bad("`?`, `#` and blanks are not part of a path"))
            return nil
        }
        var segments: [CompiledEndpoint.Segment] = []
        var names: Set<String> = []
        let parts = path == "/" ? [] : path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            guard part.contains("{") || part.contains("}") else {
                if let name = Self.foreignParameter(part) {
                    report(.foreignParameter(String(part), name, in: path, at: range(node)))
                    return nil
                }
                segments.append(.literal(String(part)))
                continue
            }
            var name = part.dropFirst().dropLast()
            guard part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2, !name.contains("{"), !name.contains("}")
            else {
                report(bad("`\(part)` is neither a word nor one `{name}`"))
                return nil
            }
            let isRest = name.hasSuffix("*")
            if isRest { name = name.dropLast() }
            guard Self.isName(name) else {
                report(bad("`\(name)` is not a name"))
                return nil
            }
            if isRest, place != parts.count - 1 {
                report(bad("`{\(name)*}` takes what is left, so it stands last"))
                return nil
            }
            if !names.insert(String(name)).inserted {
                report(bad("`{\(name)}` stands twice"))
                return nil
            }
            segments.append(isRest ? .rest(String(name)) : .parameter(String(name)))
        }
        return segments
    }

    /// `:id`, `<id>`, `$id`: how others write `{id}`.
    private static func foreignParameter(_ part: Substring) -> Substring? {
        let name: Substring
        switch part.first {
        case ":", "$": name = part.dropFirst()
        case "<" where part.hasSuffix(">"): name = part.dropFirst().dropLast()
        default: return nil
        }
        return isName(name) ? name : nil
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
        }
    }

    // Resources.

    func checkResources() {
        for resource in declarations.resources {
            inFile(resource.key.file) { $0.checkResource(resource) }
        }
    }

    private func checkResource(_ resource: ResourceDeclaration) {
        let node = resource.key.node
        switch resource.kind {
        case .service:
            report(.notInThisBuild("`service`", at: range(child(0, node))))
        case .database, .store, .topic, .app, .binding, .settings, .lock: break
        }
        if child(3, node).exists {
            for option in tree.children(of: child(3, node)) where kind(option) == .option {
                guard resource.kind != .service else { continue }
                reportOption(word(child(0, option)), at: child(0, option), known: [])
            }
        }
        guard let target = readTarget(child(2, node), of: resource.kind) else { return }
        routes.resources.append(
            CompiledResource(
                kind: resource.kind, name: text(resource.name), target: target, options: [],
                range: resource.nameRange))
    }

    private func readTarget(_ node: NodeID, of kind: ResourceKind) -> ResourceTarget? {
        func string(_ place: Int) -> String? {
            let part = child(place, node)
            return part.exists && self.kind(part) == .string ? tree.string(of: part) : nil
        }
        func bad(_ why: String, at place: NodeID) -> Diagnostic {
            Diagnostic(
                code: .badTarget, title: "invalid target of a \(kind.rawValue)", primary: Label(range(place), why))
        }
        guard self.kind(node) != .error, let first = string(0) else { return nil }
        if first.isEmpty {
            report(bad("it is empty", at: node))
            return nil
        }
        switch self.kind(node) {
        case .targetText:
            let parts = first.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            if kind == .topic, parts.count != 2 || parts.contains("") {
                report(.badTopic(at: range(node)))
                return nil
            }
            return .text(first)
        case .targetSecret:
            let parts = first.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts.contains("") else {
                report(bad("a secret is written `store/name`", at: child(0, node)))
                return nil
            }
            if kind != .database {
                report(bad("only a database takes its target from a secret", at: node))
                return nil
            }
            return .secret(store: parts[0], name: parts[1], key: string(1))
        case .targetEnvironment: return .environment(name: first, defaultValue: string(1))
        default: return nil
        }
    }
}

extension Diagnostic {
    static func foreignParameter(_ part: String, _ name: Substring, in path: String, at range: SourceRange)
        -> Diagnostic
    {
        let meant = path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == part ? "{\(name)}" : String($0) }.joined(separator: "/")
        return Diagnostic(
            code: .badEndpointPath, title: "invalid path of an endpoint",
            primary: Label(range, "a parameter is written `{\(name)}`, not `\(part)`"),
            fix: Suggestion(range: range, replacement: "\"\(meant)\"", text: "write `\"\(meant)\"`"))
    }
}
