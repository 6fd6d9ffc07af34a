// SourceFlags.swift: the flags for how much text a deployment may have, shared by the commands that read one.

internal import Engine
internal import Language

enum SourceFlags {
    static let all: [Flag] = [
        Flag(name: "source-bytes", value: "BYTES", summary: "bytes of one .bay file (1048576)"),
        Flag(name: "nesting", value: "N", summary: "brackets and blocks inside each other in a .bay file (200)"),
        Flag(name: "deployment-bytes", value: "BYTES", summary: "bytes of all .bay files together (67108864)"),
    ]

    /// Puts what is stated into `limits`.
    static func read(_ options: CommandOptions, into limits: inout EngineLimits) throws(UsageError) {
        if let bytes = try options.integer("source-bytes", in: 1024...1_073_741_824) { limits.source.bytesMax = bytes }
        if let depth = try options.integer("nesting", in: 10...SourceLimits.nestingCeiling) {
            limits.source.nestingMax = depth
        }
        if let bytes = try options.integer("deployment-bytes", in: 1024...1_073_741_824) {
            limits.deploymentBytesMax = bytes
        }
    }

    static func limits(_ options: CommandOptions) throws(UsageError) -> EngineLimits {
        var limits = EngineLimits.standard
        try read(options, into: &limits)
        return limits
    }
}
