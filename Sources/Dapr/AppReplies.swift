// AppReplies.swift: the app's fixed answers to its sidecar.
//
// Neighbours: AppChannel.swift (what was asked), Engine (answers invocations by itself).

internal import DaprContract
package import Machine

/// One topic that the sidecar is to deliver.
package struct AppSubscription: Sendable, Equatable {
    package let pubsub: String
    package let topic: String
    package let deadLetterTopic: String?

    package init(pubsub: String, topic: String, deadLetterTopic: String?) {
        self.pubsub = pubsub
        self.topic = topic
        self.deadLetterTopic = deadLetterTopic
    }
}

/// A whole answer.
package struct AppReply: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    private init(status: Int, json: [UInt8]) {
        self.status = status
        headers = [(HeaderName.contentType, MediaType.json)]
        body = json
    }

    private init(status: Int, json: String) { self.init(status: status, json: Array(json.utf8)) }

    /// To `GET /dapr/config`: this app hosts no actors.
    package static let configuration = AppReply(status: 200, json: "{}")
    /// To `GET /healthz`.
    package static let healthy = AppReply(status: 200, json: "{\"status\":\"ok\"}")
    /// While the app drains: the sidecar stops to send.
    package static let draining = AppReply(status: 503, json: "{\"status\":\"draining\"}")
    /// The token of the call is missing or wrong.
    package static let unauthorized = AppReply(
        status: 401,
        json: "{\"type\":\"UNAUTHORIZED\",\"code\":401,\"message\":\"dapr-api-token is missing or wrong\"}")

    /// The event's end, in words: a bare status code would mean something else in bulk or gRPC.
    package static let success = AppReply(status: 200, json: DeliveryStatus.success.body)
    package static let retry = AppReply(status: 200, json: DeliveryStatus.retry.body)
    package static let drop = AppReply(status: 200, json: DeliveryStatus.drop.body)

    /// The answer to a delivery.
    package static func delivery(_ outcome: EventOutcome) -> AppReply {
        switch outcome {
        case .success: success
        case .retry: retry
        case .drop: drop
        }
    }

    /// To `GET /dapr/subscribe`: one route for each topic; rules stay here.
    package static func subscriptions(_ subscriptions: [AppSubscription]) -> AppReply {
        let list = subscriptions.map { subscription in
            var fields = [
                JSON.Member(SubscriptionField.pubsubname, .string(subscription.pubsub)),
                JSON.Member(SubscriptionField.topic, .string(subscription.topic)),
                JSON.Member(
                    SubscriptionField.route,
                    .string(AppChannel.deliveryPath(pubsub: subscription.pubsub, topic: subscription.topic))),
            ]
            if let deadLetter = subscription.deadLetterTopic {
                fields.append(JSON.Member(SubscriptionField.deadLetterTopic, .string(deadLetter)))
            }
            return JSON.object(fields)
        }
        return AppReply(status: 200, json: JSON.array(list).serialized())
    }
}
