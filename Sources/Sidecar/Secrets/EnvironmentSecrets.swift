// EnvironmentSecrets.swift: `secretstores.local.env`: secrets from the sidecar's own environment.
//
// As in Dapr a missing variable is an empty text and no error. `APP_API_TOKEN` and `DAPR_*` are refused.

internal import DaprContract

struct EnvironmentSecrets: SecretStore {
    /// Put before every name that is asked for.
    let prefix: String
    /// A picture of the environment, by name.
    let variables: [String: String]
    let capabilities: [String] = []

    func secret(_ name: String) throws(SecretFailure) -> SecretValues {
        let variable = prefix + name
        guard !Self.isPrivate(variable) else { throw .refused }
        return [(name, variables[variable] ?? "")]
    }

    func all() -> [(name: String, values: SecretValues)] {
        variables.keys.filter { $0.hasPrefix(prefix) && !Self.isPrivate($0) }.sorted().map { variable in
            let name = String(variable.dropFirst(prefix.count))
            return (name, [(name, variables[variable] ?? "")])
        }
    }

    /// Belongs to Dapr itself.
    static func isPrivate(_ variable: String) -> Bool {
        variable.uppercased() == DaprEnvironment.appToken
            || variable.uppercased().hasPrefix(DaprEnvironment.privatePrefix)
    }
}
