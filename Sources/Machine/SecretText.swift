// SecretText.swift: what a secret may do inside of a run, and where in a value one stands.
//
// A secret is a text of a kind of its own: what makes texts of it makes secrets. Whether one may leave the process
// is decided at the effects (Engine/SecretGuard) and where JSON is written.
// Neighbours: Fiber+Building.swift (`${…}` and the calls of builtins), Language/Check/SecretFlow.swift (the same, seen at load).

internal import Diagnostics

extension Builtin {
    /// Methods that give a secret's text in another form, as a secret again, whichever of their texts it is. They
    /// give texts (of a text), or null.
    package static let secretForms: Set<String> = [
        "base64_encode", "hex_encode", "join", "lower", "pad_left", "pad_right", "repeat", "replace", "slice",
        "to_string", "trim", "upper", "url_decode", "url_encode",
    ]
}

extension FiberBlock {
    /// The call of a builtin that would not take a secret, made with the secret's text: its result is a secret.
    /// Nil when no secret is among the arguments, or the builtin is not one of those that keep it.
    ///
    /// The registers are the call's own window and dead behind it, so they may be overwritten.
    @inline(never) func secretText(_ number: Int, _ place: Registers, count: Int) throws(Fault) -> Value? {
        var isFound = false
        for position in 0..<count where place[position].kind == .secret {
            isFound = true
            let secret = place[position]
            place[position] = Value(.string, text: secret.text, count: secret.length)
        }
        guard isFound else { return nil }
        guard Builtin.secretForms.contains(Builtin.all[number].name) else {
            throw Fault(.secretLeak, "`\(Builtin.all[number].name)` would tell something of a secret")
        }
        let body = unsafe header.pointee.image.pointee.builtins + number
        let result = unsafe try body.pointee.run(Arguments(block: self, registers: place, count: count))
        return result.isString ? Value(.secret, text: result.text, count: result.length) : result
    }
}

extension Value {
    /// Whether a secret stands in it, at any depth. What is JSON unread, or came from JSON unchanged, holds none.
    package var holdsSecret: Bool { holdsSecret(depth: 0) }

    private func holdsSecret(depth: Int) -> Bool {
        switch kind {
        case .secret: return true
        case .list, .object:
            guard !isUnread else { return false }
            let aggregate = Aggregate(self)
            // What is nested deeper cannot be written or sent either.
            guard aggregate.raw == nil, depth < OutputBuffer.nestingMax else { return false }
            return (0..<aggregate.count).contains { aggregate.value(at: $0).holdsSecret(depth: depth + 1) }
        case .failure:
            guard let parts = failureParts else { return false }
            return parts.message.holdsSecret(depth: depth + 1) || parts.details.holdsSecret(depth: depth + 1)
        case .response:
            guard let parts = responseParts else { return false }
            return parts.body.holdsSecret(depth: depth + 1) || parts.headers.holdsSecret(depth: depth + 1)
        default: return false
        }
    }
}
