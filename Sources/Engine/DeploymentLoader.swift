// DeploymentLoader.swift: read all, check all, compile; then publish it, or say why not and change nothing.
//
// Runs on the background thread, so that a reload of 100,000 rules delays no event. Law 4: a deployment goes live
// whole or not at all. Neighbours: DeploymentReader.swift, Generations.swift, Language/Compiler.

internal import Diagnostics
internal import Language
internal import Transport

struct DeploymentLoader: Sendable {
    let reader: DeploymentReader
    let generations: Generations
    let log: Log
    let renderer: TextRenderer
    /// Values of variables that resources may name.
    let environment: [String: String]

    /// What came of one attempt.
    enum Result: Sendable {
        case live(number: UInt64)
        case rejected(errors: Int)
        /// The files are what they were.
        case unchanged
    }

    /// Reads and compiles; publishes when it is clean. Blocks.
    ///
    /// - Parameter known: the fingerprint of the files that are live or were rejected last.
    func load(unlessFingerprint known: UInt64?) -> (result: Result, fingerprint: UInt64?) {
        let began = Clock.monotonicNanoseconds()
        let number = generations.number + 1
        let files: [DeploymentFile]
        do throws(DeploymentReadError) {
            files = try reader.read()
        } catch {
            let sources = SourceMap(files: [])
            reject(number, error.diagnostics, sources, files: 0, began)
            return (.rejected(errors: error.diagnostics.count), nil)
        }
        let fingerprint = Self.fingerprint(of: files)
        if fingerprint == known { return (.unchanged, fingerprint) }
        let compiled = Compiler.compile(files)
        guard let deployment = compiled.deployment else {
            reject(number, compiled.diagnostics, compiled.sources, files: files.count, began)
            return (.rejected(errors: compiled.diagnostics.count { $0.severity == .error }), fingerprint)
        }
        let report = renderer.render(compiled.diagnostics, in: compiled.sources)
        if !report.isEmpty { log.text(report) }
        generations.publish(
            Deployment(number: number, compiled: deployment, environment: environment),
            record: record(number, .live, compiled.diagnostics, compiled.sources, files: files.count, began, deployment)
        )
        return (.live(number: number), fingerprint)
    }

    private func reject(
        _ number: UInt64, _ diagnostics: [Diagnostic], _ sources: SourceMap, files: Int, _ began: UInt64
    ) {
        log.text(renderer.render(diagnostics, in: sources))
        generations.reject(record(number, .rejected, diagnostics, sources, files: files, began, nil))
    }

    private func record(
        _ number: UInt64, _ state: GenerationRecord.State, _ diagnostics: [Diagnostic], _ sources: SourceMap,
        files: Int, _ began: UInt64, _ deployment: CompiledDeployment?
    ) -> GenerationRecord {
        GenerationRecord(
            number: number, state: state, loadedAt: Timestamp.now(), files: files,
            rules: deployment?.subscriptions.reduce(0) { $0 + $1.rules.count } ?? 0,
            endpoints: deployment?.endpoints.count ?? 0,
            report: TextRenderer(colour: false, ascii: false).render(diagnostics, in: sources),
            diagnosticsJSON: JSONRenderer().render(diagnostics, in: sources),
            loadMicroseconds: (Clock.monotonicNanoseconds() - began) / 1000)
    }

    /// FNV-1a over paths and bytes: only tells whether a file changed since.
    private static func fingerprint(of files: [DeploymentFile]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for file in files {
            for byte in file.source.path.utf8 { mix(byte) }
            mix(0)
            for byte in file.source.bytes { mix(byte) }
            mix(0xff)
        }
        return hash
    }
}
