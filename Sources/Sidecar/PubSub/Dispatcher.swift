// Dispatcher.swift: delivers one subscription's events to the app, each until it is acknowledged or given up.
//
// On the sidecar's loop. At most `concurrency` events are held at once, pauses between tries included, as a Redis
// consumer of Dapr holds its workers. Given up means: published to the dead-letter topic, or, without one, dropped
// with an error in the log and a counter. An event leaves the broker only then or when the app took it.
// Neighbours: SharedBroker.swift (where events wait), RetryPolicy.swift, AppChannel.swift, DeliveryVerdict.swift.

internal import Transport

/// SAFETY: everything but `wake` is touched on the loop only.
final class Dispatcher: @unchecked Sendable {
    /// An event that is held.
    private final class Delivery {
        let message: BrokerMessage
        let beganNanoseconds: UInt64
        var failures = 0
        /// The pause before the next try; nil while the app is being called.
        var pause: TimerToken?

        init(_ message: BrokerMessage, beganNanoseconds: UInt64) {
            self.message = message
            self.beganNanoseconds = beganNanoseconds
        }
    }

    struct Settings {
        let subscription: Subscription
        let policy: InboundPolicy
        let concurrency: Int
        let queueMax: Int
        let callTimeout: Duration
    }

    private static let noObject = "it is no JSON object, and the subscription does not set rawPayload"
    /// Between attempts to publish to a dead-letter topic that is full.
    private static let deadLetterPause: Duration = .seconds(1)

    let subscription: Subscription
    private let settings: Settings
    private let channel: AppChannel
    private let broker: SharedBroker
    private let counters: CounterBox
    private let log: (SidecarLogEntry.Level, String) -> Void
    private var consumer: SharedBroker.Consumer?
    private var held: [UInt64: Delivery] = [:]
    /// What waits to be delivered together, where the subscription is a bulk one.
    private var batch: [(delivery: Delivery, entry: BulkCall.Entry)] = []
    private var batchTimer: TimerToken?
    private var isStopping = false
    private var stopped: (() -> Void)?

    init(
        _ settings: Settings, channel: AppChannel, broker: SharedBroker, counters: CounterBox,
        log: @escaping (SidecarLogEntry.Level, String) -> Void
    ) {
        self.settings = settings
        subscription = settings.subscription
        self.channel = channel
        self.broker = broker
        self.counters = counters
        self.log = log
    }

    private var loop: EventLoop { channel.client.loop }
    private var address: TopicAddress {
        TopicAddress(pubsubName: subscription.pubsubName, topic: subscription.topic)
    }

    func start() {
        let loop = loop
        consumer = broker.attach(group: channel.appID, to: address, queueMax: settings.queueMax) {
            [weak self] in
            loop.execute { [weak self] in self?.pump() }
        }
        pump()
    }

    /// Takes no more events and waits for the calls under way; events in a pause go back to the queue.
    func stop(_ completion: @escaping () -> Void) {
        isStopping = true
        stopped = completion
        for (number, delivery) in held {
            guard let pause = delivery.pause else { continue }
            loop.cancel(pause)
            forget(number)
        }
        for waiting in takeBatch() { forget(waiting.delivery.message.number) }
        finishStopping()
    }

    /// Gives every held event back to the queue at once: the end of a drain that took too long.
    func abandon() {
        for number in held.keys { forget(number) }
        finishStopping()
    }

    private func forget(_ number: UInt64) {
        guard held.removeValue(forKey: number) != nil else { return }
        counters.update { $0.inFlight -= 1 }
    }

    private func finishStopping() {
        guard isStopping, held.isEmpty, let stopped else { return }
        self.stopped = nil
        if let consumer { broker.detach(consumer) }
        consumer = nil
        stopped()
    }

    private var heldMax: Int { max(settings.concurrency, subscription.bulk?.messagesMax ?? 0) }

    private func pump() {
        guard !isStopping, let consumer else { return }
        while held.count < heldMax, let message = broker.take(consumer) {
            let delivery = Delivery(message, beganNanoseconds: loop.nowNanoseconds)
            held[message.number] = delivery
            counters.update { $0.inFlight += 1 }
            attempt(delivery)
        }
    }

    private func attempt(_ delivery: Delivery) {
        let event = delivery.message.event
        if let expiresAt = event.expiresAt, expiresAt < .now() {
            counters.update { $0.expired += 1 }
            return giveUp(delivery, reason: "its expiration \(expiresAt.rfc3339) has passed")
        }
        if let bulk = subscription.bulk {
            guard let entry = BulkCall.Entry(delivery.message, isRaw: subscription.isRawPayload) else {
                return giveUp(delivery, reason: Self.noObject)
            }
            return gather(delivery, entry, bulk)
        }
        let body: [UInt8]
        if subscription.isRawPayload {
            body = Envelope.wrapRaw(
                delivery.message, pubsubName: subscription.pubsubName, topic: subscription.topic,
                newID: RandomUUID.string())
        } else if event.isObject {
            body = event.data
        } else {
            return giveUp(delivery, reason: Self.noObject)
        }
        counters.update { $0.deliveryCalls += 1 }
        let limit = settings.policy.timeout ?? settings.callTimeout
        channel.deliver(body, of: delivery.message, for: subscription, within: limit) { [self] verdict in
            // Abandoned meanwhile: the event is in the queue again, and this answer is too late.
            guard held[delivery.message.number] === delivery else { return }
            settle(delivery, verdict)
        }
    }

