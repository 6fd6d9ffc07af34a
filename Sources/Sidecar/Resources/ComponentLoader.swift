// ComponentLoader.swift: makes components work: resolves their metadata, opens stores, reads secrets.
//
// Runs once, at start, on the thread that starts the sidecar; it may block. Secret stores come first, because other
// components refer to them. Neighbours: Component.swift (what files say), ComponentLoader+Types.swift (each type).

internal import DaprContract
internal import Transport

/// A state store that works.
struct LoadedStateStore: Sendable {
    let store: any StateStore
    let keys: StateKeys
}

/// A pub/sub component; its topics are in the SharedBroker.
struct LoadedPubSub: Sendable {
    let scopes: TopicScopes
    /// Deliveries at once, per subscription.
    let concurrency: Int
    let queueMax: Int
}

/// What `/v1.0/metadata` tells about a component.
struct ComponentSummary: Sendable, Equatable {
    let name: String
    let type: String
    let version: String
    let capabilities: [String]
}

/// Everything that works.
struct LoadedComponents: Sendable {
    var stateStores: [String: LoadedStateStore] = [:]
    var pubsubs: [String: LoadedPubSub] = [:]
    var secretStores: [String: any SecretStore] = [:]
    var configurationStores: [String: LoadedConfiguration] = [:]
    var bindings: [String: LoadedBinding] = [:]
    var lockStores: [String: LoadedLockStore] = [:]
    /// Input bindings that ring by a schedule.
    var crons: [CronComponent] = []
    var summaries: [ComponentSummary] = []

    /// Finishes what was submitted to stores and bindings. Blocks.
    func close() {
        for store in stateStores.values { store.store.close() }
        for case .folder(let binding) in bindings.values { binding.close() }
    }
}

/// Builds `LoadedComponents`; collects every problem before it gives up.
struct ComponentLoader {
    let configuration: SidecarConfiguration
    private(set) var loaded = LoadedComponents()
    private(set) var problems: [ResourceProblem] = []
    /// Components with `ignoreErrors: true` that do not work.
    private(set) var ignored: [ResourceProblem] = []

    init(_ configuration: SidecarConfiguration) { self.configuration = configuration }

    mutating func load(_ components: [Component]) {
        checkOverrides(components)
        for component in components where component.type.hasPrefix("secretstores.") { load(component) }
        for component in components where !component.type.hasPrefix("secretstores.") { load(component) }
    }

    /// Closes what was opened. Used when something else keeps the sidecar from starting.
    func closeStores() {
        loaded.close()
    }

    private mutating func load(_ component: Component) {
        var problems: [ResourceProblem] = []
        let metadata = resolve(component, &problems)
        if problems.isEmpty {
            do throws(ResourceProblem) {
                let capabilities = try loaded.add(component, metadata, configuration)
                loaded.summaries.append(
                    ComponentSummary(
                        name: component.name, type: component.type, version: component.version,
                        capabilities: capabilities))
            } catch {
                problems.append(error)
            }
        }
        if component.ignoreErrors { ignored += problems } else { self.problems += problems }
    }

    private mutating func checkOverrides(_ components: [Component]) {
        for name in configuration.metadataOverrides.keys.sorted()
        where !components.contains(where: { $0.name == name }) {
            problems.append(
                ResourceProblem(
                    file: configuration.resourceFolders.joined(separator: ", "), line: 0,
                    what: "the settings replace metadata of the component `\(name)`, which no file has",
                    instead: "components here: \(components.map(\.name).joined(separator: " "))"))
        }
    }

    /// Metadata as plain text: overrides, secrets, variables, then the placeholders.
    private func resolve(_ component: Component, _ problems: inout [ResourceProblem]) -> ComponentMetadata {
        var values: [String: String] = [:]
        var lines: [String: Int] = [:]
        for item in component.metadata {
            lines[item.name] = item.line
            if configuration.metadataOverrides[component.name]?[item.name] != nil { continue }
            do throws(ResourceProblem) {
                values[item.name] = try substitute(
                    resolve(item, of: component), in: component, line: item.line)
            } catch {
                problems.append(error)
            }
        }
        values.merge(configuration.metadataOverrides[component.name] ?? [:]) { $1 }
        return ComponentMetadata(component: component, values: values, lines: lines)
    }

    private func resolve(
        _ item: Component.Metadata, of component: Component
    ) throws(ResourceProblem) -> String {
        switch item.source {
        case .literal(let text):
            return text
        case .environment(let variable):
            guard !EnvironmentSecrets.isPrivate(variable) else {
                throw component.problem(
                    "`\(item.name)` refers to the variable `\(variable)`, which belongs to Dapr",
                    instead: "use a variable of another name", line: item.line)
            }
            return ProcessEnvironment.all[variable] ?? ""
        case .secret(let name, let key):
            guard let storeName = component.secretStore, let store = loaded.secretStores[storeName] else {
                throw component.problem(
                    "`\(item.name)` refers to a secret, and `auth.secretStore` names no secret store that works",
                    instead: "add `auth:` with `secretStore: secrets` beside `spec:`", line: item.line)
            }
            let values = (try? store.secret(name)) ?? []
            guard
                let value = values.first(where: { $0.key == key }) ?? (values.count == 1 ? values.first : nil)
            else {
                throw component.problem(
                    "`\(item.name)` refers to the secret `\(name)`, key `\(key)`, which `\(storeName)` does not have",
                    instead: "add it to the secrets, or correct the name", line: item.line)
            }
            return value.value
        }
    }

    /// `{uuid}`, `{appID}`, `{namespace}`; `{podName}` has no meaning outside Kubernetes.
    private func substitute(
        _ text: String, in component: Component, line: Int
    ) throws(ResourceProblem) -> String {
        guard text.contains("{") else { return text }
        if text.contains("{podName}") {
            throw component.problem(
                "`{podName}` has no value here", instead: "use `{appID}` or write the value", line: line)
        }
        let namespaced = "\(configuration.namespace).\(configuration.appID)"
        return text.replacing("{uuid}", with: RandomUUID.string())
            .replacing("{appID}", with: configuration.appID).replacing("{namespace}", with: namespaced)
    }
}
