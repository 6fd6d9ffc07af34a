// DeploymentLoader.swift: read all, check all, compile; then publish it, or say why not and change nothing.
//
// Runs on the background thread, so that a reload of 100,000 rules delays no event; asking a database is no part of
// it, but stands between `load` and `conclude`. Law 4: a deployment goes live whole or not at all.
// Neighbours: DeploymentReader.swift, Generations.swift, Reloading.swift (asks), Language/Compiler.

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

    /// A deployment that compiles, with SQL that a database is to be asked about before it goes live.
    struct Candidate: Sendable {
        let deployment: Deployment
        /// About the SQL that the live generation has not.
        let questions: StatementQuestions
        let diagnostics: [Diagnostic]
        let files: Int
        let began: UInt64
    }

    /// How far one call came.
    enum Step: Sendable {
        case ended(Result)
        case asking(Candidate)
    }

    /// Reads and compiles; publishes when it is clean and no database is to be asked. Blocks.
    ///
    /// - Parameters:
    ///   - known: the fingerprint of the files that are live or were rejected last.
    ///   - asksDatabases: whether new SQL makes a candidate.
    func load(unlessFingerprint known: UInt64?, asksDatabases: Bool) -> (step: Step, fingerprint: UInt64?) {
        let began = Clock.monotonicNanoseconds()
        let number = generations.number + 1
        let files: [DeploymentFile]
        do throws(DeploymentReadError) {
            files = try reader.read()
        } catch {
            let sources = SourceMap(files: [])
            reject(number, error.diagnostics, sources, files: 0, began)
            return (.ended(.rejected(errors: error.diagnostics.count)), nil)
        }
        let fingerprint = Self.fingerprint(of: files)
        if fingerprint == known { return (.ended(.unchanged), fingerprint) }
        let compiled = Compiler.compile(files, limits: reader.limits.source)
        let impossible = compiled.deployment.map { StatementAnswers.impossible(in: $0) } ?? []
        guard let deployment = compiled.deployment, impossible.isEmpty else {
            let diagnostics = compiled.diagnostics + impossible
            reject(number, diagnostics, compiled.sources, files: files.count, began)
            return (.ended(.rejected(errors: diagnostics.count { $0.severity == .error })), fingerprint)
        }
        let candidate = Candidate(
            deployment: Deployment(number: number, compiled: deployment, environment: environment),
            questions: StatementQuestions(
                asksDatabases ? deployment.statements(missingIn: generations.newest?.compiled) : [], of: deployment),
            diagnostics: compiled.diagnostics, files: files.count, began: began)
        guard candidate.questions.isEmpty else { return (.asking(candidate), fingerprint) }
        return (.ended(conclude(candidate, StatementAnswers(), after: nil).result), fingerprint)
    }

    /// Publishes what no database refuses. Blocks as long as the writing of messages does.
    ///
    /// - Parameter said: what it was refused for before; where that is still so, or a database is away, nothing happens.
    /// - Returns: also what the databases found.
    func conclude(
        _ candidate: Candidate, _ answers: StatementAnswers, after said: [Diagnostic]?
    ) -> (result: Result, found: [Diagnostic]) {
        let deployment = candidate.deployment
        let sources = deployment.compiled.sources
        let found = answers.diagnostics(in: deployment.compiled)
        if let said, found == said || !answers.unasked.isEmpty { return (.unchanged, said) }
        let diagnostics = (candidate.diagnostics + found).sorted(by: Diagnostic.isBefore)
        let errors = found.count { $0.severity == .error }
        guard errors == 0 else {
            reject(deployment.number, diagnostics, sources, files: candidate.files, candidate.began)
            return (.rejected(errors: errors), found)
        }
        say(diagnostics, in: sources)
        for unasked in answers.unasked {
            log.warn(
                "the database could not be asked about the SQL of a change: it goes live as it is",
                [("database", unasked.database), ("reason", unasked.reason)])
        }
        generations.publish(
            deployment,
            record: record(
                deployment.number, .live, diagnostics, sources, files: candidate.files, candidate.began,
                deployment.compiled))
        return (.live(number: deployment.number), found)
    }

    /// What the databases say of a generation that is live already.
    func say(_ answers: StatementAnswers, of live: Deployment) {
        let (diagnostics, sources) = (answers.diagnostics(in: live.compiled), live.compiled.sources)
        say(diagnostics, in: sources)
        if !diagnostics.isEmpty {
            generations.append(
                report: Self.report(diagnostics, in: sources),
                diagnosticsJSON: JSONRenderer().render(diagnostics, in: sources), toGeneration: live.number)
        }
        for unasked in answers.unasked {
            log.warn(
                "the database could not be asked about the SQL; it will be again until it answers",
                [("database", unasked.database), ("reason", unasked.reason)])
        }
        let errors = diagnostics.count { $0.severity == .error }
        guard errors > 0 else { return }
        log.error(
            "generation \(live.number) serves, but \(errors) \(errors == 1 ? "place" : "places") of its SQL cannot run: "
                + "a migration is missing, or the text is wrong")
    }

    private func say(_ diagnostics: [Diagnostic], in sources: SourceMap) {
        log.diagnostics(diagnostics, in: sources, renderer)
    }

    private func reject(
        _ number: UInt64, _ diagnostics: [Diagnostic], _ sources: SourceMap, files: Int, _ began: UInt64
    ) {
        log.diagnostics(diagnostics, in: sources, renderer)
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
            report: Self.report(diagnostics, in: sources),
            diagnosticsJSON: JSONRenderer().render(diagnostics, in: sources),
            loadMicroseconds: (Clock.monotonicNanoseconds() - began) / 1000)
    }

    private static func report(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
        TextRenderer(colour: false, ascii: false).render(diagnostics, in: sources)
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
