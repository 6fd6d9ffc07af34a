// EventIdentity.swift: the id of a published event, the same again when its cause is delivered again.
//
// language.md section 7: a hash of app, topic, rule, the incoming event's source and id, the place in the script and
// how often it ran there. Neighbours: Machine/Cryptography/Digest.swift.

internal import Machine

enum EventIdentity {
    /// What makes a published event the same one again.
    struct Cause {
        let app: String
        let topic: String
        let rule: String
        let source: String
        let id: String
        /// Handler and number of the `publish` in it.
        let place: String
        /// How often that place ran before in this run.
        let repetition: UInt32
    }

    /// 32 hexadecimal digits: the first half of the SHA-256 of the parts, each preceded by its length, so that no
    /// two causes run together.
    static func id(for cause: Cause) -> String {
        let parts = [cause.app, cause.topic, cause.rule, cause.source, cause.id, cause.place, "\(cause.repetition)"]
        let digits = Array("0123456789abcdef".utf8)
        let text = KeyDigest.digest(parts.map { Array($0.utf8) })[0..<16].flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
