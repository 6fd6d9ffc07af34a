// ComponentTypes.swift: the component types of this build, and how each is opened.

internal import Machine
internal import Transport

extension LoadedComponents {
    /// Types that this build knows, for messages.
    static let types = [
        "state.sqlite", "state.in-memory", "pubsub.in-memory", "secretstores.local.file",
        "secretstores.local.env", "configuration.local.file", "bindings.localstorage", "bindings.http",
        "lock.in-memory",
        "bindings.cron",
    ]
    private static let stateCapabilities = ["ETAG", "TRANSACTIONAL", "TTL"]

    /// Opens a component and answers its capabilities.
    mutating func add(
        _ component: Component, _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> [String] {
        guard component.version == "v1" || !Self.types.contains(component.type) else {
            throw component.problem(
                "`\(component.type)` has no version `\(component.version)`", instead: "write `version: v1`")
        }
        switch component.type {
        case "state.sqlite":
            let keys = try Self.keys(metadata, configuration)
            let settings = try Self.sqliteSettings(metadata, configuration)
            do {
                stateStores[component.name] = LoadedStateStore(store: try SQLiteStore(settings), keys: keys)
            } catch {
                throw metadata.problem(
                    "connectionString",
                    "leads to `\(settings.path)`, which SQLite cannot open: \(error.reason)",
                    instead: "check that its folder exists and may be written")
            }
            return Self.stateCapabilities
        case "state.in-memory":
            let keys = try Self.keys(metadata, configuration)
            stateStores[component.name] = LoadedStateStore(store: MemoryStore(), keys: keys)
            return Self.stateCapabilities
        case "pubsub.in-memory":
            pubsubs[component.name] = try Self.pubsub(metadata, configuration)
            return []
        case "lock.in-memory":
            lockStores[component.name] = LoadedLockStore(
                name: component.name, keys: try Self.keys(metadata, configuration))
            return []
        case "secretstores.local.file":
            let store = try Self.fileSecrets(metadata, configuration)
            secretStores[component.name] = store
            return store.capabilities
        case "secretstores.local.env":
            secretStores[component.name] = EnvironmentSecrets(
                prefix: metadata["prefix"] ?? "", variables: ProcessEnvironment.all)
            return []
        case "configuration.local.file":
            configurationStores[component.name] = try Self.fileConfiguration(metadata, configuration)
            return []
        case "bindings.localstorage":
            bindings[component.name] = .folder(try Self.folderBinding(metadata, configuration))
            return []
        case "bindings.cron":
            crons.append(try Self.cron(metadata))
            return []
        case "bindings.http":
            bindings[component.name] = .http(try Self.httpBinding(metadata))
            return []
        default:
            throw component.problem(
                "the type `\(component.type)` is not in this build",
                instead: "use one of \(types(like: component.type)), or run daprd beside `patchbay run`")
        }
    }

    private static func pubsub(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> LoadedPubSub {
        let scopes = metadata.dictionary([
            "allowedTopics", "protectedTopics", "publishingScopes", "subscriptionScopes",
        ])
        return LoadedPubSub(
            scopes: TopicScopes(scopes, appID: configuration.appID),
            concurrency: try metadata.positive("concurrency", default: 10), queueMax: configuration.limits.queueMax)
    }

    private static func cron(_ metadata: ComponentMetadata) throws(ResourceProblem) -> CronComponent {
        let text = try metadata.required("schedule", example: "@every 15m")
        let name = metadata.component.name
        let route = metadata["route"] ?? name
        do throws(Schedule.Problem) {
            return CronComponent(
                name: name, path: AppChannel.target(path: route), schedule: try Schedule(text),
                isForced: metadata["direction"]?.contains("input") ?? false)
        } catch {
            throw metadata.problem(
                "schedule", "is `\(text)`: \(error.message)", instead: "write `@every 15m` or `0 3 * * *`")
        }
    }

    private func types(like type: String) -> String {
        let category = type.prefix { $0 != "." }
        let alike = Self.types.filter { $0.hasPrefix(category + ".") }
        return (alike.isEmpty ? Self.types : alike).joined(separator: ", ")
    }

    private static func keys(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> StateKeys {
        let prefix = metadata["keyPrefix"]
        guard
            let keys = StateKeys(
                keyPrefix: prefix, appID: configuration.appID, namespace: configuration.namespace,
                storeName: metadata.component.name)
        else {
            throw metadata.problem(
                "keyPrefix", "is `\(prefix ?? "")`, and `||` separates the prefix from the key",
                instead: "write a prefix without `||`")
        }
        return keys
    }

    private static func sqliteSettings(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> SQLiteSettings {
        let connection = try metadata.required("connectionString", example: "state.db")
        var settings = SQLiteSettings(path: absolute(database: connection, configuration.workingFolder))
        settings.tableName = try metadata.identifier("tableName", default: settings.tableName)
        settings.metadataTableName = try metadata.identifier(
            "metadataTableName", default: settings.metadataTableName)
        settings.busyTimeout = try metadata.duration("busyTimeout", default: settings.busyTimeout)
        settings.usesWAL = !metadata.flag("disableWAL")
        _ = try metadata.duration("timeout", default: .seconds(20))
        let cleanup = try metadata.duration("cleanupInterval", default: .zero)
        settings.cleanupInterval = cleanup > .zero ? cleanup : nil
        return settings
    }

    /// `state.db`, `file:state.db?mode=ro` and `:memory:`: a relative file begins at the working folder.
    static func absolute(database: String, _ folder: String) -> String {
        if database == ":memory:" || database.hasPrefix("file::memory:") { return database }
        guard database.hasPrefix("file:") else { return absolute(file: database, folder) }
        return "file:" + absolute(file: String(database.dropFirst("file:".count)), folder)
    }

    static func absolute(file: String, _ folder: String) -> String {
        file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)"
    }

    private static func httpBinding(_ metadata: ComponentMetadata) throws(ResourceProblem) -> HTTPBinding {
        let url = try metadata.required("url", example: "http://127.0.0.1:8080")
        let isLenient = metadata["errorIfNot2XX"].map { !GoText.isTruthy($0) } ?? false
        guard let binding = HTTPBinding(url: url, failsUnless2XX: !isLenient) else {
            throw metadata.problem(
                "url", "is `\(url)`", instead: "write `http://host:port/path`; TLS is not in this build")
        }
        return binding
    }

    private static func folderBinding(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> FolderBinding {
        let path = absolute(file: try metadata.required("rootPath", example: "files"), configuration.workingFolder)
        do {
            try FileSystem.makeFolder(path)
        } catch {
            throw metadata.problem(
                "rootPath", "leads to `\(path)`, which cannot be made: \(error.reasonText)",
                instead: "name a folder that may be written; a relative path begins at the sidecar's working folder")
        }
        do {
            return try FolderBinding(folder: path)
        } catch {
            throw metadata.problem("rootPath", "cannot be served: \(error)", instead: "start fewer sidecars at once")
        }
    }

    private static func fileConfiguration(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> LoadedConfiguration {
        let text = try text(ofFile: "configurationFile", example: "settings.json", metadata, configuration)
        do {
            return try LoadedConfiguration(json: text.bytes)
        } catch {
            throw metadata.problem(
                "configurationFile", "leads to `\(text.path)`: \(error.reason)",
                instead: #"write an object of settings: { "limit": "10" }"#)
        }
    }

    private static func text(
        ofFile name: String, example: String, _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> (path: String, bytes: [UInt8]) {
        let path = absolute(file: try metadata.required(name, example: example), configuration.workingFolder)
        do {
            return (path, try FileSystem.readFile(path, bytesMax: SystemFiles.fileBytesMax))
        } catch {
            throw metadata.problem(
                name, "leads to `\(path)`, which cannot be read: \(error.reasonText)",
                instead: "write the JSON file; a relative path begins at the sidecar's working folder")
        }
    }

    private static func fileSecrets(
        _ metadata: ComponentMetadata, _ configuration: SidecarConfiguration
    ) throws(ResourceProblem) -> FileSecrets {
        let (path, text) = try text(ofFile: "secretsFile", example: "secrets.json", metadata, configuration)
        do {
            return try FileSecrets(
                json: text, nestedSeparator: metadata["nestedSeparator"] ?? ":",
                isMultiValued: metadata.flag("multiValued"))
        } catch {
            throw metadata.problem(
                "secretsFile", "leads to `\(path)`: \(error.reason)",
                instead: #"write an object of secrets: { "postgres": { "user": "…" } }"#)
        }
    }
}