    // MARK: Several at once

    private func gather(_ delivery: Delivery, _ entry: BulkCall.Entry, _ bulk: Subscription.Bulk) {
        batch.append((delivery, entry))
        if batch.count >= bulk.messagesMax { return deliverBatch() }
        guard batchTimer == nil else { return }
        batchTimer = loop.schedule(after: bulk.wait) { [weak self] in
            self?.batchTimer = nil
            self?.deliverBatch()
        }
    }

    private func takeBatch() -> [(delivery: Delivery, entry: BulkCall.Entry)] {
        if let batchTimer { loop.cancel(batchTimer) }
        batchTimer = nil
        defer { batch = [] }
        return batch
    }

    private func deliverBatch() {
        let taken = takeBatch()
        guard !taken.isEmpty else { return }
        counters.update { $0.deliveryCalls += 1 }
        let call = BulkCall(taken.map(\.entry), of: subscription)
        let limit = settings.policy.timeout ?? settings.callTimeout
        channel.deliver(call, for: subscription, within: limit) { [self] verdicts in
            for ((delivery, _), verdict) in zip(taken, verdicts)
            where held[delivery.message.number] === delivery { settle(delivery, verdict) }
        }
    }

    private func settle(_ delivery: Delivery, _ verdict: DeliveryVerdict) {
        switch verdict {
        case .acknowledge:
            counters.update { $0.acknowledged += 1 }
            release(delivery)
        case .drop(let reason):
            giveUp(delivery, reason: reason)
        case .retry(let status, let reason):
            delivery.failures += 1
            let elapsed = Duration.nanoseconds(
                Int64(clamping: loop.nowNanoseconds &- delivery.beganNanoseconds))
            let pause = settings.policy.retry?.pause(
                afterFailures: delivery.failures, elapsed: elapsed, status: status, random: .random(in: 0..<1)
            )
            guard let pause else { return giveUp(delivery, reason: reason) }
            counters.update { $0.retried += 1 }
            if delivery.failures == 1 {
                log(.warning, "event \(name(delivery)) failed and will be tried again: \(reason)")
            }
            wait(pause, delivery) { [self] in attempt(delivery) }
        }
    }

    /// While stopping nothing waits: the event goes back to the queue.
    private func wait(_ pause: Duration, _ delivery: Delivery, then next: @escaping () -> Void) {
        guard !isStopping else {
            forget(delivery.message.number)
            return finishStopping()
        }
        delivery.pause = loop.schedule(after: pause) {
            delivery.pause = nil
            next()
        }
    }

    private func giveUp(_ delivery: Delivery, reason: String) {
        let tries = delivery.failures == 0 ? "" : " after \(delivery.failures) tries"
        guard let deadLetterTopic = subscription.deadLetterTopic else {
            counters.update { $0.dropped += 1 }
            log(
                .error,
                "event \(name(delivery)) is dropped\(tries): \(reason). "
                    + "Set a dead-letter topic, or an inbound retry policy in a Resiliency, to keep such events"
            )
            return release(delivery)
        }
        let target = TopicAddress(pubsubName: subscription.pubsubName, topic: deadLetterTopic)
        switch broker.publish(delivery.message.event, metadata: delivery.message.metadata, to: target) {
        case .accepted:
            counters.update { $0.deadLettered += 1 }
            log(
                .warning,
                "event \(name(delivery)) goes to the dead-letter topic `\(deadLetterTopic)`\(tries): \(reason)"
            )
            release(delivery)
        case .queueFull(let group, let limit):
            log(
                .error,
                "event \(name(delivery)) waits: the dead-letter topic `\(deadLetterTopic)` has \(limit) events for "
                    + "the app `\(group)` already")
            wait(Self.deadLetterPause, delivery) { [self] in giveUp(delivery, reason: reason) }
        }
    }

    private func release(_ delivery: Delivery) {
        forget(delivery.message.number)
        if let consumer { broker.finish(delivery.message.number, by: consumer) }
        if isStopping { finishStopping() } else { pump() }
    }

    private func name(_ delivery: Delivery) -> String {
        let id = delivery.message.event.eventID
        return "`\(id.isEmpty ? "without id" : id)` of \(subscription.name)"
    }
}
