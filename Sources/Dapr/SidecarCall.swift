// SidecarCall.swift: one call of the sidecar's API as data: what to send, and how its reply is to be read.
//
// Pure: the factories encode operands into bytes at once, so that nothing refers into a fiber's arena while the call is
// under way (law 7). Neighbours: SidecarCall+….swift (one file per API), SidecarClient.swift (sends),
// SidecarReply.swift (reads).

internal import DaprContract
internal import Machine
internal import Wire

package struct SidecarCall: Sendable {
    let method: HTTPMethod
    /// Path and query, percent-encoded.
    let target: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Whether the sidecar may get it twice without harm, when a kept connection turns out to be closed.
    let isRepeatable: Bool
    let kind: Kind

    /// Decides how a reply is read; the names are for messages.
    enum Kind: Sendable {
        case stateGet(store: String, key: String)
        case stateEntry(store: String, key: String)
        /// `isFirstWrite`: a 500 may mean that somebody else was first (contract 8.2).
        case stateSave(store: String, key: String, hasETag: Bool, isFirstWrite: Bool)
        case stateDelete(store: String, key: String, hasETag: Bool)
        case stateGetMany(store: String, keys: [String])
        case stateTransact(store: String)
        case stateQuery(store: String)
        case publishAll(topic: String, count: Int)
        case binding(name: String, operation: String)
        case settings(store: String)
        case scheduledJob(name: String, isCancelled: Bool)
        /// `key`: the one of its values that is asked for.
        case secret(store: String, name: String, key: String?)
        case publish(topic: String)
        case invoke(app: String, method: String, path: String)
        case lock(store: String, resource: String, owner: String)
        case unlock(store: String, resource: String)
        case health
        case metadata

        /// Completes "cannot …".
        var purpose: String {
            switch self {
            case .stateGet(let store, let key), .stateEntry(let store, let key):
                "read `\(key)` from store `\(store)`"
            case .stateSave(let store, let key, _, _): "save `\(key)` in store `\(store)`"
            case .stateDelete(let store, let key, _): "delete `\(key)` from store `\(store)`"
            case .stateGetMany(let store, let keys): "read \(keys.count) keys from store `\(store)`"
            case .stateTransact(let store): "change store `\(store)`"
            case .stateQuery(let store): "query store `\(store)`"
            case .publishAll(let topic, let count): "publish \(count) events to `\(topic)`"
            case .binding(let name, let operation): "call `\(operation)` of binding `\(name)`"
            case .scheduledJob(let name, let isCancelled): "\(isCancelled ? "cancel" : "schedule") the job `\(name)`"
            case .settings(let store): "read settings from `\(store)`"
            case .secret(let store, let name, _): "read secret `\(name)` from store `\(store)`"
            case .publish(let topic): "publish to `\(topic)`"
            case .invoke(let app, let method, let path): "\(method) \(path) of app `\(app)`"
            case .lock(let store, let resource, _): "take the lock on `\(resource)` in `\(store)`"
            case .unlock(let store, let resource): "give back the lock on `\(resource)` in `\(store)`"
            case .health: "ask the sidecar for its health"
            case .metadata: "ask the sidecar for its metadata"
            }
        }
    }

    /// Text that goes into a path as one segment.
    static func segment(_ text: String) -> String { PercentCoding.segment(text) }

    /// `?a=b&c=d`, or nothing.
    static func query(_ pairs: [(name: String, value: String)]) -> String {
        guard !pairs.isEmpty else { return "" }
        let items = pairs.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
        return "?" + items.joined(separator: "&")
    }

    static let jsonContent = (name: HeaderName.contentType, value: MediaType.json)

    /// What a scalar looks like in a path, a query or a header; nil for null, lists, objects, secrets and the rest.
    static func text(of value: Value) -> String? {
        switch value.kind {
        case .string: value.asString
        case .int, .float, .bool, .time, .duration:
            (try? value.json()).map {
                String(decoding: $0.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
            }
        default: nil
        }
    }

    /// What cannot be written as JSON, a secret above all, is the script's mistake.
    static func json(of value: Value) throws(EffectFailure) -> [UInt8] {
        var buffer = OutputBuffer()
        try buffer.append(value)
        return buffer.array
    }
}

extension OutputBuffer {
    /// Appends a value as JSON.
    mutating func append(_ value: Value) throws(EffectFailure) {
        do throws(Fault) {
            try append(json: value)
        } catch {
            throw EffectFailure(.invalid, error.message)
        }
    }

    /// `,"name":"text"`
    mutating func append(field name: String, text: String) {
        append(UInt8(ascii: ","))
        append(quoted: name)
        append(UInt8(ascii: ":"))
        append(quoted: text)
    }

    /// `,"name":value`
    mutating func append(field name: String, _ value: Value) throws(EffectFailure) {
        append(UInt8(ascii: ","))
        append(quoted: name)
        append(UInt8(ascii: ":"))
        try append(value)
    }
}
