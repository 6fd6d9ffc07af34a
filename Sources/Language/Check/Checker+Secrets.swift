// Checker+Secrets.swift: `secret("store/name", "key")` in a handler.
//
// Like a resource it is named, so what it reads is known at load and a handler cannot go through a store by names that it
// makes up. Where the secret may go from there is SecretWalk.swift's affair.

internal import Diagnostics
internal import Machine

extension Checker {
    func checkSecret(_ node: NodeID, at callee: NodeID) -> Type {
        let signature = EffectSignature.secret
        requireEffect(signature, resource: nil, label: signature.name, at: range(callee))
        fallibleCount += 1
        readsSecrets = true
        var words: [NodeID] = []
        var options: [EffectCall.Option] = []
        for argument in arguments(of: node) {
            let value = child(1, argument)
            if child(0, argument).exists {
                if let option = checkEffectOption(argument, signature, signature.name, taken: options) {
                    options.append(option)
                }
            } else {
                check(value)
                words.append(value)
            }
        }
        guard (1...2).contains(words.count) else {
            report(
                .wrongArgumentCount(
                    "write `secret(\"store/name\")` or `secret(\"store/name\", \"key\")`", at: range(callee)))
            return .secret
        }
        guard let place = placeOfSecret(words[0]), let key = keyOfSecret(words.dropFirst().first) else {
            return .secret
        }
        callees[self.key(node)] = .effect(
            EffectCall(
                signature: signature, resource: nil, template: nil, fixed: place + key, positional: [],
                options: options,
                label: signature.name))
        return .secret
    }

    /// Store and name.
    func placeOfSecret(_ node: NodeID) -> [String]? {
        guard case .string(let text)? = fold(node) else {
            if kind(node) != .error { report(.secretNotNamed(at: range(node))) }
            return nil
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts.contains("") else {
            report(.badSecretPlace(at: range(node)))
            return nil
        }
        return parts
    }

    func keyOfSecret(_ node: NodeID?) -> [String]? {
        guard let node else { return [] }
        guard case .string(let text)? = fold(node), !text.isEmpty else {
            if kind(node) != .error { report(.secretNotNamed(at: range(node))) }
            return nil
        }
        return [text]
    }
}

extension Diagnostic {
    static func secretNotNamed(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTarget, title: "a secret is named where it is read",
            primary: Label(range, "known only when it runs"),
            help: ["write it out: `secret(\"store/name\", \"key\")`"])
    }

    static func badSecretPlace(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTarget, title: "this names no secret",
            primary: Label(range, "a secret is written `store/name`"))
    }
}
