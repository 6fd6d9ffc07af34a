// Workload+Tokens.swift: JSON Web Tokens: verified by their signature, and known from before.
//
// Neighbours: Tokens (the work), Tests/Peers/tokens (keys and tokens to time).

internal import Machine
internal import Tokens

extension Workload {
    /// Far from the ends of the tokens that the tests have.
    private static let now = 1_800_000_000.0
    private static let rules = TokenRules(
        issuer: "https://login.example", audiences: ["shop"], algorithms: [], leewaySeconds: 30)

    /// - Parameter isRemembering: each token is verified once; without, every time.
    func tokens(_ input: BenchInput, isRemembering: Bool) throws(BenchError) -> Measurement {
        let keys = try Self.keys(of: input)
        let tokens = try input.eventLines()
        var remembered = VerifiedTokens(max: isRemembering ? tokens.count : 0)
        var taken = 0
        let nanoseconds = try timed(rounds: input.rounds, units: input.count * tokens.count) { () throws(BenchError) in
            taken = 0
            for _ in 0..<input.count {
                for token in tokens where Self.isTaken(token, keys, &remembered, isRemembering) { taken += 1 }
            }
        }
        return Measurement(
            workload: rawValue, unit: "token", count: input.count * tokens.count, nanoseconds: nanoseconds,
            result: .int(Int64(taken)), figures: [])
    }

    private static func isTaken(
        _ token: [UInt8], _ keys: KeySet, _ remembered: inout VerifiedTokens, _ isRemembering: Bool
    ) -> Bool {
        guard isRemembering else { return (try? keys.verify(token, by: rules, atUnixSeconds: now)) != nil }
        let digest = VerifiedTokens.Digest(of: token)
        if remembered.claims(of: digest, atUnixSeconds: now) != nil { return true }
        guard let claims = try? keys.verify(token, by: rules, atUnixSeconds: now) else { return false }
        remembered.remember(claims, of: digest, atUnixSeconds: now)
        return true
    }

    /// A JWK Set as an issuer publishes it, or a public key or shared secret.
    private static func keys(of input: BenchInput) throws(BenchError) -> KeySet {
        guard let file = input.sources.first else {
            throw BenchError(message: "which keys? Name a file that holds them")
        }
        let text = String(decoding: try BenchedProgram.bytes(of: file), as: UTF8.self)
        do throws(KeySetProblem) {
            return try KeySet(secret: text)
        } catch {
            throw BenchError(message: "\(file): \(error.message)")
        }
    }
}
