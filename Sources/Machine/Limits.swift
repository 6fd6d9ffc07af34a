// Limits.swift: how much a run may use. Each limit has a number here and a named fault in Fault.swift.

/// Limits of one run. Defaults are the table of language.md section 11; a deployment may set others.
package struct FiberLimits: Sendable, Equatable {
    /// Steps: back-edges, calls, and builtins by their work.
    package var fuelSteps: UInt32
    /// Bytes of values in the run's arena.
    package var arenaBytesMax: UInt32
    /// Frames.
    package var callDepthMax: UInt16
    /// Effects of a run that wait for their replies at the same time.
    package var effectsInFlightMax: UInt16
    /// Lists and objects inside each other in JSON that is read, compared or fitted to a type.
    package var jsonDepthMax: UInt16

    package static let jsonDepthStandard: UInt16 = 128
    /// The most that can be asked for: a level takes 2 KB of stack at most in a debug build, and a loop has 8 MB.
    package static let jsonDepthCeiling: UInt16 = 1000

    package init(
        fuelSteps: UInt32, arenaBytesMax: UInt32, callDepthMax: UInt16, effectsInFlightMax: UInt16,
        jsonDepthMax: UInt16 = jsonDepthStandard
    ) {
        self.fuelSteps = fuelSteps
        self.arenaBytesMax = arenaBytesMax
        self.callDepthMax = callDepthMax
        self.effectsInFlightMax = effectsInFlightMax
        self.jsonDepthMax = jsonDepthMax
    }

    package static let standard = FiberLimits(
        fuelSteps: 1_000_000, arenaBytesMax: 64 << 20, callDepthMax: 64, effectsInFlightMax: 256)
}
