// Authentication.swift: whether a request may go on to its endpoint. One for each loop.
//
// A token that was verified before costs a digest; another one a signature; only what this loop's keys cannot decide
// asks the keeper on the first loop. Nothing is let through for want of keys.
// Neighbours: KeyKeeper.swift (gets keys), Tokens (verifies), EndpointCall.swift (asks, and answers).

internal import Language
internal import Machine
internal import Tokens
internal import Transport

/// Who a request comes from, as far as its endpoint asked.
enum CallerIdentity: Sendable {
    case notAsked
    /// One that knows the secret.
    case sharedToken
    /// The claims, a JSON object.
    case claims([UInt8])
}

final class Authentication {
    enum Verdict: Sendable {
        case admitted(CallerIdentity)
        case refused(AuthenticationRefusal)
    }

    /// Verified tokens belong to keys and rules; scopes are looked at for each request.
    private struct Gate: Hashable {
        let rules: TokenRules
        let keys: KeyPlace
    }

    private struct Judgement: Sendable {
        let verdict: Verdict
        /// Newer keys might say otherwise.
        var isProvisional = false
    }

    private static let verifiedTokensMax = 4096

    private unowned let core: EngineLoop
    private var known: [KeySource: KeyKeeper.Answer] = [:]
    private var verified: [Gate: VerifiedTokens] = [:]

    init(core: EngineLoop) { self.core = core }

    /// Decides; `completion` is called once on this loop, at once wherever the keys are there.
    func check(
        _ request: HTTPRequest, _ authentication: CompiledAuthentication,
        _ completion: @escaping @Sendable (Verdict) -> Void
    ) {
        switch BearerToken(in: request.headers) {
        case .absent: completion(.refused(.noToken))
        case .malformed: completion(.refused(.malformedRequest))
        case .token(let token):
            let source = KeySource(authentication)
            let had = known[source]
            let first = had?.material.map { judge(token, $0, authentication) }
            if let first, !first.isProvisional { return completion(first.verdict) }
            let revision = had?.revision ?? 0
            askKeeper(source, knowing: revision) { [core] answer in
                if let first, answer.revision <= revision { return completion(first.verdict) }
                let own = core.authentication
                own.take(answer, for: source)
                guard let material = answer.material else { return completion(.refused(.noKeys)) }
                completion(own.judge(token, material, authentication).verdict)
            }
        }
    }

    private func askKeeper(_ source: KeySource, knowing revision: UInt64, _ visitor: @escaping KeyKeeper.Visitor) {
        guard let first = core.peers.first else { return visitor(KeyKeeper.Answer(material: nil, revision: 0)) }
        guard first !== core else { return core.keyKeeper.ask(source, knowing: revision, visitor) }
        first.loop.execute { [core] in
            first.keyKeeper.ask(source, knowing: revision) { answer in core.loop.execute { visitor(answer) } }
        }
    }

    // MARK: Keys

    /// Keeps what is newer than what it has.
    func take(_ answer: KeyKeeper.Answer, for source: KeySource) {
        guard answer.revision > known[source]?.revision ?? 0 else { return }
        known[source] = answer
        guard case .keys(let place) = source else { return }
        // A key that is gone verifies nothing any more.
        for gate in verified.keys where gate.keys == place { verified[gate] = nil }
    }

    /// Forgets what no endpoint uses any more.
    func keep(only sources: Set<KeySource>) {
        known = known.filter { sources.contains($0.key) }
        verified = verified.filter { sources.contains(.keys($0.key.keys)) }
    }

    // MARK: Judging

    private func judge(
        _ token: [UInt8], _ material: KeyMaterial, _ authentication: CompiledAuthentication
    ) -> Judgement {
        switch (material.kind, authentication) {
        case (.sharedToken(let secret), .sharedToken):
            guard isEqualInConstantTime(token, secret) else {
                return Judgement(
                    verdict: .refused(AuthenticationRefusal(reason: .badToken, message: "the token is wrong")),
                    isProvisional: true)
            }
            return Judgement(verdict: .admitted(.sharedToken))
        case (.keys(let keys), .webToken(let rules, let place, let scopes)):
            do throws(TokenProblem) {
                let claims = try claims(of: token, keys, Gate(rules: rules, keys: place))
                guard claims.hold(scopes) else {
                    return Judgement(
                        verdict: .refused(
                            AuthenticationRefusal(
                                reason: .missingScope,
                                message: "the token has not every scope that this endpoint asks for", scopes: scopes)))
                }
                return Judgement(verdict: .admitted(.claims(claims.json)))
            } catch {
                return Judgement(
                    verdict: .refused(AuthenticationRefusal(reason: .badToken, message: error.description)),
                    isProvisional: error.mayBeOfNewKey)
            }
        default: return Judgement(verdict: .refused(.noKeys))
        }
    }

    private func claims(of token: [UInt8], _ keys: KeySet, _ gate: Gate) throws(TokenProblem) -> VerifiedClaims {
        guard token.count <= JSONWebToken.bytesMax else { throw .tooLong }
        let now = Double(Clock.wallNanoseconds()) / 1_000_000_000
        let digest = VerifiedTokens.Digest(of: token)
        if let claims = verified[gate]?.claims(of: digest, atUnixSeconds: now) { return claims }
        let claims = try keys.verify(token, by: gate.rules, atUnixSeconds: now)
        verified[gate, default: VerifiedTokens(max: Self.verifiedTokensMax)]
            .remember(claims, of: digest, atUnixSeconds: now)
        return claims
    }
}
