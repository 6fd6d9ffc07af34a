// ConfigurationAPI.swift: `GET /v1.0/configuration/{store}?key=…`. Source: contract 3.6.

internal import DaprContract
internal import Wire

/// Settings by key, read once, at start.
struct LoadedConfiguration: Sendable {
    struct Item: Sendable, Equatable {
        var value: String
        var version = ""
    }
    let items: [String: Item]

    /// `{ "limit": "10", "mode": { "value": "fast", "version": "2" } }`
    ///
    /// - Throws: what is wrong with the file, for a message that names it.
    init(json text: [UInt8]) throws(SecretFileError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(text)
        } catch {
            throw SecretFileError(reason: "not valid JSON: \(error)")
        }
        items = try document.read { root throws(SecretFileError) in
            guard root.isObject else { throw SecretFileError(reason: "the file holds no JSON object") }
            var items: [String: Item] = [:]
            for (name, part) in root.entries {
                items[name] = Item(
                    value: Self.text(part[ConfigurationField.value] ?? part),
                    version: part[ConfigurationField.version].map(Self.text) ?? "")
            }
            return items
        }
    }

    /// Texts as they are, other values as JSON writes them.
    private static func text(_ part: JSONPart) -> String { part.string ?? String(decoding: part.text, as: UTF8.self) }
}

struct ConfigurationAPI: Sendable {
    let stores: [String: LoadedConfiguration]

    /// - Parameter query: `key=a&key=b`; none asks for all.
    func get(store name: String, query: String) throws(APIError) -> APIReply {
        guard !stores.isEmpty else {
            throw APIError(.configurationStoreNotConfigured, "configuration stores not configured")
        }
        guard let store = stores[name] else {
            throw APIError(.configurationStoreNotFound, "configuration store \(name) not found")
        }
        let asked = (PercentCoding.items(ofQuery: query) ?? []).filter { $0.name == ConfigurationField.key }.map(
            \.value)
        let keys = asked.isEmpty ? store.items.keys.sorted() : asked
        let found = keys.filter { store.items[$0] != nil }
        guard !found.isEmpty else { return .noContent }
        return .json(
            JSONText.object { object in
                for key in found {
                    guard let item = store.items[key] else { continue }
                    object.add(
                        key,
                        raw: JSONText.object { inner in
                            inner.add(ConfigurationField.value, text: item.value)
                            inner.add(ConfigurationField.version, text: item.version)
                            inner.add(ConfigurationField.metadata, raw: JSONText.dictionary([:]))
                        })
                }
            })
    }
}
