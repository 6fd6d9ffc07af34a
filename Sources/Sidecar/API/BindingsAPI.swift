// BindingsAPI.swift: `/v1.0/bindings/{name}`: output bindings. Source: contract 3.6.
//
// Whatever goes wrong is one error, ERR_INVOKE_OUTPUT_BINDING, an unknown binding included: so it is in Dapr.
// Neighbours: Bindings/FolderBinding.swift (`bindings.localstorage`), Bindings/HTTPBinding.swift (`bindings.http`).

internal import DaprContract
internal import Transport

/// What an app asks of a binding.
struct BindingRequest: Sendable {
    let operation: String
    /// The JSON of `data`; empty when it has none.
    let data: [UInt8]
    let metadata: [String: String]

    /// What is written or sent: a text without its quotes, anything else as JSON.
    var payload: [UInt8] {
        guard let document = try? JSONDocument(data) else { return data }
        return document.read { part in part.string.map { Array($0.utf8) } ?? data }
    }

    /// Names as in Dapr, without regard to case.
    subscript(name: String) -> String? {
        metadata.first { $0.key.lowercased() == name.lowercased() }?.value
    }
}

/// What a binding answers.
struct BindingReply: Sendable {
    /// None is 204.
    var body: [UInt8] = []
    var metadata: [String: String] = [:]
}

struct BindingFailure: Error, Sendable {
    let reason: String
}

/// A binding that works.
enum LoadedBinding: Sendable {
    case folder(FolderBinding)
    case http(HTTPBinding)
}

/// SAFETY: immutable; the client asserts that it is used on its loop.
final class BindingsAPI: @unchecked Sendable {
    private let bindings: [String: LoadedBinding]
    private let client: HTTPClient
    private let timeout: Duration

    init(bindings: [String: LoadedBinding], client: HTTPClient, timeout: Duration) {
        self.bindings = bindings
        self.client = client
        self.timeout = timeout
    }

    func call(
        _ name: String, body: [UInt8], _ answer: @escaping @Sendable (Result<APIReply, APIError>) -> Void
    ) throws(APIError) {
        let request = try Self.read(body)
        let completion = { @Sendable (result: Result<BindingReply, BindingFailure>) in
            answer(result.map(Self.reply).mapError { Self.failure(name, $0.reason) })
        }
        switch bindings[name] {
        case .folder(let binding): binding.perform(request, completion)
        case .http(let binding):
            let deadline = client.loop.nowNanoseconds &+ timeout.wholeNanoseconds
            binding.perform(request, on: client, deadlineNanoseconds: deadline, completion)
        case nil: throw Self.failure(name, "couldn't find output binding \(name)")
        }
    }

    private static func failure(_ name: String, _ reason: String) -> APIError {
        APIError(.outputBinding, "error invoking output binding \(name): \(reason)")
    }

    private static func reply(_ result: BindingReply) -> APIReply {
        var reply = result.body.isEmpty ? APIReply.noContent : .json(result.body)
        for (name, value) in result.metadata.sorted(by: { $0.key < $1.key }) {
            reply.headers.append((HeaderName.metadataPrefix + name.lowercased(), value))
        }
        return reply
    }

    private static func read(_ body: [UInt8]) throws(APIError) -> BindingRequest {
        try JSONText.read(body) { root throws(APIError) in
            guard root.isObject else { throw .malformed("the body is no object with `operation`") }
            var metadata: [String: String] = [:]
            for (name, part) in root[BindingField.metadata]?.entries ?? [] {
                guard let text = part.string else { throw .malformed("the metadata `\(name)` is no text") }
                metadata[name] = text
            }
            return BindingRequest(
                operation: root[BindingField.operation]?.string ?? "", data: root[BindingField.data]?.text ?? [],
                metadata: metadata)
        }
    }
}
