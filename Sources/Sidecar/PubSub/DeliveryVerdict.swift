// DeliveryVerdict.swift: what an app's answer to an event means.
//
// Pure. Source: contract 1.5, the table of response semantics.

internal import DaprContract

/// What to do with the event.
enum DeliveryVerdict: Equatable, Sendable {
    case acknowledge
    /// Try again by the policy. `status` is the app's HTTP status when that is what failed.
    case retry(status: Int?, reason: String)
    /// Never try again.
    case drop(reason: String)

    /// - Parameters:
    ///   - status: of the app's reply
    ///   - body: read only for 2xx
    init(status: Int, body: [UInt8]) {
        switch status {
        case 200..<300:
            self = Self.read(body)
        case 404:
            self = .drop(reason: "the app answered 404: it does not know the path")
        default:
            self = .retry(status: status, reason: "the app answered \(status)")
        }
    }

    /// 2xx: what is no object with a text `status` is a success.
    private static func read(_ body: [UInt8]) -> DeliveryVerdict {
        // The usual answer, told without reading JSON.
        if body.isEmpty || body.elementsEqual(DeliveryStatus.success.body.utf8) { return .acknowledge }
        guard let document = try? JSONDocument(body), let word = document.read({ $0["status"]?.string }),
            !word.isEmpty
        else { return .acknowledge }
        switch DeliveryStatus(rawValue: word) {
        case .success: return .acknowledge
        case .drop: return .drop(reason: "the app answered DROP")
        case .retry: return .retry(status: nil, reason: "the app answered RETRY")
        case nil: return .retry(status: nil, reason: "the app answered the unknown status `\(word)`")
        }
    }
}
