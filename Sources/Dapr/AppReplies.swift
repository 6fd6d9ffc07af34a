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
    /// The bytes were published as they are, not as a CloudEvent.
    package let isRaw: Bool
    /// Nil: each event comes alone.
    package let bulk: Bulk?

    /// Several events in one delivery.
    package struct Bulk: Sendable, Equatable {
        package let messagesMax: Int
        /// How long the sidecar waits for more of them.
        package let waitMilliseconds: Int

        package init(messagesMax: Int, waitMilliseconds: Int) {
            self.messagesMax = messagesMax
            self.waitMilliseconds = waitMilliseconds
        }
    }

    package init(pubsub: String, topic: String, deadLetterTopic: String?, isRaw: Bool = false, bulk: Bulk? = nil) {
        self.pubsub = pubsub
        self.topic = topic
        self.deadLetterTopic = deadLetterTopic
        self.isRaw = isRaw
        self.bulk = bulk
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

    /// The answer to a bulk delivery, entry by entry.
    package static func bulk(_ outcomes: [(entryID: String, outcome: EventOutcome)]) -> AppReply {
        let statuses = outcomes.map { entry in
            JSON.object([
                JSON.Member(BulkField.entryID, .string(entry.entryID)),
                JSON.Member(BulkField.status, .string(status(of: entry.outcome).rawValue)),
            ])
        }
        let body = JSON.object([JSON.Member(BulkField.statuses, .array(statuses))])
        return AppReply(status: 200, json: body.serialized())
    }

    private static func status(of outcome: EventOutcome) -> DeliveryStatus {
        switch outcome {
        case .success: .success
        case .retry: .retry
        case .drop: .drop
        }
    }

    /// To a job or an input binding that ended in SUCCESS or DROP.
    package static let triggerDone = AppReply(status: 200, json: "{}")
    /// To one that ended in RETRY: the sidecar tries again by its own policy.
    package static let triggerFailed = AppReply(
        status: 500, json: "{\"type\":\"INTERNAL\",\"code\":500,\"message\":\"try again\"}")
    /// To a job that nobody takes: the sidecar does not try again.
    package static let unknownJob = AppReply(
        status: 404, json: "{\"type\":\"NOT_FOUND\",\"code\":404,\"message\":\"no trigger takes this job\"}")

    /// A bulk delivery that cannot be read: the sidecar sends all of it again.
    package static let malformed = AppReply(
        status: 400, json: "{\"type\":\"INVALID\",\"code\":400,\"message\":\"this is no bulk delivery\"}")

    /// To `GET /dapr/subscribe`: one route for each topic; rules stay here.
    package static func subscriptions(_ subscriptions: [AppSubscription]) -> AppReply {
        let list = subscriptions.map { subscription in
            var fields = [
                JSON.Member(SubscriptionField.pubsubname, .string(subscription.pubsub)),
                JSON.Member(SubscriptionField.topic, .string(subscription.topic)),
                JSON.Member(SubscriptionField.route, .string(AppChannel.path(of: subscription))),
            ]
            if let deadLetter = subscription.deadLetterTopic {
                fields.append(JSON.Member(SubscriptionField.deadLetterTopic, .string(deadLetter)))
            }
            if subscription.isRaw {
                fields.append(JSON.Member(SubscriptionField.metadata, [MetadataKey.rawPayload: "true"]))
            }
            if let bulk = subscription.bulk {
                fields.append(
                    JSON.Member(
                        SubscriptionField.bulkSubscribe,
                        [
                            SubscriptionField.enabled: true,
                            SubscriptionField.maxMessagesCount: .int(Int64(bulk.messagesMax)),
                            SubscriptionField.maxAwaitDurationMs: .int(Int64(bulk.waitMilliseconds)),
                        ]))
            }
            return JSON.object(fields)
        }
        return AppReply(status: 200, json: JSON.array(list).serialized())
    }
}
