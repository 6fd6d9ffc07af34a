// StateAPI.swift: `/v1.0/state/…`: reads requests, asks the store, answers with Dapr's statuses.
//
// Source: contract 3.1 and 3.2, with the table of status codes. Replies come from the store's thread; nothing here
// keeps state. Neighbours: StateRequests.swift (request bodies), State/StateStore.swift.

internal import DaprContract

/// The state stores of one sidecar, behind HTTP.
struct StateAPI: Sendable {
    typealias Completion = @Sendable (Result<APIReply, APIError>) -> Void

    let stores: [String: LoadedStateStore]

    func get(store name: String, key: String, _ completion: @escaping Completion) throws(APIError) {
        let loaded = try store(name)
        try Self.checkKey(key, store: name)
        loaded.store.submit(.get([loaded.keys.stored(key)])) { reply in
            switch reply {
            case .items(let items):
                completion(.success(items.first.flatMap { $0 }.map(Self.itemReply) ?? .noContent))
            case .failed(let failure):
                completion(
                    .failure(
                        APIError(.stateGet, "fail to get \(key) from state store \(name): \(failure.cause)")))
            case .writes, .transaction:
                preconditionFailure("a store answered a get with the reply of a write")
            }
        }
    }

    func bulkGet(store name: String, body: [UInt8], _ completion: @escaping Completion) throws(APIError) {
        let loaded = try store(name)
        let keys = try StateRequests.bulkKeys(body)
        for key in keys { try Self.checkKey(key, store: name) }
        loaded.store.submit(.get(keys.map(loaded.keys.stored))) { reply in
            switch reply {
            case .items(let items):
                completion(.success(.json(Self.bulkText(keys: keys, items: items))))
            case .failed(let failure):
                completion(
                    .failure(APIError(.stateBulkGet, "failed bulk get from store \(name): \(failure.cause)")))
            case .writes, .transaction:
                preconditionFailure("a store answered a get with the reply of a write")
            }
        }
    }

    func save(
        store name: String, body: [UInt8], metadata: [String: String], _ completion: @escaping Completion
    ) throws(APIError) {
        let loaded = try store(name)
        let requests = try StateRequests.saves(body, queryMetadata: metadata)
        for request in requests { try Self.checkKey(request.key, store: name) }
        guard !requests.isEmpty else { return completion(.success(.noContent)) }
        var writes: [StateWrite] = []
        var refused: StateFailure?
        for request in requests {
            switch request.write(key: loaded.keys.stored(request.key)) {
            case .success(let write): writes.append(write)
            case .failure(let failure): refused = refused ?? failure
            }
        }
        let firstRefusal = refused
        loaded.store.submit(.writeEach(writes)) { reply in
            let failure = Self.worst(of: reply) ?? firstRefusal
            completion(
                Self.outcome(failure, .stateSave) { "failed saving state in state store \(name): \($0)" })
        }
    }

    func delete(
        store name: String, key: String, etag: String?, _ completion: @escaping Completion
    ) throws(APIError) {
        let loaded = try store(name)
        try Self.checkKey(key, store: name)
        let write = StateWrite(
            key: loaded.keys.stored(key), change: .delete, etag: etag, isFirstWrite: false)
        loaded.store.submit(.writeEach([write])) { reply in
            completion(
                Self.outcome(Self.worst(of: reply), .stateDelete) {
                    "failed deleting state with key \(key): \($0)"
                })
        }
    }

    func transact(
        store name: String, body: [UInt8], metadata: [String: String], _ completion: @escaping Completion
    ) throws(APIError) {
        let loaded = try store(name)
        let requests = try StateRequests.transaction(body, queryMetadata: metadata)
        for request in requests { try Self.checkKey(request.key, store: name) }
        guard !requests.isEmpty else { return completion(.success(.noContent)) }
        let message = { @Sendable (cause: String) in "error while executing state transaction: \(cause)" }
        var writes: [StateWrite] = []
        for request in requests {
            switch request.write(key: loaded.keys.stored(request.key)) {
            case .success(let write): writes.append(write)
            case .failure(let failure): throw APIError(.stateTransaction, message(failure.cause))
            }
        }
        loaded.store.submit(.transact(writes)) { reply in
            // A mismatch in a transaction is 500, not 409: so it is in Dapr.
            if let failure = Self.worst(of: reply) {
                completion(.failure(APIError(.stateTransaction, message(failure.cause))))
            } else {
                completion(.success(.noContent))
            }
        }
    }

    /// None of these stores has a query API.
    func query(store name: String) throws(APIError) {
        _ = try store(name)
        throw APIError(
            .stateQueryNotSupported, "state store \(name) does not support querying", resource: ("state", name))
    }

    private func store(_ name: String) throws(APIError) -> LoadedStateStore {
        if let store = stores[name] { return store }
        guard !stores.isEmpty else {
            throw APIError(
                .stateStoreNotConfigured, "state store is not configured", resource: ("state", name))
        }
        throw APIError(.stateStoreNotFound, "state store \(name) is not found", resource: ("state", name))
    }

    private static func checkKey(_ key: String, store: String) throws(APIError) {
        guard !StateKeys.isValid(key) else { return }
        throw APIError(
            .stateIllegalKey, "input key/keyPrefix '\(key)' can't contain '\(StateField.separator)'",
            resource: ("state", store))
    }

    private static func itemReply(_ item: StateItem) -> APIReply {
        var reply = APIReply.json(item.value)
        reply.headers.append((HeaderName.etag, item.etag))
        if let expiresAt = item.expiresAt {
            reply.headers.append((HeaderName.metadataPrefix + MetadataKey.ttlExpireTime, expiresAt))
        }
        return reply
    }

    /// The first mismatch, else the first failure of any kind.
    private static func worst(of reply: StateReply) -> StateFailure? {
        switch reply {
        case .writes(let failures):
            failures.contains(.etagMismatch) ? .etagMismatch : failures.lazy.compactMap { $0 }.first
        case .transaction(let failure): failure
        case .failed(let failure): failure
        case .items: preconditionFailure("a store answered a write with items")
        }
    }

    private static func outcome(
        _ failure: StateFailure?, _ code: ErrorCode, message: (String) -> String
    ) -> Result<APIReply, APIError> {
        guard let failure else { return .success(.noContent) }
        let status = failure == .etagMismatch ? SidecarStatus.conflict : nil
        return .failure(APIError(code, message(failure.cause), status: status))
    }

    /// `[{"key":"a","data":…,"etag":"…","metadata":{…}}]`, the values as they are stored.
    private static func bulkText(keys: [String], items: [StateItem?]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for (index, (key, item)) in zip(keys, items).enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += JSONText.object { object in
                object.add(StateField.key, text: key)
                guard let item else { return }
                if JSONText.isValid(item.value) {
                    object.add(StateField.data, raw: item.value)
                } else {
                    object.add(StateField.error, text: "the value is not JSON and cannot be shown here")
                }
                object.add(StateField.etag, text: item.etag)
                if let expiresAt = item.expiresAt {
                    object.add(
                        StateField.metadata,
                        raw: JSONText.object { $0.add(MetadataKey.ttlExpireTime, text: expiresAt) })
                }
            }
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
