// BulkAnswer.swift: the answer to a bulk delivery, which waits for the last of its events.
//
// Neighbours: AppPort.swift (begins the deliveries), Dapr/AppReplies (writes the statuses).

internal import Dapr
internal import Machine
internal import Transport

/// SAFETY: `outcomes` and `open` are touched on the request's loop only; `take` hands itself over from others.
final class BulkAnswer: @unchecked Sendable {
    private let entries: [BulkEntry]
    private let loop: EventLoop
    private let response: HTTPResponder
    private var outcomes: [EventOutcome?]
    private var open: Int

    /// Answers at once when there is nothing to wait for.
    init(_ entries: [BulkEntry], loop: EventLoop, _ response: HTTPResponder) {
        self.entries = entries
        self.loop = loop
        self.response = response
        outcomes = Array(repeating: nil, count: entries.count)
        open = entries.count
        if entries.isEmpty { response.respond(.bulk([])) }
    }

    /// One event's end; the last one answers. From any loop.
    func take(_ outcome: EventOutcome, at position: Int) {
        guard loop.isCurrent else { return loop.execute { self.take(outcome, at: position) } }
        guard outcomes[position] == nil else { return }
        outcomes[position] = outcome
        open -= 1
        guard open == 0 else { return }
        response.respond(.bulk(zip(entries, outcomes).map { ($0.id, $1 ?? .retry) }))
    }
}
