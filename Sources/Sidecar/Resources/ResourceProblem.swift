// ResourceProblem.swift: what is wrong in a resource file, and what to write instead.
//
// daprd logs a file that it cannot read and goes on without it; the embedded sidecar refuses to start and names
// everything at once, because a component that is silently missing shows up later as something else.

/// One problem in a resource file.
package struct ResourceProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// As the folder was given, with the file's name.
    package let file: String
    /// From 1; 0 when the file as a whole is meant.
    package let line: Int
    /// What is wrong, in the file's words.
    package let what: String
    /// What to write or do.
    package let instead: String

    package init(file: String, line: Int, what: String, instead: String) {
        self.file = file
        self.line = line
        self.what = what
        self.instead = instead
    }

    package var description: String {
        line > 0 ? "\(file):\(line): \(what); \(instead)" : "\(file): \(what); \(instead)"
    }
}

/// What reading collects: errors keep the sidecar from starting, warnings are logged.
struct ResourceNotes: Sendable, Equatable {
    var problems: [ResourceProblem] = []
    var warnings: [ResourceProblem] = []
}
