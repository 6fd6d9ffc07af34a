// TraceContext.swift: the W3C trace context of a request: carried on, or begun.
//
// The sidecar records no spans, so a valid `traceparent` is passed on unchanged. A new one is not sampled, as daprd's
// default rate of 1 in 10,000 nearly always decides.

internal import DaprContract
internal import Wire

struct TraceContext: Sendable, Equatable {
    /// `00-<32 hex>-<16 hex>-<2 hex>`
    let traceparent: String
    let tracestate: String?

    /// Of an incoming request.
    init(continuing headers: HeaderFields) {
        if let given = headers[HeaderName.traceparent], Self.isValid(given) {
            traceparent = given
            tracestate = headers[HeaderName.tracestate]
        } else {
            traceparent =
                "00-\(RandomUUID.hexadecimal(byteCount: 16))-\(RandomUUID.hexadecimal(byteCount: 8))-00"
            tracestate = nil
        }
    }

    /// Version, ids that are not all zero, flags.
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0] != "ff", parts[0] != "00" || parts.count == 4 else { return false }
        let lengths = [2, 32, 16, 2]
        for (part, length) in zip(parts, lengths) {
            guard part.utf8.count == length,
                part.utf8.allSatisfy({ 48...57 ~= $0 || 97...102 ~= $0 })
            else { return false }
        }
        return parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}
