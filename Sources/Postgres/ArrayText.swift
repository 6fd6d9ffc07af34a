// ArrayText.swift: arrays as PostgreSQL prints them: `{1,NULL,"a \"b\""}`, `[0:1]={1,2}`, `{{1,2},{3,4}}`.

internal import Machine

enum ArrayText {
    static func list(
        _ text: Span<UInt8>, of element: ColumnType, in arena: Arena
    ) throws(CellProblem) -> Value {
        var bytes: [UInt8] = []
        bytes.append(span: text)
        var reader = Reader(bytes: bytes, element: element, arena: arena)
        reader.skipBounds()
        let value = try reader.list(depth: 0)
        guard reader.position == bytes.count else { throw CellProblem("an array with more text behind it") }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        let element: ColumnType
        let arena: Arena
        var position = 0

        /// Arrays that do not begin at 1 carry their bounds in front; Bay counts from 0 either way.
        mutating func skipBounds() {
            guard bytes.first == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return }
            position = equals + 1
        }

        /// PostgreSQL has at most six dimensions.
        mutating func list(depth: Int) throws(CellProblem) -> Value {
            guard depth < 16, next() == UInt8(ascii: "{") else { throw CellProblem("not an array") }
            var items: [Value] = []
            if peek() == UInt8(ascii: "}") {
                position += 1
                return arena.list(items)
            }
            while true {
                items.append(peek() == UInt8(ascii: "{") ? try list(depth: depth + 1) : try item())
                switch next() {
                case UInt8(ascii: ","): continue
                case UInt8(ascii: "}"): return arena.list(items)
                default: throw CellProblem("an array that does not end")
                }
            }
        }

        private mutating func item() throws(CellProblem) -> Value {
            if peek() == UInt8(ascii: "\"") { return try value(of: quoted()) }
            let start = position
            while let byte = peek(), byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position += 1 }
            let text = Array(bytes[start..<position])
            return text == Array("NULL".utf8) ? .null : try value(of: text)
        }

        private mutating func quoted() throws(CellProblem) -> [UInt8] {
            position += 1
            var text: [UInt8] = []
            while let byte = next() {
                switch byte {
                case UInt8(ascii: "\""): return text
                case UInt8(ascii: "\\"):
                    if let escaped = next() { text.append(escaped) }
                default: text.append(byte)
                }
            }
            throw CellProblem("an array item that does not end")
        }

        private func value(of text: [UInt8]) throws(CellProblem) -> Value {
            try RowDecoder.value(text.span, as: element, in: arena)
        }

        private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func next() -> UInt8? {
            guard let byte = peek() else { return nil }
            position += 1
            return byte
        }
    }
}
