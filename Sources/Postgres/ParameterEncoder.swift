// ParameterEncoder.swift: each operand in the form that the prepared statement asks for.
//
// Text format nearly everywhere: the server's own input functions then judge what fits, with its own error codes,
// and every type is covered, also those that a user defined. bytea goes in binary, half as long.
// Neighbours: ParameterSnapshot (where from), EncodedParameters (where to).

internal import Machine

enum ParameterEncoder {
    /// Replaces the contents of `encoded`.
    static func encode(
        _ snapshot: ParameterSnapshot, as types: [ColumnType], into encoded: inout EncodedParameters
    ) throws(PostgresFailure) {
        guard types.count == snapshot.count else {
            throw PostgresFailure(
                .internal, "the statement takes \(types.count) parameters, \(snapshot.count) were given",
                mayHaveRun: false)
        }
        encoded.removeAll()
        var place = 0
        for (index, type) in types.enumerated() {
            let parameter = Parameter(snapshot: snapshot, place: place, type: type, position: index + 1)
            try parameter.append(to: &encoded)
            place = snapshot.slots[place].next
        }
    }
}

/// One operand on its way to one type.
private struct Parameter {
    let snapshot: ParameterSnapshot
    let place: Int
    let type: ColumnType
    /// From 1, as in `$1`.
    let position: Int

    private var slot: ParameterSnapshot.Slot { snapshot.slots[place] }

    func append(to encoded: inout EncodedParameters) throws(PostgresFailure) {
        if slot.kind == .null { return encoded.appendNull() }
        if type.family == .bytes, slot.kind == .bytes || slot.kind == .string {
            return encoded.appendBinary { $0.append(contentsOf: snapshot.bytes[slot.range]) }
        }
        var text: [UInt8] = []
        try appendText(to: &text)
        guard !text.contains(0) else {
            throw PostgresFailure(
                .invalid, "parameter $\(position) holds a NUL character, which PostgreSQL cannot store as text",
                sqlstate: "22021", mayHaveRun: false)
        }
        encoded.appendText { $0.append(contentsOf: text) }
    }

    private func appendText(to text: inout [UInt8]) throws(PostgresFailure) {
        if type.family == .json { return appendJSON(to: &text) }
        switch slot.kind {
        case .null: break
        case .list:
            guard type.element != nil || type.isUserDefined else { throw misfit("a list") }
            try appendArray(to: &text)
        case .object:
            guard type.isUserDefined else { throw misfit("an object") }
            text.append(contentsOf: snapshot.bytes[slot.range])
        default: try appendScalar(to: &text)
        }
    }

    private func appendScalar(to text: inout [UInt8]) throws(PostgresFailure) {
        switch slot.kind {
        case .float where type.family == .int:
            // As in Bay: a float without fraction is accepted where an int is wanted.
            if let whole = Int64(exactly: slot.float) {
                text.append(contentsOf: String(whole).utf8)
            } else {
                text.append(contentsOf: snapshot.bytes[slot.range])
            }
        case .bytes:
            guard type.family == .bytes || type.isUserDefined else { throw misfit("bytes") }
            text.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "x")])
            for byte in snapshot.bytes[slot.range] {
                text.append(hexDigit(byte >> 4))
                text.append(hexDigit(byte & 15))
            }
        default: text.append(contentsOf: snapshot.bytes[slot.range])
        }
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// A string becomes a JSON string, so what is read back equals what was written.
    private func appendJSON(to text: inout [UInt8]) {
        switch slot.kind {
        case .null: text.append(contentsOf: "null".utf8)
        case .bool, .int, .float, .list, .object: text.append(contentsOf: snapshot.bytes[slot.range])
        case .string, .time, .duration:
            var quoted = OutputBuffer()
            quoted.append(quoted: String(decoding: snapshot.bytes[slot.range], as: UTF8.self))
            quoted.withBytes { text.append(span: $0) }
        case .bytes:
            let memory = OwnedArena()
            let value = memory.arena.bytes(Array(snapshot.bytes[slot.range]))
            // Base64 of what fitted into memory before: it cannot fail.
            if let base64 = try? value.json() { text.append(contentsOf: base64) }
        }
    }

    /// `{1,NULL,"a \"b\""}`, `{{1,2},{3,4}}`; a ragged one is for the server to refuse.
    private func appendArray(to text: inout [UInt8]) throws(PostgresFailure) {
        let elementType = type.element ?? ColumnType(type.rawValue)
        text.append(UInt8(ascii: "{"))
        var item = place + 1
        while item < slot.next {
            if item > place + 1 { text.append(UInt8(ascii: ",")) }
            let isNested = snapshot.slots[item].kind == .list && elementType.family != .json
            let element = Parameter(
                snapshot: snapshot, place: item, type: isNested ? type : elementType, position: position)
            if isNested {
                try element.appendArray(to: &text)
            } else if snapshot.slots[item].kind == .null {
                text.append(contentsOf: "NULL".utf8)
            } else {
                var plain: [UInt8] = []
                try element.appendText(to: &plain)
                text.append(UInt8(ascii: "\""))
                for byte in plain {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                    text.append(byte)
                }
                text.append(UInt8(ascii: "\""))
            }
            item = snapshot.slots[item].next
        }
        text.append(UInt8(ascii: "}"))
    }

    private func misfit(_ what: String) -> PostgresFailure {
        let wanted = type.name ?? "another type"
        return PostgresFailure(
            .invalid, "parameter $\(position) is \(what), the statement wants \(wanted)", sqlstate: "42804",
            mayHaveRun: false)
    }
}
