// ResourceFolder.swift: reads the resource folders that daprd's `--resources-path` names.
//
// Like daprd: not recursive, `.yaml` and `.yml`, several documents per file, other kinds are skipped. Unlike daprd
// a file that does not parse stops the start (see ResourceProblem.swift).

internal import Transport

/// Everything the folders hold for one app.
struct Resources: Sendable {
    var components: [Component] = []
    var subscriptions: [SubscriptionResource] = []
    var resiliency = Resiliency()
    var notes = ResourceNotes()

    /// Reads the folders in order. What is out of scope for `appID` is left out.
    static func read(folders: [String], appID: String) -> Resources {
        var resources = Resources()
        for folder in folders {
            let names: [String]
            do {
                names = try SystemFiles.names(in: folder)
            } catch {
                resources.notes.problems.append(
                    ResourceProblem(
                        file: folder, line: 0, what: "cannot read the folder of resources: \(error.reason)",
                        instead: "name a folder with Dapr YAML files, such as k8s/local/components"))
                continue
            }
            for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                resources.readFile("\(folder)/\(name)", appID: appID)
            }
        }
        resources.notes.problems += resources.resiliency.unresolvedNames()
        return resources
    }

    private mutating func readFile(_ path: String, appID: String) {
        let text: [UInt8]
        do {
            text = try FileSystem.readFile(path, bytesMax: SystemFiles.fileBytesMax)
        } catch {
            notes.problems.append(
                ResourceProblem(
                    file: path, line: 0, what: "cannot read the file: \(error.reasonText)",
                    instead: "check its permissions"))
            return
        }
        readText(text, file: path, appID: appID)
    }

    /// Reads one file's text.
    mutating func readText(_ text: [UInt8], file: String, appID: String) {
        do {
            for document in try YAMLReader.documents(in: text) {
                readDocument(ResourceFields(node: document, file: file, path: ""), appID: appID)
            }
        } catch {
            notes.problems.append(
                ResourceProblem(
                    file: file, line: error.line, what: "not valid YAML: \(error.message)",
                    instead: "check indentation and quotes near this line"))
        }
    }

    private mutating func readDocument(_ document: ResourceFields, appID: String) {
        guard case .mapping = document.node.content else {
            notes.problems.append(
                document.problem(
                    "the document is \(document.node.kindName)",
                    instead: "begin with `apiVersion: dapr.io/v1alpha1` and `kind: Component`"))
            return
        }
        guard let kind = document.requiredText("kind", example: "Component", &notes) else { return }
        guard ["Component", "Subscription", "Resiliency"].contains(kind) else {
            notes.warnings.append(
                document.problem(
                    "the kind `\(kind)` is not read by this build",
                    instead: "it reads Component, Subscription and Resiliency",
                    line: document.node["kind"]?.line))
            return
        }
        guard let apiVersion = document.requiredText("apiVersion", example: "dapr.io/v1alpha1", &notes) else {
            return
        }
        let versions =
            kind == "Subscription" ? ["dapr.io/v2alpha1", "dapr.io/v1alpha1"] : ["dapr.io/v1alpha1"]
        guard versions.contains(apiVersion) else {
            notes.problems.append(
                document.problem(
                    "`apiVersion` is `\(apiVersion)`", instead: "write `apiVersion: \(versions[0])`",
                    line: document.node["apiVersion"]?.line))
            return
        }
        document.warnUnknown(
            allowed: ["apiVersion", "kind", "metadata", "spec", "scopes"]
                + (kind == "Component" ? ["auth"] : []),
            &notes)
        let name = document.requiredFields("metadata", &notes)?.requiredText(
            "name", example: "statestore", &notes)
        guard let name else { return }
        let scopes = document.words("scopes", &notes)
        readResource(document, kind: kind, name: name, apiVersion: apiVersion, scopes: scopes, appID: appID)
    }

    private mutating func readResource(
        _ document: ResourceFields, kind: String, name: String, apiVersion: String, scopes: [String],
        appID: String
    ) {
        switch kind {
        case "Component":
            guard let component = Component(document, name: name, scopes: scopes, &notes),
                component.isInScope(of: appID)
            else { return }
            if let other = components.first(where: { $0.name == name }) {
                notes.problems.append(
                    component.problem(
                        "the name is taken by \(other.file):\(other.line)", instead: "give it another name"))
                return
            }
            components.append(component)
        case "Subscription":
            guard
                let resource = SubscriptionResource(
                    document, name: name, apiVersion: apiVersion, scopes: scopes, &notes),
                resource.isInScope(of: appID)
            else { return }
            subscriptions.append(resource)
        default:
            guard let other = Resiliency(document, scopes: scopes, &notes), other.isInScope(of: appID) else {
                return
            }
            resiliency.merge(other)
        }
    }
}
