// PublishAPI.swift: `/v1.0/publish/…`. Source: contract 3.3.

internal import DaprContract
internal import Wire

struct PublishAPI: Sendable {
    let appID: String
    let pubsubs: [String: LoadedPubSub]
    let broker: SharedBroker
    let counters: CounterBox

    /// Where events go, when this app may publish there.
    private func check(pubsub name: String, topic: String) throws(APIError) {
        let resource = ("pubsub", name)
        guard !name.isEmpty else {
            throw APIError(.pubsubNameEmpty, "pubsub name is empty", resource: resource)
        }
        guard !pubsubs.isEmpty else {
            throw APIError(.pubsubNotConfigured, "pubsub \(name) is not configured", resource: resource)
        }
        guard let pubsub = pubsubs[name] else {
            throw APIError(.pubsubNotFound, "pubsub \(name) is not found", resource: resource)
        }
        guard !topic.isEmpty else {
            throw APIError(.topicNameEmpty, "topic is empty in pubsub \(name)", resource: resource)
        }
        guard pubsub.scopes.mayPublish(to: topic) else {
            throw APIError(
                .pubsubForbidden, "topic \(topic) is not allowed for app id \(appID)", resource: resource)
        }
    }

    func publish(
        pubsub name: String, topic: String, body: [UInt8], contentType: String?, metadata: [String: String],
        trace: TraceContext
    ) throws(APIError) -> APIReply {
        try check(pubsub: name, topic: topic)
        let context = context(name, topic, trace)
        let event = try Envelope.make(body: body, contentType: contentType, metadata: metadata, context)
        if let refusal = hand(event, to: TopicAddress(pubsubName: name, topic: topic), metadata) {
            throw APIError(.pubsubPublishMessage, refusal, resource: ("pubsub", name))
        }
        return .noContent
    }

    private func context(_ name: String, _ topic: String, _ trace: TraceContext) -> PublishContext {
        PublishContext(
            appID: appID, pubsubName: name, topic: topic, trace: trace, now: .now(), newID: RandomUUID.string())
    }

    /// Gives the event to the broker; what the broker says when it does not take it.
    private func hand(_ event: Envelope, to address: TopicAddress, _ metadata: [String: String]) -> String? {
        switch broker.publish(event, metadata: metadata, to: address) {
        case .accepted:
            counters.update { $0.published += 1 }
            return nil
        case .queueFull(let group, let limit):
            counters.update { $0.publishRefused += 1 }
            return "error when publishing to topic \(address.topic) in pubsub \(address.pubsubName): "
                + "\(limit) events wait for the app \(group) already"
        }
    }

    // MARK: Bulk

    /// Each entry on its own: some may be taken and others not.
    func publishBulk(
        pubsub name: String, topic: String, body: [UInt8], metadata: [String: String], trace: TraceContext
    ) throws(APIError) -> APIReply {
        try check(pubsub: name, topic: topic)
        let entries = try BulkEntry.read(body, pubsub: name)
        var events: [(entry: BulkEntry, event: Envelope, metadata: [String: String])] = []
        for entry in entries {
            let own = metadata.merging(entry.metadata) { $1 }
            let event = try Envelope.make(
                body: entry.body, contentType: entry.contentType, metadata: own, context(name, topic, trace))
            events.append((entry, event, own))
        }
        let address = TopicAddress(pubsubName: name, topic: topic)
        var failed: [[UInt8]] = []
        for (entry, event, own) in events {
            guard let refusal = hand(event, to: address, own) else { continue }
            failed.append(
                JSONText.object { object in
                    object.add(BulkPublishField.entryID, text: entry.id)
                    object.add(BulkPublishField.error, text: refusal)
                })
        }
        guard !failed.isEmpty else { return .noContent }
        var reply = APIReply.json(
            JSONText.object { object in
                object.add(BulkPublishField.failedEntries, raw: JSONText.list(failed))
                object.add(ErrorField.errorCode, text: ErrorCode.pubsubPublishMessage.name)
            })
        reply.status = ErrorCode.pubsubPublishMessage.httpStatus
        return reply
    }
}
