// Component.swift: the `Component` resource: a name, a type and its metadata.
//
// Shape: dapr.io/v1alpha1. Metadata stays unresolved here: secrets and variables are looked up by ComponentLoader.
// Neighbours: ResourceFolder.swift (reads files), ComponentLoader.swift (makes it work).

/// A component as its file says it.
struct Component: Sendable, Equatable {
    /// Where a metadata value comes from.
    enum Source: Sendable, Equatable {
        case literal(String)
        /// `secretKeyRef`: a secret of `auth.secretStore`.
        case secret(name: String, key: String)
        /// `envRef`: the sidecar's environment.
        case environment(String)
    }

    struct Metadata: Sendable, Equatable {
        let name: String
        let source: Source
        let line: Int
    }

    let name: String
    /// `state.sqlite`
    let type: String
    let version: String
    let metadata: [Metadata]
    /// A failure to start it does not stop the sidecar.
    let ignoreErrors: Bool
    let secretStore: String?
    /// Ids of the apps that load it; empty means all.
    let scopes: [String]
    let file: String
    /// Of `spec.type`.
    let line: Int

    func isInScope(of appID: String) -> Bool { scopes.isEmpty || scopes.contains(appID) }

    func problem(_ what: String, instead: String, line: Int? = nil) -> ResourceProblem {
        ResourceProblem(
            file: file, line: line ?? self.line, what: "component `\(name)`: \(what)", instead: instead)
    }
}

extension Component {
    /// Reads one document; nil when something essential is missing (then noted).
    init?(_ document: ResourceFields, name: String, scopes: [String], _ notes: inout ResourceNotes) {
        guard let spec = document.requiredFields("spec", &notes) else { return nil }
        spec.warnUnknown(
            allowed: ["type", "version", "ignoreErrors", "initTimeout", "metadata"], &notes)
        let type = spec.requiredText("type", example: "state.sqlite", &notes)
        let version = spec.requiredText("version", example: "v1", &notes)
        _ = spec.duration("initTimeout", &notes)
        var metadata: [Metadata] = []
        for record in spec.records("metadata", &notes) {
            if let item = Self.readMetadata(record, &notes) {
                if metadata.contains(where: { $0.name == item.name }) {
                    notes.problems.append(
                        record.problem(
                            "the metadata `\(item.name)` stands here for the second time", instead: "keep one"
                        ))
                }
                metadata.append(item)
            }
        }
        guard let type, let version else { return nil }
        self.init(
            name: name, type: type, version: version, metadata: metadata,
            ignoreErrors: spec.flag("ignoreErrors", &notes),
            secretStore: document.fields("auth", &notes)?.text("secretStore", &notes), scopes: scopes,
            file: document.file, line: spec.node["type"]?.line ?? spec.node.line)
    }

    private static func readMetadata(_ record: ResourceFields, _ notes: inout ResourceNotes) -> Metadata? {
        record.warnUnknown(allowed: ["name", "value", "secretKeyRef", "envRef"], &notes)
        guard let name = record.requiredText("name", example: "connectionString", &notes) else { return nil }
        if let secret = record.fields("secretKeyRef", &notes) {
            guard let secretName = secret.requiredText("name", example: "redis", &notes) else { return nil }
            let key = secret.text("key", &notes) ?? secretName
            return Metadata(name: name, source: .secret(name: secretName, key: key), line: record.node.line)
        }
        if let variable = record.text("envRef", &notes) {
            return Metadata(name: name, source: .environment(variable), line: record.node.line)
        }
        let value = record.text("value", &notes) ?? ""
        return Metadata(name: name, source: .literal(value), line: record.node.line)
    }
}
