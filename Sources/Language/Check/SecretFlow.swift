// SecretFlow.swift: where in a value a secret may stand, and how it came there.
//
// What is known without running: which fields and items hold a secret, to a depth of eight. Two flows are equal when the
// same secrets stand at the same places, whichever way they came.
// Neighbours: SecretWalk.swift (follows them through the code), SecretSinks.swift (where they must not arrive).

internal import Diagnostics

/// One `secret(…)` of the source, and the way from there.
struct SecretOrigin: Hashable, Sendable {
    struct Step: Sendable {
        let range: SourceRange
        let text: String
    }

    /// The call that reads it.
    let call: NodeKey
    /// The first one is the call itself.
    private(set) var way: [Step]
    /// The rest of a longer way says nothing new.
    private static let stepsMax = 6

    init(call: NodeKey, at range: SourceRange) {
        self.call = call
        way = [Step(range: range, text: "the secret is read here")]
    }

    static func == (left: SecretOrigin, right: SecretOrigin) -> Bool { left.call == right.call }
    func hash(into hasher: inout Hasher) { hasher.combine(call) }

    func going(_ text: String, at range: SourceRange) -> SecretOrigin {
        guard way.count < Self.stepsMax, !way.contains(where: { $0.range == range }) else { return self }
        var other = self
        other.way.append(Step(range: range, text: text))
        return other
    }
}

struct SecretFlow: Hashable, Sendable {
    /// The value itself is a secret.
    var own: SecretOrigin?
    /// What stands under keys that are known; places of a list literal are `[0]`, `[1]`. None of these is clean.
    var fields: [String: SecretFlow] = [:]
    /// What stands under any other key, or at any place; none or one, and not clean.
    private(set) var others: [SecretFlow] = []

    static let clean = SecretFlow()
    /// What is nested deeper is forgotten: there the run itself finds it.
    static let depthMax = 8

    init(own: SecretOrigin? = nil, fields: [String: SecretFlow] = [:], others: SecretFlow = .clean) {
        self.own = own
        self.fields = fields.filter { !$0.value.isClean }
        self.others = others.isClean ? [] : [others]
    }

    private init() {}

    var isClean: Bool { own == nil && fields.isEmpty && others.isEmpty }

    /// Any secret in it, the outermost and then the first by key.
    var first: SecretOrigin? {
        own ?? fields.min { $0.key < $1.key }?.value.first ?? others.first?.first
    }

    /// Whatever item or field.
    var parts: SecretFlow {
        let all = fields.sorted { $0.key < $1.key }.map(\.value) + others
        return all.reduce(.clean) { $0.joined(with: $1) }
    }

    func field(_ name: String) -> SecretFlow {
        (fields[name] ?? .clean).joined(with: others.first ?? .clean)
    }

    /// The same with another value under a key.
    func setting(_ name: String, _ value: SecretFlow) -> SecretFlow {
        var result = self
        result.fields[name] = value.isClean ? nil : value
        return result
    }

    /// Either of the two.
    func joined(with other: SecretFlow) -> SecretFlow {
        if other.isClean { return self }
        if isClean { return other }
        return SecretFlow(
            own: own ?? other.own, fields: fields.merging(other.fields) { $0.joined(with: $1) },
            others: (others.first ?? .clean).joined(with: other.others.first ?? .clean))
    }

    func going(_ text: String, at range: SourceRange) -> SecretFlow {
        isClean ? self : mapped { $0.going(text, at: range) }
    }

    private func mapped(_ change: (SecretOrigin) -> SecretOrigin) -> SecretFlow {
        SecretFlow(
            own: own.map(change), fields: fields.mapValues { $0.mapped(change) },
            others: others.first?.mapped(change) ?? .clean)
    }

    /// Without what is nested too deep to follow.
    func limited(to depth: Int = SecretFlow.depthMax) -> SecretFlow {
        guard depth > 0 else { return SecretFlow(own: own) }
        if fields.isEmpty && others.isEmpty { return self }
        return SecretFlow(
            own: own, fields: fields.mapValues { $0.limited(to: depth - 1) },
            others: others.first?.limited(to: depth - 1) ?? .clean)
    }
}
