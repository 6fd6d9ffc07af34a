// StateRequests.swift: the bodies of state requests, taken apart without losing a value's own text.
//
// Neighbours: StateAPI.swift (uses them), Values/JSONText.swift.

internal import DaprContract

/// One item of a save, or one operation of a transaction.
struct StateRequest: Equatable {
    let key: String
    /// The value's JSON text; nil for a delete.
    let value: [UInt8]?
    let etag: String?
    let metadata: [String: String]
    let concurrency: String?
    let consistency: String?

    /// What the store is to do; the request's own mistakes are the store's failures, as in Dapr.
    func write(key storedKey: String) -> Result<StateWrite, StateFailure> {
        let level = concurrency.flatMap { $0.isEmpty ? nil : $0 }
        guard level == nil || level.flatMap(StateConcurrency.init) != nil else {
            return .failure(.store("unrecognized concurrency model '\(level ?? "")'"))
        }
        let wanted = consistency.flatMap { $0.isEmpty ? nil : $0 }
        guard wanted == nil || wanted.flatMap(StateConsistency.init) != nil else {
            return .failure(.store("unrecognized consistency model '\(wanted ?? "")'"))
        }
        var change = StateWrite.Change.delete
        if let value {
            switch Self.timeToLive(metadata) {
            case .success(let seconds): change = .save(value: value, timeToLiveSeconds: seconds)
            case .failure(let failure): return .failure(failure)
            }
        }
        return .success(
            StateWrite(
                key: storedKey, change: change, etag: etag,
                isFirstWrite: level == StateConcurrency.firstWrite.rawValue))
    }

    /// `ttlInSeconds`: positive, or 0 and -1 for none.
    private static func timeToLive(_ metadata: [String: String]) -> Result<Int?, StateFailure> {
        let entry = metadata.first { $0.key.lowercased() == MetadataKey.ttlInSeconds.lowercased() }
        guard let text = entry?.value, !text.isEmpty else { return .success(nil) }
        guard let seconds = Int32(text), seconds >= -1 else {
            return .failure(
                .store(
                    "error parsing TTL: incorrect value for metadata '\(MetadataKey.ttlInSeconds)': \(text)"))
        }
        return .success(seconds > 0 ? Int(seconds) : nil)
    }
}

enum StateRequests {
    /// `{"keys":["a","b"]}`
    static func bulkKeys(_ body: [UInt8]) throws(APIError) -> [String] {
        try JSONText.read(body) { root throws(APIError) in
            guard root.isObject else { throw .malformed("the body is no object with `keys`") }
            guard let list = root[StateField.keys] else { return [] }
            guard list.isList else { throw .malformed("`keys` is no list of texts") }
            var keys: [String] = []
            for item in list.items {
                guard let key = item.string else { throw .malformed("`keys` is no list of texts") }
                keys.append(key)
            }
            return keys
        }
    }

    /// `[{"key":…,"value":…}]`
    static func saves(_ body: [UInt8], queryMetadata: [String: String]) throws(APIError) -> [StateRequest] {
        try JSONText.read(body) { root throws(APIError) in
            guard root.isList else { throw .malformed("the body is no list of items") }
            var requests: [StateRequest] = []
            for item in root.items {
                requests.append(try request(item, isDelete: false, queryMetadata: queryMetadata))
            }
            return requests
        }
    }

    /// `{"operations":[{"operation":"upsert","request":{…}}]}`
    static func transaction(_ body: [UInt8], queryMetadata: [String: String]) throws(APIError)
        -> [StateRequest]
    {
        try JSONText.read(body) { root throws(APIError) in
            guard root.isObject else { throw .malformed("the body is no object with `operations`") }
            guard let list = root[StateField.operations] else { return [] }
            guard list.isList else { throw .malformed("`operations` is no list") }
            var requests: [StateRequest] = []
            for item in list.items {
                requests.append(try operation(item, queryMetadata: queryMetadata))
            }
            return requests
        }
    }

    private static func operation(
        _ item: JSONPart, queryMetadata: [String: String]
    ) throws(APIError) -> StateRequest {
        guard let name = item[StateField.operation]?.string else {
            throw .malformed("an operation without the text `operation`")
        }
        guard name == StateField.upsert || name == StateField.delete else {
            throw APIError(.stateOperationNotSupported, "operation type \(name) not supported")
        }
        guard let content = item[StateField.request], content.isObject else {
            throw .malformed("the operation `\(name)` has no `request`")
        }
        return try request(content, isDelete: name == StateField.delete, queryMetadata: queryMetadata)
    }

    private static func request(
        _ item: JSONPart, isDelete: Bool, queryMetadata: [String: String]
    ) throws(APIError) -> StateRequest {
        guard item.isObject else { throw .malformed("an item is no object") }
        guard let key = try text(item, StateField.key), !key.isEmpty else {
            throw .malformed("\"\(StateField.key)\" is a required field")
        }
        let options = item[StateField.options]
        guard options?.isObject ?? true else { throw .malformed("`options` is no object") }
        var metadata: [String: String] = [:]
        if let given = item[StateField.metadata] {
            guard given.isObject else { throw .malformed("`metadata` is no object of texts") }
            for (name, part) in given.entries {
                guard let text = part.string else { throw .malformed("the metadata `\(name)` is no text") }
                metadata[name] = text
            }
        }
        metadata.merge(queryMetadata) { $1 }
        var concurrency: String?
        var consistency: String?
        if let options {
            concurrency = try text(options, StateField.concurrency)
            consistency = try text(options, StateField.consistency)
        }
        let value = item[StateField.value]?.text ?? Array("null".utf8)
        return StateRequest(
            key: key, value: isDelete ? nil : value, etag: try text(item, StateField.etag),
            metadata: metadata,
            concurrency: concurrency, consistency: consistency)
    }

    /// Absent and `null` are nil; anything but a text is malformed.
    private static func text(_ item: JSONPart, _ name: String) throws(APIError) -> String? {
        guard let part = item[name] else { return nil }
        guard let text = part.string else { throw .malformed("`\(name)` is no text") }
        return text
    }
}
