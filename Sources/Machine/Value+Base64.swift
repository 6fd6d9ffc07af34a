// Value+Base64.swift: bytes behind a text, for the host: CloudEvents carry binary data that way.
//
// Neighbours: Base64.swift (the code), Dapr/EventEnvelope.swift (asks).

extension Value {
    /// The bytes behind a string of base64; nil for any other text, and for anything but a string.
    package var base64Decoded: [UInt8]? { isString ? Base64.decode(text, length) : nil }
}
