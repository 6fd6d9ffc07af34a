// Compiler.swift: the one door of this room: the text of a deployment in, a program and its rules out.
//
// Pure: no file is read here. Parse all, check all, and only when nothing is wrong, lower all. Every error of
// every file comes back in one run, sorted by file and place.
// Neighbours: Syntax/Parser.swift, Check/Checker.swift, Lower/Lowering.swift.

package import Diagnostics
internal import Machine

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
    /// Handlers that this deployment's routes do not reach, as warnings. Not among `diagnostics`: another app of
    /// the same scripts may reach them, so who checks all apps shows those that every result has. Empty when there
    /// are errors.
    package let unreachedHandlers: [Diagnostic]
    package let sources: SourceMap
}

package enum Compiler {
    /// The most diagnostics that are reported of one file.
    package static let diagnosticsPerFileMax = 50

    /// Compiles a deployment whole.
    ///
    /// - Parameter explaining: also compiles each clause of each `where` on its own.
    package static func compile(
        _ files: [DeploymentFile], limits: SourceLimits = .standard, explaining: Bool = false
    ) -> CompileResult {
        let sources = SourceMap(files: files.map(\.source))
        let declarations = Declarations()
        var diagnostics: [Diagnostic] = []
        for (position, file) in files.enumerated() {
            let module = declarations.module(named: file.module, path: file.source.path)
            let (tree, found) = Parser.parse(
                file.source, id: SourceFileID(UInt32(position)), symbols: &declarations.symbols,
                limits: limits)
            diagnostics += found
            declarations.append(ParsedFile(tree: tree, module: module, source: file.source))
        }
        let checker = Checker(declarations: declarations, depthMax: limits.depthMax)
        checker.run()
        diagnostics += checker.diagnostics
        var deployment: CompiledDeployment?
        let hasErrors = diagnostics.contains { $0.severity == .error }
        if !hasErrors { deployment = lower(checker, sources: sources, explaining, &diagnostics) }
        return CompileResult(
            deployment: deployment, diagnostics: sorted(diagnostics),
            unreachedHandlers: hasErrors ? [] : checker.unreachedHandlers(), sources: sources)
    }

    private static func lower(
        _ checker: Checker, sources: SourceMap, _ explaining: Bool, _ diagnostics: inout [Diagnostic]
    ) -> CompiledDeployment? {
        let evaluation = ConstantEvaluation.run(checker)
        diagnostics += evaluation.diagnostics
        guard evaluation.diagnostics.isEmpty else { return nil }
        let lowering = Lowering(checker, constants: evaluation.values)
        let deployment = lowering.lowerDeployment(sources: sources, explaining: explaining)
        diagnostics += lowering.diagnostics
        return deployment
    }

    /// In the order of files and places, each once, at most 50 a file.
    private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        var counts: [SourceFileID: Int] = [:]
        return diagnostics.sorted(by: Diagnostic.isBefore).filter { diagnostic in
            guard seen.insert(diagnostic).inserted else { return false }
            guard let file = diagnostic.primary?.range.file else { return true }
            counts[file, default: 0] += 1
            return counts[file, default: 0] <= diagnosticsPerFileMax
        }
    }
}
