// Outbox.swift: `publish` in a `transaction`: the event is a row that is committed with all else, or with nothing.
//
// The envelope is written here, id and time included, so that every relay of the row sends the same event.
// Neighbours: SidecarEffects.swift (events), OutboxRelay.swift (sends the rows), DatabaseTables.swift (the table).

internal import Dapr
internal import Machine
internal import Postgres
internal import Transport

enum Outbox {
    private static let append = SQLStatement(
        """
        INSERT INTO patchbay_outbox (app, pubsub, topic, event, metadata, traceparent) \
        SELECT $1, $2, $3, entry.event, $5, $6 \
        FROM unnest($4::text[]) WITH ORDINALITY AS entry (event, place) ORDER BY entry.place
        """)

    /// Puts what the strand publishes into the outbox of its open transaction.
    static func write(_ request: EffectRequest, in transaction: OpenTransaction) -> EffectStart {
        let run = request.run
        let arena = run.arena
        let envelopes: [[UInt8]]
        let metadata: [(name: String, value: String)]
        do throws(EffectFailure) {
            envelopes = try self.envelopes(of: request)
            metadata = try SidecarCall.metadataPairs(request.option(.metadata) ?? .null, in: arena)
        } catch {
            return .replied(.failure(error.value(in: arena)))
        }
        let (pubsub, topic) = SidecarEffects.topic(request)
        let pairs = metadata.map { ($0.name, arena.string($0.value)) }
        let parameters = [
            arena.string(run.core.configuration.appID), arena.string(pubsub), arena.string(topic),
            arena.list(envelopes.map { arena.string(utf8: $0) }),
            pairs.isEmpty ? .null : arena.string(utf8: (try? arena.object(pairs).json()) ?? []),
            arena.string(run.context.trace.text),
        ]
        run.published(by: request.strand)
        transaction.connection.execute(
            append, parameters: parameters, in: arena, mode: .execute,
            deadlineNanoseconds: request.deadlineNanoseconds
        ) { reply in
            if let failure = reply.failure { transaction.tables.note(failure) }
            request.receive { arena in
                reply.failure.map { .failure(DatabaseEffects.value(of: $0, in: arena)) } ?? .value(.null)
            }
        }
        return .pending
    }

    private static func envelopes(of request: EffectRequest) throws(EffectFailure) -> [[UInt8]] {
        let arena = request.run.arena
        switch request.site.kind {
        case .forward: return [try SidecarCall.envelope(forwarding: SidecarEffects.forwarded(by: request))]
        case .publishAll:
            var envelopes: [[UInt8]] = []
            for event in try ListEffects.events(of: request) {
                envelopes.append(try SidecarCall.envelope(of: dated(event), in: arena))
            }
            return envelopes
        default: return [try SidecarCall.envelope(of: dated(SidecarEffects.event(of: request)), in: arena)]
        }
    }

    /// The sidecar would take the time of the relay for that of the event.
    private static func dated(_ event: PublishedEvent) -> PublishedEvent {
        guard event.time.isNull else { return event }
        var dated = event
        dated.time = .time(nanoseconds: Clock.wallNanoseconds())
        return dated
    }
}
