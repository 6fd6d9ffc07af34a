// LockAPI.swift: `/v1.0-alpha1/lock/…` and `…/unlock/…`. Source: contract 3.6.

internal import DaprContract
internal import Machine

/// A lock store that works: its rule for keys.
struct LoadedLockStore: Sendable {
    let name: String
    let keys: StateKeys

    /// Stores of one name are one store, whichever sidecar asks.
    func key(_ resource: String) -> String {
        "\(name)\(StateField.separator)\(keys.stored(resource))"
    }
}

struct LockAPI: Sendable {
    let stores: [String: LoadedLockStore]
    let locks: SharedLocks

    private struct Request {
        let resource: String
        let owner: String
        var seconds = 0
    }

    /// `{"success":true}`
    func take(store name: String, body: [UInt8]) throws(APIError) -> APIReply {
        let store = try store(name)
        let request = try request(body, of: name, hasExpiry: true)
        switch locks.take(store.key(request.resource), owner: request.owner, seconds: request.seconds) {
        case .taken: return Self.reply(LockField.success, "true")
        case .refused: return Self.reply(LockField.success, "false")
        case .full:
            throw APIError(
                .tryLock, "failed to try acquiring lock: \(SharedLocks.locksMax) locks are held already")
        }
    }

    /// `{"status":0}`
    func giveBack(store name: String, body: [UInt8]) throws(APIError) -> APIReply {
        let store = try store(name)
        let request = try request(body, of: name, hasExpiry: false)
        let status = locks.giveBack(store.key(request.resource), owner: request.owner)
        return Self.reply(LockField.status, String(status.rawValue))
    }

    private static func reply(_ name: String, _ value: String) -> APIReply {
        .json(JSONText.object { $0.add(name, raw: Array(value.utf8)) })
    }

    private func request(_ body: [UInt8], of store: String, hasExpiry: Bool) throws(APIError) -> Request {
        try JSONText.read(body) { root throws(APIError) in
            var request = Request(
                resource: root[LockField.resourceID]?.string ?? "", owner: root[LockField.lockOwner]?.string ?? "")
            guard !request.resource.isEmpty else {
                throw APIError(.malformedRequest, "ResourceId is empty in lock store \(store)")
            }
            guard StateKeys.isValid(request.resource) else {
                throw APIError(
                    .malformedRequest,
                    "input key/keyPrefix '\(request.resource)' can't contain '\(StateField.separator)'")
            }
            guard !request.owner.isEmpty else {
                throw APIError(.malformedRequest, "LockOwner is empty in lock store \(store)")
            }
            guard hasExpiry else { return request }
            guard let seconds = root[LockField.expiryInSeconds]?.value.asInt, seconds > 0, seconds <= Int64(Int32.max)
            else {
                throw APIError(.malformedRequest, "ExpiryInSeconds is not positive in lock store \(store)")
            }
            request.seconds = Int(seconds)
            return request
        }
    }

    private func store(_ name: String) throws(APIError) -> LoadedLockStore {
        if let store = stores[name] { return store }
        guard !stores.isEmpty else { throw APIError(.lockStoreNotConfigured, "lock store is not configured") }
        throw APIError(.lockStoreNotFound, "lock store \(name) not found")
    }
}
