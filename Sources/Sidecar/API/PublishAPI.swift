// PublishAPI.swift: `/v1.0/publish/…`. Source: contract 3.3.

internal import DaprContract
internal import Wire

struct PublishAPI: Sendable {
    let appID: String
    let pubsubs: [String: LoadedPubSub]
    let broker: SharedBroker
    let counters: CounterBox

    func publish(
        pubsub name: String, topic: String, body: [UInt8], contentType: String?, metadata: [String: String],
        trace: TraceContext
    ) throws(APIError) -> APIReply {
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
        let context = PublishContext(
            appID: appID, pubsubName: name, topic: topic, trace: trace, now: .now(),
            newID: RandomUUID.string())
        let event = try Envelope.make(body: body, contentType: contentType, metadata: metadata, context)
        switch broker.publish(event, metadata: metadata, to: TopicAddress(pubsubName: name, topic: topic)) {
        case .accepted:
            counters.update { $0.published += 1 }
            return .noContent
        case .queueFull(let group, let limit):
            counters.update { $0.publishRefused += 1 }
            throw APIError(
                .pubsubPublishMessage,
                "error when publishing to topic \(topic) in pubsub \(name): "
                    + "\(limit) events wait for the app \(group) already", resource: resource)
        }
    }
}
