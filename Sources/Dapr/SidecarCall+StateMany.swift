// SidecarCall+StateMany.swift: many keys of a state store at once: reading, changing as a whole, querying.
//
// Source: contract, sections 3.1 and 3.2.

internal import DaprContract
package import Machine
internal import Wire

extension SidecarCall {
    /// How many keys the sidecar reads at the same time.
    private static let parallelism = 10

    /// The values in the order of the keys; null for what is not there.
    package static func stateGetMany(store: String, keys: [String]) throws(EffectFailure) -> SidecarCall {
        for key in keys { try check(key: key) }
        var seen: Set<String> = []
        let wanted = keys.filter { seen.insert($0).inserted }
        let body = JSON.object([
            JSON.Member(StateField.keys, .array(wanted.map { .string($0) })),
            JSON.Member(StateField.parallelism, .int(Int64(parallelism))),
        ])
        return SidecarCall(
            method: .post, target: SidecarPath.state + segment(store) + "/" + SidecarPath.stateBulk,
            headers: [jsonContent], body: body.serialized(), isRepeatable: true,
            kind: .stateGetMany(store: store, keys: keys))
    }

    /// All of the changes, or none of them; null when done.
    ///
    /// - Parameter changes: a list of `{ save, value, etag, ttl }` and `{ delete, etag }`.
    package static func stateTransact(
        store: String, changes: Value, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        var body = OutputBuffer()
        body.append("{\"operations\":[" as StaticString)
        for (position, change) in (changes.items(in: arena) ?? []).enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            try append(change, to: &body, in: arena)
        }
        body.append("]}" as StaticString)
        return SidecarCall(
            method: .post, target: SidecarPath.state + segment(store) + "/" + SidecarPath.stateTransaction,
            headers: [jsonContent], body: body.array, isRepeatable: false, kind: .stateTransact(store: store))
    }

    private static func append(
        _ change: Value, to body: inout OutputBuffer, in arena: Arena
    ) throws(EffectFailure) {
        var parts: [String: Value] = [:]
        for (name, value) in change.entries(in: arena) ?? [] { parts[name] = value }
        let known = ["save", "value", "etag", "ttl", "delete"]
        guard change.kind == .object, (parts["save"] == nil) != (parts["delete"] == nil),
            parts.keys.allSatisfy(known.contains), parts["save"] == nil || parts["value"] != nil
        else {
            throw EffectFailure(
                .invalid, "a change is `{ save: key, value: v, etag: e, ttl: t }` or `{ delete: key, etag: e }`")
        }
        guard let key = (parts["save"] ?? parts["delete"])?.asString else {
            throw EffectFailure(.invalid, "the key of a change is a string")
        }
        try check(key: key)
        let operation = parts["save"] == nil ? StateField.delete : StateField.upsert
        body.append("{\"operation\":\"\(operation)\",\"request\":{\"key\":")
        body.append(quoted: key)
        if let value = parts["value"], parts["save"] != nil { try body.append(field: StateField.value, value) }
        if let etag = parts["etag"], !etag.isNull {
            guard let text = etag.asString else { throw EffectFailure(.invalid, "the ETag of a change is a string") }
            body.append(field: StateField.etag, text: text)
        }
        if let limit = parts["ttl"], !limit.isNull {
            guard let nanoseconds = limit.asDurationNanoseconds else {
                throw EffectFailure(.invalid, "the `ttl` of a change is a duration")
            }
            body.append(",\"metadata\":{\"\(MetadataKey.ttlInSeconds)\":\"\(StateOptions.seconds(nanoseconds))\"}")
        }
        body.append("}}" as StaticString)
    }

    /// `{ results: [{ key, value, etag }], token }`
    ///
    /// - Parameter query: `{ filter, sort, page }` as the store takes it.
    package static func stateQuery(store: String, query: Value) throws(EffectFailure) -> SidecarCall {
        SidecarCall(
            method: .post, target: SidecarPath.stateAlpha + segment(store) + "/" + SidecarPath.stateQuery,
            headers: [jsonContent], body: try json(of: query), isRepeatable: true,
            kind: .stateQuery(store: store))
    }
}

extension StateOptions {
    /// A time to live of part of a second lives a whole one: 0 would mean for ever.
    package static func seconds(_ nanoseconds: Int64) -> Int64 { max(1, (nanoseconds + 999_999_999) / 1_000_000_000) }
}

extension SidecarReply {
    /// Items in any order, to values in the order of the keys.
    func many(_ list: Value, keys: [String], in arena: Arena) throws(EffectFailure) -> Value {
        var values: [String: Value] = [:]
        for item in list.items(in: arena) ?? [] {
            guard let key = item.field(StateField.key, in: arena).asString else { continue }
            let error = item.field(StateField.error, in: arena)
            if let reason = error.asString, !reason.isEmpty {
                throw EffectFailure(.unavailable, "cannot read `\(key)`: \(reason)")
            }
            values[key] = item.field(StateField.data, in: arena)
        }
        return arena.list(keys.map { values[$0] ?? .null })
    }

    /// What Dapr found, in the language's words.
    func found(_ reply: Value, in arena: Arena) -> Value {
        let results = (reply.field(StateField.results, in: arena).items(in: arena) ?? []).map { item in
            arena.object([
                ("key", item.field(StateField.key, in: arena)), ("value", item.field(StateField.data, in: arena)),
                ("etag", item.field(StateField.etag, in: arena)),
            ])
        }
        let token = reply.field(StateField.token, in: arena)
        return arena.object([("results", arena.list(results)), ("token", token.asString == "" ? .null : token)])
    }
}
