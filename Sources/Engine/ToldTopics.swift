// ToldTopics.swift: which topics the sidecar was told of, so that a reload can say which ones it will not deliver.
//
// A sidecar asks for subscriptions once in its life (contract, section 1.3). A topic that a reload adds afterwards comes
// only when it asks again. Neighbours: AppPort.swift (answers the question), Reloading.swift (compares).

internal import Synchronization

final class ToldTopics: Sendable {
    /// Nil until the sidecar has asked.
    private let topics = Mutex<Set<TopicName>?>(nil)

    func tell(_ told: some Sequence<TopicName>) { topics.withLock { $0 = Set(told) } }

    /// Topics of a deployment that the sidecar has not heard of; none before it has asked.
    func missing(in deployment: Deployment) -> [TopicName] {
        topics.withLock { told in
            guard let told else { return [] }
            return deployment.subscriptions.map(\.topic).filter { !told.contains($0) }
        }
    }
}
