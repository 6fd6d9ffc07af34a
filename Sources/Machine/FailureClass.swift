// FailureClass.swift: the ten ways in which an effect or a handler may fail, and what each means outside.
//
// The table of language.md section 8, in one place: event outcome, HTTP status, gRPC status.

/// The class of a failure. Raw values stand in bytecode: never renumber.
package enum FailureClass: UInt8, CaseIterable, Sendable {
    case invalid, unauthorized, forbidden, notFound, conflict, precondition, tooMany, `internal`, unavailable
    case timeout

    /// As it is written in Bay and in error bodies: `not_found`.
    package var name: String {
        // Spelled out: the name of a case is found by reflection, ten thousand instructions each time.
        switch self {
        case .invalid: "invalid"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .precondition: "precondition"
        case .tooMany: "too_many"
        case .internal: "internal"
        case .unavailable: "unavailable"
        case .timeout: "timeout"
        }
    }

    package init?(name: some StringProtocol) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    /// What becomes of an event whose handler fails with this class.
    package var eventOutcome: EventOutcome {
        switch self {
        case .invalid, .unauthorized, .forbidden, .notFound: .drop
        case .conflict, .precondition, .tooMany, .internal, .unavailable, .timeout: .retry
        }
    }

    /// The status of an HTTP endpoint's answer.
    package var httpStatus: Int {
        switch self {
        case .invalid: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .precondition: 412
        case .tooMany: 429
        case .internal: 500
        case .unavailable: 503
        case .timeout: 504
        }
    }

    /// The class of a downstream HTTP reply's status; nil for 2xx.
    package init?(httpStatus: Int) {
        switch httpStatus {
        case 200..<300: return nil
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 404, 410: self = .notFound
        case 408, 504: self = .timeout
        case 409: self = .conflict
        case 412: self = .precondition
        case 429: self = .tooMany
        case 400..<500: self = .invalid
        case 502, 503: self = .unavailable
        default: self = .internal
        }
    }
}

/// What the sidecar is told about an event.
package enum EventOutcome: UInt8, Sendable {
    case success, drop, retry
}
