// EngineConfiguration.swift: everything that an engine is told from outside, with the limits of this process.
//
// Filled from flags and environment by the command line, or by DevEnvironment. Law 5: each limit has a number.

package import Dapr
package import Language
package import Machine

/// How one engine runs.
package struct EngineConfiguration: Sendable {
    /// For people and for ids of published events; the Dapr app id where it is known.
    package var appID: String
    /// Folders whose `.bay` files say when: usually one, `routes/<app>`.
    package var routeFolders: [String]
    /// Folders whose `.bay` files are modules, named by their path below.
    package var scriptFolders: [String]
    /// The address that the public port binds.
    package var publicAddress = "0.0.0.0"
    /// The address that the app and admin ports bind; the sidecar is on this machine.
    package var localAddress = "127.0.0.1"
    /// 0 takes any free port.
    package var publicPort: UInt16 = 3000
    package var appPort: UInt16 = 3001
    package var adminPort: UInt16 = 3002
    package var sidecar: SidecarEndpoint
    /// Event loops, one thread each.
    package var loopCount: Int
    /// How long SIGTERM waits for what is in flight.
    package var drainTimeoutNanoseconds: UInt64 = 25_000_000_000
    /// How long `once` remembers an event after its writing was committed.
    package var inboxKeepNanoseconds: UInt64 = 7 * 86_400_000_000_000
    package var limits = EngineLimits.standard
    package var keyTimes = KeyTimes.standard

    package init(
        appID: String, routeFolders: [String], scriptFolders: [String], sidecar: SidecarEndpoint,
        loopCount: Int
    ) {
        self.appID = appID
        self.routeFolders = routeFolders
        self.scriptFolders = scriptFolders
        self.sidecar = sidecar
        self.loopCount = loopCount
    }
}

/// Limits of one engine (language.md section 11). Each is answered by a named error.
package struct EngineLimits: Sendable {
    /// Of one run: fuel, memory, call depth, effects in flight.
    package var run = FiberLimits.standard
    /// Bytes of an event or request body; more is answered 413.
    package var bodyBytesMax: Int
    /// Runs in flight on one loop; more are answered RETRY or 503.
    package var runsPerLoopMax: Int
    /// One effect, and never beyond its run's end.
    package var effectTimeoutNanoseconds: UInt64
    /// One source file: its bytes and its nesting.
    package var source = SourceLimits.standard
    /// All source files of a deployment.
    package var deploymentBytesMax: Int
    /// Connections of one database resource on one loop.
    package var databaseConnectionsPerLoop: Int
    /// Generations that `/generations` remembers.
    package var generationsKept: Int
    /// Deliveries that wait on one loop for their turn, for room or for another of the same event; more are answered
    /// RETRY, counted as `overloaded`.
    package var waitingPerLoopMax: Int
    /// Events that `dedupe` remembers on one loop; beyond, the oldest is forgotten early, and counted.
    package var rememberedEventsPerLoopMax: Int
    /// How long a reload waits for its databases to prepare new SQL; then it goes live as it is, and that is told.
    package var prepareTimeoutNanoseconds: UInt64 = 2_000_000_000
    /// How often the folders are read without an event, and databases asked again about what they refused or did not answer.
    package var rescanNanoseconds: UInt64 = 30_000_000_000

    package init(
        bodyBytesMax: Int, runsPerLoopMax: Int, effectTimeoutNanoseconds: UInt64,
        deploymentBytesMax: Int, databaseConnectionsPerLoop: Int, generationsKept: Int, waitingPerLoopMax: Int,
        rememberedEventsPerLoopMax: Int
    ) {
        self.bodyBytesMax = bodyBytesMax
        self.runsPerLoopMax = runsPerLoopMax
        self.effectTimeoutNanoseconds = effectTimeoutNanoseconds
        self.deploymentBytesMax = deploymentBytesMax
        self.databaseConnectionsPerLoop = databaseConnectionsPerLoop
        self.generationsKept = generationsKept
        self.waitingPerLoopMax = waitingPerLoopMax
        self.rememberedEventsPerLoopMax = rememberedEventsPerLoopMax
    }

    package static let standard = EngineLimits(
        bodyBytesMax: 4 << 20, runsPerLoopMax: 10_000, effectTimeoutNanoseconds: 5_000_000_000,
        deploymentBytesMax: 64 << 20, databaseConnectionsPerLoop: 4,
        generationsKept: 20, waitingPerLoopMax: 10_000, rememberedEventsPerLoopMax: 200_000)
}
