// SharedBroker.swift: the topics of `pubsub.in-memory`, shared by the sidecars of one process.
//
// A consumer group is an app id: each group gets every event once. A group outlives its consumers, so events wait
// while an app or its sidecar restarts. A topic that nobody subscribed to keeps its newest events for the first
// group that comes, as a Redis stream would; a dead-letter topic can be looked at that way.
// Law: every queue has a limit and a named end. Neighbours: Dispatcher.swift (takes events and delivers them).

internal import Synchronization

/// An event as the publisher's sidecar stored it.
struct BrokerMessage: Sendable {
    /// Unique in the broker.
    let number: UInt64
    let event: Envelope
    /// Of the publish request; each becomes a header of the delivery.
    let metadata: [String: String]
}

/// A topic of a pub/sub component.
struct TopicAddress: Hashable, Sendable {
    let pubsubName: String
    let topic: String
}

/// Topics and groups. Thread-safe; inject one object into every sidecar of a session.
package final class SharedBroker: Sendable {
    /// What became of a publish.
    enum Outcome: Equatable, Sendable {
        case accepted
        /// This group's queue was full; no group got the event.
        case queueFull(group: String, limit: Int)
    }

    /// One sidecar's hold on a group.
    struct Consumer: Hashable, Sendable {
        let address: TopicAddress
        let group: String
        let number: UInt64
    }

    private struct Group {
        var queue: MessageQueue = MessageQueue()
        var queueMax: Int
        var consumers: [UInt64: @Sendable () -> Void] = [:]
        /// What each consumer has taken and not finished.
        var held: [UInt64: [UInt64: BrokerMessage]] = [:]
    }

    private struct Topic {
        var groups: [String: Group] = [:]
        var retained = MessageQueue()
    }

    private struct State {
        var topics: [TopicAddress: Topic] = [:]
        var nextNumber: UInt64 = 1
        var forgotten: UInt64 = 0
    }

    /// Events kept by a topic without subscribers; the oldest is forgotten, and counted, beyond that.
    package let retainedMax: Int
    private let state = Mutex(State())

    package init(retainedMax: Int = 10_000) { self.retainedMax = retainedMax }

    /// Stores the event for every group of the topic, or for none.
    func publish(_ event: Envelope, metadata: [String: String], to address: TopicAddress) -> Outcome {
        let (outcome, wakes) = state.withLock { state -> (Outcome, [@Sendable () -> Void]) in
            var topic = state.topics.removeValue(forKey: address) ?? Topic()
            defer { state.topics[address] = topic }
            if let full = topic.groups.first(where: { $0.value.queue.count >= $0.value.queueMax }) {
                return (.queueFull(group: full.key, limit: full.value.queueMax), [])
            }
            let message = BrokerMessage(number: state.nextNumber, event: event, metadata: metadata)
            state.nextNumber += 1
            guard !topic.groups.isEmpty else {
                topic.retained.append(message)
                if topic.retained.count > retainedMax, topic.retained.popFirst() != nil {
                    state.forgotten += 1
                }
                return (.accepted, [])
            }
            var wakes: [@Sendable () -> Void] = []
            for name in topic.groups.keys {
                topic.groups[name]?.queue.append(message)
                wakes += topic.groups[name].map { Array($0.consumers.values) } ?? []
            }
            return (.accepted, wakes)
        }
        for wake in wakes { wake() }
        return outcome
    }

    /// Joins the group, which begins to exist with its first consumer. `wake` is called, on any thread, when there
    /// may be something to take.
    func attach(
        group name: String, to address: TopicAddress, queueMax: Int, wake: @escaping @Sendable () -> Void
    ) -> Consumer {
        state.withLock { state in
            var topic = state.topics.removeValue(forKey: address) ?? Topic()
            var group = topic.groups[name] ?? Group(queueMax: queueMax)
            while let message = topic.retained.popFirst() { group.queue.append(message) }
            let number = state.nextNumber
            state.nextNumber += 1
            group.queueMax = queueMax
            group.consumers[number] = wake
            topic.groups[name] = group
            state.topics[address] = topic
            return Consumer(address: address, group: name, number: number)
        }
    }

    /// The oldest waiting event; the consumer holds it until `finish`.
    func take(_ consumer: Consumer) -> BrokerMessage? {
        state.withLock { state in
            guard let message = state.topics[consumer.address]?.groups[consumer.group]?.queue.popFirst()
            else {
                return nil
            }
            state.topics[consumer.address]?.groups[consumer.group]?
                .held[consumer.number, default: [:]][message.number] = message
            return message
        }
    }

    /// The event is done: acknowledged, dropped or dead-lettered.
    func finish(_ number: UInt64, by consumer: Consumer) {
        state.withLock { state in
            state.topics[consumer.address]?.groups[consumer.group]?.held[consumer.number]?[number] = nil
        }
    }

    /// Leaves the group. What the consumer still held is first in line again.
    func detach(_ consumer: Consumer) {
        let wakes = state.withLock { state -> [@Sendable () -> Void] in
            guard var group = state.topics[consumer.address]?.groups[consumer.group] else { return [] }
            let held = group.held.removeValue(forKey: consumer.number) ?? [:]
            for number in held.keys.sorted().reversed() { held[number].map { group.queue.prepend($0) } }
            group.consumers[consumer.number] = nil
            state.topics[consumer.address]?.groups[consumer.group] = group
            return Array(group.consumers.values)
        }
        for wake in wakes { wake() }
    }

    /// Events of a topic that wait or are being delivered, over all groups; kept ones when there is no group.
    package func backlog(pubsub: String, topic: String) -> Int {
        state.withLock { state in
            guard let topic = state.topics[TopicAddress(pubsubName: pubsub, topic: topic)] else { return 0 }
            return topic.groups.values.reduce(topic.retained.count) { sum, group in
                sum + group.queue.count + group.held.values.reduce(0) { $0 + $1.count }
            }
        }
    }

    /// Events that topics without subscribers forgot.
    package var forgottenCount: UInt64 { state.withLock { $0.forgotten } }
}

/// First in, first out, with room at the front for what comes back.
struct MessageQueue: Sendable {
    private var items: [BrokerMessage?] = []
    private var head = 0

    var count: Int { items.count - head }

    mutating func append(_ message: BrokerMessage) { items.append(message) }

    mutating func prepend(_ message: BrokerMessage) {
        if head > 0 {
            head -= 1
            items[head] = message
        } else {
            items.insert(message, at: 0)
        }
    }

    mutating func popFirst() -> BrokerMessage? {
        guard head < items.count else { return nil }
        let message = items[head]
        items[head] = nil
        head += 1
        // Amortised: each item is moved at most once per doubling.
        if head > 64, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return message
    }
}
