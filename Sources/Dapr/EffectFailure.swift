// EffectFailure.swift: an effect that did not succeed, with the class that scripts and outcomes go by.
//
// Owns what it says: it outlives the reply's buffer and any arena. Neighbours: SidecarReply.swift (makes them from
// statuses), Machine/FailureClass.swift (what a class means outside).

package import Machine
package import Wire

package struct EffectFailure: Error, Sendable {
    package let failureClass: FailureClass
    /// One line for people: what was asked of whom, and what came back.
    package let message: String
    /// Of an invocation that the other app answered with something else than 2xx.
    package let answer: Answer?

    /// What the other app said.
    package struct Answer: Sendable {
        package let status: Int
        package let mediaType: String
        package let body: MessageBody
    }

    package init(_ failureClass: FailureClass, _ message: String, answer: Answer? = nil) {
        self.failureClass = failureClass
        self.message = message
        self.answer = answer
    }

    /// `{ status, body }` of the other app's answer; null otherwise.
    package func details(in arena: Arena) -> Value {
        guard let answer else { return .null }
        return arena.object([
            ("status", .int(answer.status)),
            ("body", PayloadReading.lenient(answer.body, mediaType: answer.mediaType, in: arena)),
        ])
    }

    /// As a value that a fiber is resumed with.
    package func value(in arena: Arena) -> Value {
        arena.failure(class: failureClass, message: message, details: details(in: arena), origin: .effect)
    }
}
