// PortPlan.swift: which ports the apps of a dev session and their sidecars listen on.
//
// App number k (from 0) listens on 3000+10k (public), 3001+10k (app), 3002+10k (admin), its sidecar on 3500+10k
// (HTTP). Another base moves the block; base 0 takes any free ports (architecture, "Running").

package struct PortPlan: Sendable, Equatable {
    package let publicPort: UInt16
    package let appPort: UInt16
    package let adminPort: UInt16
    package let sidecarHTTPPort: UInt16

    /// Apps that fit below the next block.
    package static let appsMax = 40

    /// - Parameters:
    ///   - base: the first app's public port; 0 takes any free ports.
    ///   - app: the app's number, from 0.
    package init(base: UInt16, app: Int) {
        precondition((0..<Self.appsMax).contains(app), "the command line bounds the apps")
        guard base != 0 else {
            (publicPort, appPort, adminPort, sidecarHTTPPort) = (0, 0, 0, 0)
            return
        }
        let first = base + UInt16(10 * app)
        publicPort = first
        appPort = first + 1
        adminPort = first + 2
        sidecarHTTPPort = first + 500
    }
}
