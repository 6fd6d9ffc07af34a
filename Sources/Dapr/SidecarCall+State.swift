// SidecarCall+State.swift: reading, saving and deleting in a state store, with ETags.
//
// Source: contract, sections 3.1 and 3.2; what 409 and 500 may mean is decided in SidecarReply.swift.

internal import DaprContract
package import Machine
internal import Wire

/// Options of a save. The standard is the store's own: last write wins unless an ETag is given.
package struct StateOptions: Sendable, Equatable {
    /// Save only while the entry still has this version.
    package var etag: String?
    /// Seconds until the entry is gone; nil keeps it.
    package var ttlSeconds: Int64?
    package var isFirstWrite: Bool?
    package var isStrong: Bool?

    package init(
        etag: String? = nil, ttlSeconds: Int64? = nil, isFirstWrite: Bool? = nil, isStrong: Bool? = nil
    ) {
        self.etag = etag
        self.ttlSeconds = ttlSeconds
        self.isFirstWrite = isFirstWrite
        self.isStrong = isStrong
    }

    var concurrency: StateConcurrency? { isFirstWrite.map { $0 ? .firstWrite : .lastWrite } }
    var consistency: StateConsistency? { isStrong.map { $0 ? .strong : .eventual } }
}

extension SidecarCall {
    /// The value, or null.
    package static func stateGet(
        store: String, key: String, isStrong: Bool? = nil
    ) throws(EffectFailure) -> SidecarCall {
        try stateRead(store, key, isStrong, .stateGet(store: store, key: key))
    }

    /// `{ value, etag }`, both null when the key is absent.
    package static func stateEntry(
        store: String, key: String, isStrong: Bool? = nil
    ) throws(EffectFailure) -> SidecarCall {
        try stateRead(store, key, isStrong, .stateEntry(store: store, key: key))
    }

    private static func stateRead(
        _ store: String, _ key: String, _ isStrong: Bool?, _ kind: Kind
    ) throws(EffectFailure) -> SidecarCall {
        var query: [(name: String, value: String)] = []
        if let consistency = StateOptions(isStrong: isStrong).consistency {
            query.append((StateField.consistency, consistency.rawValue))
        }
        return SidecarCall(
            method: .get, target: try statePath(store, key) + self.query(query), isRepeatable: true,
            kind: kind)
    }

    /// Null when done.
    package static func stateSave(
        store: String, key: String, value: Value, options: StateOptions = StateOptions()
    ) throws(EffectFailure) -> SidecarCall {
        try check(key: key)
        var body = OutputBuffer()
        body.append("[{\"key\":" as StaticString)
        body.append(quoted: key)
        try body.append(field: StateField.value, value)
        if let etag = options.etag { body.append(field: StateField.etag, text: etag) }
        if let seconds = options.ttlSeconds {
            body.append(",\"metadata\":{\"ttlInSeconds\":\"" as StaticString)
            body.append(String(seconds))
            body.append("\"}" as StaticString)
        }
        var settings: [JSON.Member] = []
        if let concurrency = options.concurrency {
            settings.append(JSON.Member(StateField.concurrency, .string(concurrency.rawValue)))
        }
        if let consistency = options.consistency {
            settings.append(JSON.Member(StateField.consistency, .string(consistency.rawValue)))
        }
        if !settings.isEmpty {
            body.append(",\"options\":" as StaticString)
            JSON.object(settings).write(to: &body)
        }
        body.append("}]" as StaticString)
        let isFirstWrite = options.isFirstWrite == true
        return SidecarCall(
            method: .post, target: SidecarPath.state + segment(store), headers: [jsonContent],
            body: body.array,
            isRepeatable: options.etag == nil && !isFirstWrite,
            kind: .stateSave(store: store, key: key, hasETag: options.etag != nil, isFirstWrite: isFirstWrite)
        )
    }

    /// Null when done, also when the key was absent and no ETag was given.
    package static func stateDelete(
        store: String, key: String, options: StateOptions = StateOptions()
    ) throws(EffectFailure) -> SidecarCall {
        var query: [(name: String, value: String)] = []
        if let concurrency = options.concurrency {
            query.append((StateField.concurrency, concurrency.rawValue))
        }
        if let consistency = options.consistency {
            query.append((StateField.consistency, consistency.rawValue))
        }
        let etag = options.etag
        return SidecarCall(
            method: .delete, target: try statePath(store, key) + self.query(query),
            headers: etag.map { [(HeaderName.ifMatch, $0)] } ?? [], isRepeatable: etag == nil,
            kind: .stateDelete(store: store, key: key, hasETag: etag != nil))
    }

    private static func statePath(_ store: String, _ key: String) throws(EffectFailure) -> String {
        try check(key: key)
        return SidecarPath.state + segment(store) + "/" + segment(key)
    }

    /// Over bytes: this runs for every call, and a search for a text in a text costs 8,000 instructions.
    private static func holdsSeparator(_ key: String) -> Bool {
        var previous: UInt8 = 0
        for byte in key.utf8 {
            if byte == UInt8(ascii: "|"), previous == byte { return true }
            previous = byte
        }
        return false
    }

    static func check(key: String) throws(EffectFailure) {
        guard !key.isEmpty else { throw EffectFailure(.invalid, "a key of a store cannot be empty") }
        guard !holdsSeparator(key) else {
            throw EffectFailure(
                .invalid, "the key `\(key)` holds `\(StateField.separator)`, which stores keep for themselves"
            )
        }
    }
}
