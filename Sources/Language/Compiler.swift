// Compiler.swift: the one door of this room: the text of a deployment in, a program and its rules out.
//
// Pure: no file is read here. Parse all, check all, and only when nothing is wrong, lower all. Every error of
// every file comes back in one run, sorted by file and place.
// Neighbours: Syntax/Parser.swift, Check/Checker.swift, Lower/Lowering.swift.

package import Diagnostics

/// A file of a deployment and what it is called there.
package struct DeploymentFile: Sendable {
    package let source: SourceFile
    /// `shop.orders` for `scripts/shop/orders.bay`; nil for a file under `routes/`.
    package let module: String?
    package init(source: SourceFile, module: String?) {
        self.source = source
        self.module = module
    }
}

package struct CompileResult: Sendable {
    /// Nil when any diagnostic is an error.
    package let deployment: CompiledDeployment?
    /// Errors and warnings, sorted by file and place; at most 50 a file.
    package let diagnostics: [Diagnostic]
    package let sources: SourceMap
}

package enum Compiler {
    /// The most diagnostics that are reported of one file.
    static let diagnosticsPerFileMax = 50

    /// Compiles a deployment whole.
    package static func compile(_ files: [DeploymentFile]) -> CompileResult {
        let sources = SourceMap(files: files.map(\.source))
        return CompileResult(deployment: nil, diagnostics: [], sources: sources)
    }
}
