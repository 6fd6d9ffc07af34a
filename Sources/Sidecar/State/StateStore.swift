// StateStore.swift: what a state store does, whichever it is.
//
// Keys arrive prefixed; values are bytes. An operation answers once, on any thread.
// Neighbours: SQLite/SQLiteStore.swift, MemoryStore.swift (the two stores), API/StateAPI.swift (speaks HTTP).

/// A write of one key.
struct StateWrite: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        /// `timeToLiveSeconds` nil: the item stays, and an earlier limit is cleared.
        case save(value: [UInt8], timeToLiveSeconds: Int?)
        case delete
    }

    let key: String
    let change: Change
    /// The version that must be there; nil or empty asks for none.
    let etag: String?
    /// Without an etag: the key must not exist. Only for `save`.
    let isFirstWrite: Bool

    var expectedETag: String? { etag.flatMap { $0.isEmpty ? nil : $0 } }
}

/// An item that is there.
struct StateItem: Sendable, Equatable {
    let value: [UInt8]
    let etag: String
    /// RFC 3339, when the item has a time to live.
    let expiresAt: String?
}

/// Why a store refused.
enum StateFailure: Error, Sendable, Equatable {
    /// Another version is there, or none: 409 for one write, 500 in a transaction.
    case etagMismatch
    /// The store itself: disk full, locked, closed.
    case store(String)

    /// As it stands in the sidecar's error message.
    var cause: String {
        switch self {
        case .etagMismatch:
            "possible etag mismatch. error from state store: the item has another etag or is absent"
        case .store(let reason): reason
        }
    }
}

/// One request to a store. Its reply comes after it is durable.
enum StateOperation: Sendable {
    /// Items in the order of the keys; nil where there is none.
    case get([String])
    /// Each on its own: one failure does not undo the others.
    case writeEach([StateWrite])
    /// All or nothing, in order.
    case transact([StateWrite])
}

enum StateReply: Sendable {
    case items([StateItem?])
    /// One per write; nil is success.
    case writes([StateFailure?])
    /// The place of the write that failed, and why.
    case transaction(failure: StateFailure?)
    /// The operation as a whole failed.
    case failed(StateFailure)
}

protocol StateStore: AnyObject, Sendable {
    /// Answers exactly once, on any thread.
    func submit(_ operation: StateOperation, completion: @escaping @Sendable (StateReply) -> Void)
    /// Finishes what was submitted, then closes. Blocks.
    func close()
}
