// Checker+Authentication.swift: the option `auth` of an endpoint.
//
// `auth: secret("store/name")`, or an object that says which JSON Web Tokens are taken. Everything in it is known at load,
// so the secret is named and not read: it never becomes a value of a run.
// Neighbours: CompiledAuthentication.swift, Checker+Secrets.swift (how a secret is named), Tokens.

internal import Diagnostics
internal import Machine
internal import Tokens

extension Checker {
    private static let authenticationKeys = ["issuer", "audience", "keys", "scope", "algorithms", "leeway"]
    private static let requiredAuthenticationKeys = ["issuer", "audience", "keys"]
    private static let leewayMaxNanoseconds: Int64 = 300_000_000_000
    private static let defaultLeewayNanoseconds: Int64 = 30_000_000_000

    /// One entry of the object: what it is called, and its value or the constant that it comes from.
    private struct Entry {
        let name: String
        let nameRange: SourceRange
        /// `none` for an entry of a constant.
        let node: NodeID
        let constant: Constant?
        let range: SourceRange
    }

    /// Nil when it is in error, which is reported.
    func readAuthentication(_ node: NodeID) -> CompiledAuthentication? {
        guard kind(node) != .error else { return nil }
        if isSecretCall(node) { return secretPlace(node).map { .sharedToken($0) } }
        guard let entries = entries(of: node) else {
            // What could not be read was reported.
            guard isIntact(around: range(node)) else { return nil }
            report(
                .badOption(
                    "`auth` is `secret(\"store/name\")`, or an object with `issuer`, `audience` and `keys`",
                    at: range(node),
                    help: ["with the first a request carries the secret itself, with the second a JSON Web Token"]))
            return nil
        }
        return readWebToken(entries, at: node)
    }

    private func readWebToken(_ entries: [Entry], at node: NodeID) -> CompiledAuthentication? {
        var misspelt: Set<String> = []
        for entry in entries where !Self.authenticationKeys.contains(entry.name) {
            reportOption(entry.name, at: entry.nameRange, known: Self.authenticationKeys)
            if let meant = nearest(entry.name, in: Self.authenticationKeys) { misspelt.insert(meant) }
        }
        func last(_ name: String) -> Entry? { entries.last { $0.name == name } }
        let missing = Self.requiredAuthenticationKeys.filter { last($0) == nil && !misspelt.contains($0) }
        if !missing.isEmpty { report(.incompleteAuthentication(missing, at: range(node))) }
        let issuer = last("issuer").flatMap { readIssuer($0) }
        let audiences = last("audience").flatMap {
            texts($0, "what the issuer calls this API, or a list of such names") { !$0.isEmpty }
        }
        let keys = last("keys").flatMap { readKeys($0) }
        let scopes = last("scope").map { readScopes($0) } ?? []
        let algorithms = last("algorithms").map { readAlgorithms($0, keys) } ?? []
        let leeway = last("leeway").map { readLeeway($0) } ?? Self.defaultLeewayNanoseconds
        guard let issuer, let audiences, let keys, let scopes, let algorithms, let leeway else { return nil }
        let rules = TokenRules(
            issuer: issuer, audiences: audiences, algorithms: algorithms,
            leewaySeconds: Double(leeway) / 1_000_000_000)
        return .webToken(rules, keys: keys, scopes: scopes)
    }

    // MARK: The object

    /// Entries of an object that is written out, or of a constant; nil for anything else.
    private func entries(of node: NodeID) -> [Entry]? {
        guard kind(node) == .object else { return fold(node).flatMap { entries(of: $0, at: node) } }
        var all: [Entry] = []
        for part in tree.children(of: node) {
            switch kind(part) {
            case .entry: all.append(entry(child(0, part), child(1, part)))
            case .shorthandEntry: all.append(entry(child(0, part), child(0, part)))
            case .spread:
                let spread = child(0, part)
                guard let constant = fold(spread), let more = entries(of: constant, at: spread) else { return nil }
                all += more
            default: return nil
            }
        }
        return all
    }

    private func entry(_ name: NodeID, _ value: NodeID) -> Entry {
        Entry(name: word(name), nameRange: range(name), node: value, constant: fold(value), range: range(value))
    }

    private func entries(of constant: Constant, at node: NodeID) -> [Entry]? {
        guard case .object(let entries) = constant else { return nil }
        return entries.map {
            Entry(name: $0.key, nameRange: range(node), node: .none, constant: $0.value, range: range(node))
        }
    }

    /// One text or a list of them; nil when something else stands there, which is reported.
    private func texts(_ entry: Entry, _ what: String, _ fits: (String) -> Bool) -> [String]? {
        guard !entry.node.exists || kind(entry.node) != .error else { return nil }
        let items = entry.constant.map { Self.items(of: $0) } ?? []
        let texts = items.compactMap { if case .string(let text) = $0, fits(text) { text } else { nil } }
        if texts.count == items.count, !texts.isEmpty { return texts }
        report(
            .badOption(
                "`\(entry.name)` is \(what)" + (entry.constant == nil ? ", known at load" : ""), at: entry.range,
                help: isSecretCall(entry.node) ? ["of an `auth`, only `keys` may be a secret"] : []))
        return nil
    }

    private func text(_ entry: Entry, _ what: String, _ fits: (String) -> Bool) -> String? {
        if case .list? = entry.constant {
            report(.badOption("`\(entry.name)` is \(what), and one alone", at: entry.range))
            return nil
        }
        return texts(entry, what, fits)?.first
    }

