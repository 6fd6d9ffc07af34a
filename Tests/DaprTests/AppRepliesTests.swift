// AppRepliesTests.swift: the fixed answers, byte for byte.

import Machine
import Testing

@testable import Dapr

@Suite struct AppRepliesTests {
    @Test func `a subscription has one route, and a dead letter where one is set`() {
        let reply = AppReply.subscriptions([
            AppSubscription(pubsub: "pubsub", topic: "inventory", deadLetterTopic: "inventory-dead"),
            AppSubscription(pubsub: "my bus", topic: "a/b", deadLetterTopic: nil),
        ])
        #expect(reply.status == 200)
        #expect(
            String(decoding: reply.body, as: UTF8.self)
                == #"[{"pubsubname":"pubsub","topic":"inventory","route":"/dapr/events/pubsub/inventory","deadLetterTopic":"inventory-dead"},{"pubsubname":"my bus","topic":"a/b","route":"/dapr/events/my~20bus/a~2Fb"}]"#
        )
    }

    @Test func `no subscriptions are an empty list`() {
        #expect(String(decoding: AppReply.subscriptions([]).body, as: UTF8.self) == "[]")
    }

    @Test(
        arguments: [
            (.success, #"{"status":"SUCCESS"}"#), (.retry, #"{"status":"RETRY"}"#),
            (.drop, #"{"status":"DROP"}"#),
        ] as [(EventOutcome, String)])
    func `an outcome is said in words, with 200`(outcome: EventOutcome, body: String) {
        let reply = AppReply.delivery(outcome)
        #expect(reply.status == 200 && String(decoding: reply.body, as: UTF8.self) == body)
    }
}
