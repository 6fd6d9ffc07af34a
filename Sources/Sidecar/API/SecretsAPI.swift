// SecretsAPI.swift: `/v1.0/secrets/…`. Source: contract 3.5.

internal import DaprContract

struct SecretsAPI: Sendable {
    let stores: [String: any SecretStore]

    /// `{"user":"…","password":"…"}`
    func get(store name: String, secret: String) throws(APIError) -> APIReply {
        let store = try store(name)
        do {
            return .json(Self.text(try store.secret(secret)))
        } catch {
            throw APIError(
                .secretGet,
                "failed getting secret with key \(secret) from secret store \(name): \(error.reason)")
        }
    }

    /// `{"postgres":{"user":"…"}}`
    func bulk(store name: String) throws(APIError) -> APIReply {
        let secrets = try store(name).all()
        return .json(
            JSONText.object { object in
                for (name, values) in secrets { object.add(name, raw: Self.text(values)) }
            })
    }

    private static func text(_ values: SecretValues) -> [UInt8] {
        JSONText.object { object in
            for (key, value) in values { object.add(key, text: value) }
        }
    }

    private func store(_ name: String) throws(APIError) -> any SecretStore {
        if let store = stores[name] { return store }
        guard !stores.isEmpty else {
            throw APIError(.secretStoresNotConfigured, "secret store is not configured")
        }
        throw APIError(.secretStoreNotFound, "failed finding secret store with key \(name)")
    }
}
