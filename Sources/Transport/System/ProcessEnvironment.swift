// ProcessEnvironment.swift: the variables that this process was started with.
internal import CLinux

package enum ProcessEnvironment {
    /// Read once; nobody changes the environment after the start.
    package static let all: [String: String] = {
        var variables: [String: String] = [:]
        // SAFETY: `clinux_environment` gives a list of C strings that ends with nil.
        guard var next = unsafe clinux_environment() else { return [:] }
        while let entry = unsafe next.pointee {
            let pair = unsafe String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            unsafe next += 1
        }
        return variables
    }()
}
