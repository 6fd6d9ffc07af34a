// MetadataAPI.swift: `/v1.0/metadata`: what this sidecar is, loaded and subscribed to. Source: contract 3.8.

internal import DaprContract

/// A picture of a sidecar, as its API shows it.
struct MetadataPicture {
    /// Of the contract that this sidecar follows; a client that asks for features by version gets the right answer.
    static let runtimeVersion = "1.18.3-patchbay"

    let appID: String
    let components: [ComponentSummary]
    let subscriptions: [Subscription]
    /// Set by `PUT /v1.0/metadata/{key}`.
    let extended: [String: String]
    let app: (host: String, port: Int)?

    /// The whole reply.
    var text: [UInt8] {
        JSONText.object { object in
            object.add("id", text: appID)
            object.add("runtimeVersion", text: Self.runtimeVersion)
            object.add("enabledFeatures", raw: JSONText.list([]))
            object.add("components", raw: JSONText.list(components.map(Self.text)))
            let own = ["daprRuntimeVersion": Self.runtimeVersion]
            object.add("extended", raw: JSONText.dictionary(own.merging(extended) { $1 }))
            object.add("subscriptions", raw: JSONText.list(subscriptions.map(Self.text)))
            if let app {
                let properties = JSONText.object { object in
                    object.add("port", raw: Array(String(app.port).utf8))
                    object.add("protocol", text: "http")
                    object.add("channelAddress", text: app.host)
                }
                object.add("appConnectionProperties", raw: properties)
            }
        }
    }

    private static func text(_ component: ComponentSummary) -> [UInt8] {
        JSONText.object { object in
            object.add("name", text: component.name)
            object.add("type", text: component.type)
            object.add("version", text: component.version)
            object.add("capabilities", raw: JSONText.list(component.capabilities.map { JSONText.quoted($0) }))
        }
    }

    private static func text(_ subscription: Subscription) -> [UInt8] {
        JSONText.object { object in
            object.add(SubscriptionField.pubsubname, text: subscription.pubsubName)
            object.add(SubscriptionField.topic, text: subscription.topic)
            let rule = JSONText.object { rule in
                rule.add(SubscriptionField.match, text: "")
                rule.add(SubscriptionField.path, text: subscription.path)
            }
            object.add(SubscriptionField.rules, raw: JSONText.list([rule]))
            if !subscription.metadata.isEmpty {
                object.add(SubscriptionField.metadata, raw: JSONText.dictionary(subscription.metadata))
            }
            if let topic = subscription.deadLetterTopic {
                object.add(SubscriptionField.deadLetterTopic, text: topic)
            }
            object.add(SubscriptionField.type, text: subscription.origin.rawValue)
        }
    }
}
