// FileSecrets.swift: `secretstores.local.file`: secrets from a JSON file that is read once, at start.
//
// Single-valued, nested objects are flattened: `{"db":{"user":"u"}}` has the secret `db:user`. Multi-valued, each top
// key is a secret with the (flattened) keys below it. Source: contract 6.2.

struct FileSecrets: SecretStore {
    private let secrets: [String: SecretValues]
    let capabilities: [String]

    /// - Throws: what is wrong with the file, for a message that names it.
    init(json text: [UInt8], nestedSeparator: String, isMultiValued: Bool) throws(SecretFileError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(text)
        } catch {
            throw SecretFileError(reason: "not valid JSON: \(error)")
        }
        secrets = try document.read { root throws(SecretFileError) in
            guard root.isObject else { throw SecretFileError(reason: "the file holds no JSON object") }
            return isMultiValued
                ? Self.multiValued(root, separator: nestedSeparator)
                : Self.singleValued(root, separator: nestedSeparator)
        }
        capabilities = isMultiValued ? ["MULTIPLE_KEY_VALUES_PER_SECRET"] : []
    }

    func secret(_ name: String) throws(SecretFailure) -> SecretValues {
        guard let values = secrets[name] else { throw .notFound }
        return values
    }

    func all() -> [(name: String, values: SecretValues)] {
        secrets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func multiValued(_ root: JSONPart, separator: String) -> [String: SecretValues] {
        var secrets: [String: SecretValues] = [:]
        for (name, part) in root.entries {
            secrets[name] =
                part.isObject || part.isList
                ? flatten(part, path: [], separator: separator) : [(name, text(part))]
        }
        return secrets
    }

    private static func singleValued(_ root: JSONPart, separator: String) -> [String: SecretValues] {
        var secrets: [String: SecretValues] = [:]
        for (path, value) in flatten(root, path: [], separator: separator) { secrets[path] = [(path, value)] }
        return secrets
    }

    private static func flatten(_ part: JSONPart, path: [String], separator: String) -> SecretValues {
        if part.isObject {
            return part.entries.flatMap { flatten($0.part, path: path + [$0.name], separator: separator) }
        }
        if part.isList {
            return part.items.enumerated().flatMap {
                flatten($0.element, path: path + [String($0.offset)], separator: separator)
            }
        }
        return [(path.joined(separator: separator), text(part))]
    }

    /// Texts as they are, other values as JSON writes them.
    private static func text(_ part: JSONPart) -> String {
        part.string ?? String(decoding: part.text, as: UTF8.self)
    }
}

struct SecretFileError: Error, Equatable {
    let reason: String
}