    // MARK: The entries

    private func readIssuer(_ entry: Entry) -> String? {
        let what = "the text that the issuer writes into `iss`"
        guard let issuer = text(entry, what, { !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }) else {
            return nil
        }
        guard !issuer.hasPrefix("http://") || WebAddress(issuer)?.isOfThisMachine == true else {
            report(
                .badOption("an issuer is at `https://`; only on this machine it may be at `http://`", at: entry.range))
            return nil
        }
        return issuer
    }

    private func readKeys(_ entry: Entry) -> KeyPlace? {
        if isSecretCall(entry.node) { return secretPlace(entry.node).map { .secret($0) } }
        let what = "`secret(\"store/name\")`, or where the issuer's JWK Set is: `https://…`, or `app/path`"
        guard let place = text(entry, what, { !$0.isEmpty }) else { return nil }
        if place.contains("://") {
            guard let address = WebAddress(place) else {
                report(.badOption("the address of a JWK Set is `https://host/path`", at: entry.range))
                return nil
            }
            guard address.isEncrypted || address.isOfThisMachine else {
                report(
                    .badOption(
                        "whoever changes these keys on their way in may sign every token", at: entry.range,
                        help: ["write `https://`; only on this machine it may be `http://`"]))
                return nil
            }
            return .document(origin: address.origin, path: address.path)
        }
        let parts = place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts.contains(""), WebAddress.isPath(parts[1]) else {
            report(
                .badOption(
                    "this names no keys", at: entry.range,
                    help: ["write `https://…`, `app/path` for an app behind the sidecar, or `secret(\"store/name\")`"]))
            return nil
        }
        return .document(origin: String(parts[0]), path: "/\(parts[1])")
    }

    private func readScopes(_ entry: Entry) -> [String]? {
        if case .string(let text)? = entry.constant, text.contains(" ") {
            let list = text.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
            report(.badOption("several scopes are a list", at: entry.range, help: ["write `scope: [\(list)]`"]))
            return nil
        }
        return texts(entry, "text such as `\"orders:read\"`, or a list of it") { scope in
            // RFC 6749 section 3.3
            !scope.isEmpty && scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        }
    }

    private func readAlgorithms(_ entry: Entry, _ keys: KeyPlace?) -> [SignatureAlgorithm]? {
        let known = SignatureAlgorithm.allCases.map(\.rawValue)
        guard let names = texts(entry, "text such as `\"RS256\"`, or a list of it", { !$0.isEmpty }) else { return nil }
        var algorithms: [SignatureAlgorithm] = []
        for name in names {
            guard let algorithm = SignatureAlgorithm(rawValue: name) else {
                let close = nearest(name, in: known)
                report(
                    Diagnostic(
                        code: .badOption, title: "unknown algorithm `\(name)`",
                        primary: Label(entry.range, "known are \(known.joined(separator: " "))"),
                        help: name.lowercased() == "none"
                            ? ["a token that is not signed is nobody's"] : close.map { ["did you mean `\($0)`?"] } ?? []
                    ))
                return nil
            }
            algorithms.append(algorithm)
        }
        if case .document? = keys, let shared = algorithms.first(where: \.isSymmetric) {
            report(
                .badOption(
                    "`\(shared.rawValue)` is for a shared secret, and everyone may read these keys", at: entry.range))
            return nil
        }
        return algorithms
    }

    private func readLeeway(_ entry: Entry) -> Int64? {
        guard !entry.node.exists || kind(entry.node) != .error else { return nil }
        if case .duration(let length)? = entry.constant, (0...Self.leewayMaxNanoseconds).contains(length) {
            return length
        }
        report(.badOption("`leeway` is a duration from `0s` to `5m`", at: entry.range))
        return nil
    }

    // MARK: Secrets

    private func isSecretCall(_ node: NodeID) -> Bool {
        node.exists && kind(node) == .call && kind(child(0, node)) == .name && word(child(0, node)) == "secret"
    }

    private func secretPlace(_ node: NodeID) -> SecretPlace? {
        let words = arguments(of: node)
        guard (1...2).contains(words.count), words.allSatisfy({ !child(0, $0).exists }) else {
            report(
                .wrongArgumentCount(
                    "write `secret(\"store/name\")` or `secret(\"store/name\", \"key\")`", at: range(child(0, node))))
            return nil
        }
        guard let place = placeOfSecret(child(1, words[0])),
            let key = keyOfSecret(words.dropFirst().first.map { child(1, $0) })
        else { return nil }
        return SecretPlace(store: place[0], name: place[1], key: key.first)
    }
}

extension Diagnostic {
    static func incompleteAuthentication(_ missing: [String], at range: SourceRange) -> Diagnostic {
        let names = missing.map { "`\($0)`" }
        let listed =
            names.count == 1 ? names[0] : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        let uses = [
            "issuer": "`issuer: \"https://login.example\"`: whose tokens are taken",
            "audience": "`audience: \"shop\"`: what the issuer calls this API, so that tokens for others are refused",
            "keys": "`keys: secret(\"store/name\")`, or `keys: \"https://login.example/.well-known/jwks.json\"`",
        ]
        return Diagnostic(
            code: .badOption, title: "this `auth` is not complete", primary: Label(range, "it has no \(listed)"),
            help: missing.prefix(2).compactMap { uses[$0] })
    }
}
