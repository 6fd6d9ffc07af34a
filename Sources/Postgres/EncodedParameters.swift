// EncodedParameters.swift: parameters as libpq wants them, in one buffer.
//
// Neighbours: ParameterEncoder (fills it), LibpqConnection (sends it). Reused by a connection between statements.

/// The bound parameters of one execution.
struct EncodedParameters {
    struct Item {
        /// Into `bytes`. Text ends with a NUL behind `length`.
        let offset: Int32
        let length: Int32
        let isBinary: Bool
        let isNull: Bool
    }

    /// Never empty, so that an empty value still has an address: libpq takes a null pointer for NULL.
    private(set) var bytes: [UInt8] = [0]
    private(set) var items: [Item] = []

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(0)
        items.removeAll(keepingCapacity: true)
    }

    mutating func appendNull() {
        items.append(Item(offset: 0, length: 0, isBinary: false, isNull: true))
    }

    /// Text format: the server's own input functions read it.
    mutating func appendText(_ write: (inout [UInt8]) -> Void) { append(isBinary: false, write) }

    /// Binary format; used for bytea, whose text form is twice as long.
    mutating func appendBinary(_ write: (inout [UInt8]) -> Void) { append(isBinary: true, write) }

    private mutating func append(isBinary: Bool, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        let length = bytes.count - start
        bytes.append(0)
        items.append(
            Item(offset: Int32(start), length: Int32(length), isBinary: isBinary, isNull: false))
    }
}
