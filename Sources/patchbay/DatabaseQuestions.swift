// DatabaseQuestions.swift: what `check --connect` asks the databases, and where it finds them.
//
// Credentials are those of the deployment, so that what is checked is what would run; `--database` names a place
// instead, for a build server without a sidecar. Neighbours: Commands/CheckCommand.swift, Engine/StatementCheck.

internal import Dapr
internal import Diagnostics
internal import Engine
internal import Language
internal import Transport

struct DatabaseQuestions: Sendable {
    private let sidecar: SidecarEndpoint
    private let overrides: [DatabaseOverride]
    /// For connecting, asking for secrets and preparing, of one deployment.
    private static let patience = Duration.seconds(10)

    static let flags: [Flag] = [
        Flag(
            name: "connect", value: nil, summary: "also prepare the SQL on the databases that the deployment declares"),
        Flag(
            name: "database", value: "[NAME=]URL",
            summary: "ask this PostgreSQL instead; several times for several databases; implies --connect"),
        EngineFlags.sidecarPort,
    ]

    /// Nil when nothing is to be asked.
    init?(_ options: CommandOptions) throws(UsageError) {
        guard options.isSet("connect") || options.isStated("database") else { return nil }
        overrides = options.texts("database").map { DatabaseOverride($0) }
        sidecar = try EngineFlags.sidecar(options)
    }

    /// What the databases say of a deployment's SQL, and which of them said nothing.
    func ask(about deployment: CompiledDeployment, _ loop: EventLoop) async -> [Diagnostic] {
        let check = StatementCheck(
            loop: loop, sidecar: sidecar, environment: ProcessEnvironment.all, overrides: overrides)
        let answers = await check.ask(StatementQuestions(about: deployment), within: Self.patience)
        let unasked = answers.unasked.map { unasked in
            Diagnostic.databaseNotAsked(unasked, help: help(deployment.resources.first { $0.name == unasked.database }))
        }
        return answers.diagnostics(in: deployment) + unasked
    }

    /// - Parameter declared: the databases of every deployment that was looked at.
    /// - Throws: `UsageError` for a name that none of them has.
    func checkNames(among declared: Set<String>) throws(UsageError) {
        guard let wrong = overrides.lazy.compactMap(\.name).first(where: { !declared.contains($0) }) else { return }
        let close = nearest(wrong, in: declared.sorted())
        let known = declared.sorted().map { "`\($0)`" }.joined(separator: ", ")
        throw UsageError(
            message: "`--database \(wrong)=…`: no database is called `\(wrong)`",
            help: close.map { "did you mean `\($0)`?" } ?? (declared.isEmpty ? "none is declared" : "there is \(known)")
        )
    }

    /// How it can be reached.
    private func help(_ database: CompiledResource?) -> [String] {
        guard let database else { return [] }
        var help = ["name it: `patchbay check --database \(database.name)=postgresql://user:password@host/database`"]
        if case .secret = database.target {
            help.append(
                "or start the sidecar that has the secret, now looked for at \(sidecar.host):\(sidecar.port) "
                    + "(`--dapr-http-port`)")
        }
        return help
    }
}
