// SidecarCall+Bindings.swift: output bindings, and settings from a configuration store.
//
// Source: contract, section 3.6.

internal import DaprContract
package import Machine
internal import Wire

extension SidecarCall {
    /// What the binding answers, or null.
    ///
    /// - Parameters:
    ///   - operation: `create`, `get`, `delete`, `list`, or what else the component has
    ///   - data: any value; null sends none
    ///   - metadata: an object of scalars, or null
    package static func binding(
        name: String, operation: String, data: Value, metadata: Value = .null, in arena: Arena
    ) throws(EffectFailure) -> SidecarCall {
        guard !operation.isEmpty else { throw EffectFailure(.invalid, "an operation of a binding has a name") }
        var body = OutputBuffer()
        body.append("{\"\(BindingField.operation)\":")
        body.append(quoted: operation)
        if !data.isNull { try body.append(field: BindingField.data, data) }
        let pairs = try scalars(of: metadata, named: "metadata", in: arena)
        if !pairs.isEmpty {
            body.append(",\"\(BindingField.metadata)\":")
            JSON.object(pairs.map { JSON.Member($0.name, .string($0.value)) }).write(to: &body)
        }
        body.append(UInt8(ascii: "}"))
        return SidecarCall(
            method: .post, target: SidecarPath.bindings + segment(name), headers: [jsonContent], body: body.array,
            isRepeatable: false, kind: .binding(name: name, operation: operation))
    }

    /// An object of strings; what is not there is left out.
    ///
    /// - Parameter keys: none asks for all.
    package static func settings(store: String, keys: [String]) -> SidecarCall {
        SidecarCall(
            method: .get,
            target: SidecarPath.configuration + segment(store) + query(keys.map { (ConfigurationField.key, $0) }),
            isRepeatable: true, kind: .settings(store: store))
    }
}

extension SidecarReply {
    /// `{"a":{"value":"1"}}` as `{ a: "1" }`.
    func settings(_ reply: Value, in arena: Arena) -> Value {
        let entries = reply.entries(in: arena) ?? []
        return arena.object(entries.map { ($0.key, $0.value.field(ConfigurationField.value, in: arena)) })
    }
}
