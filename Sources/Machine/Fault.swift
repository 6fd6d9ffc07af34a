// Fault.swift: a bug in the script or a limit reached: what ends a run that nothing can catch.
//
// Neighbours: Diagnostics/DiagnosticCode.swift (area F09), Fiber+Dispatch.swift (raises them).

package import Diagnostics

/// Why a run ended without an outcome of its own.
package struct Fault: Error, Sendable, Equatable {
    package let code: DiagnosticCode
    /// One line, lower case, names what it was about: ``cannot read `price`: `event.data` is null``.
    package let message: String
    /// Offset in the program's code of the instruction; nil before the first one.
    package var word: Int?

    package init(_ code: DiagnosticCode, _ message: String, word: Int? = nil) {
        self.code = code
        self.message = message
        self.word = word
    }

    /// A limit rather than a bug: counted as `exhausted`; also the only thing that ends a quiet run.
    package var isExhaustion: Bool {
        switch code {
        case .outOfFuel, .outOfMemory, .callDepthExceeded, .tooManyEffects: true
        default: false
        }
    }

    static func outOfMemory(limitBytes: Int) -> Fault {
        Fault(.outOfMemory, "the run's values take more than \(limitBytes) bytes")
    }
    static func outOfFuel(steps: UInt32) -> Fault { Fault(.outOfFuel, "ran out of fuel after \(steps) steps") }
}
