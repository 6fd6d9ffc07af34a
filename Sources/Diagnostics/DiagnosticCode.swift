// DiagnosticCode.swift: every code, explicit, never reused, never renumbered.
//
// The first digits are the area (a test asserts the ranges): E01 text and tokens, E02 grammar, E03 names,
// E04 types and failures, E05 routes, E06 effects, W08 warnings, F09 faults of a running fiber, H10 host.

package enum DiagnosticCode: String, CaseIterable, Sendable {
    case unknownName = "E0301"

    package var severity: Severity {
        switch rawValue.first {
        case "W": .warning
        case "F": .fault
        default: .error
        }
    }
}
