// HTTPRejection.swift: why a message is refused, and the status that says so.

/// A message that breaks the rules of HTTP/1.1 or a limit. The connection ends after it: where the message would have
/// ended is no longer certain.
package struct HTTPRejection: Error, Equatable, Sendable, CustomStringConvertible {
    package let status: Int
    package let reason: String

    package init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    package var description: String { "\(status) \(reason)" }
}

/// What a head may cost.
package struct HeadLimits: Sendable {
    package var headBytesMax: Int
    package var targetBytesMax: Int
    package var fieldsMax: Int

    package static let standard = HeadLimits(headBytesMax: 16 << 10, targetBytesMax: 8 << 10, fieldsMax: 100)
}
