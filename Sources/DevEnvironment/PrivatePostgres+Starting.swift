// PrivatePostgres+Starting.swift: from a folder to tables: programs, user, initdb, server, database, schema.

internal import Glibc
internal import Machine
internal import Postgres
internal import Transport

extension PrivatePostgres {
    /// Returns when statements can run. Safe to call on a folder of an earlier run, however that ended.
    package func start() async throws(PrivatePostgresError) -> Credentials {
        guard let user = ServerUser.find() else { throw .noUser(tried: ServerUser.candidates) }
        guard PostgresInstallation.all().first != nil else {
            throw .notInstalled(searched: PostgresInstallation.searched)
        }
        let folder = try await makeFolder(for: user)
        self.folder = folder
        let installation = try chooseInstallation(for: folder)
        self.installation = installation
        let password = try folder.password()
        if folder.dataVersion == nil { try await initialise(folder, installation) }
        await endPredecessor(in: folder)
        try folder.makeSocketFolder()
        try launch()
        do throws(PrivatePostgresError) {
            let credentials = Credentials(host: folder.socketFolder, password: password, database: databaseName)
            try await makeDatabase(credentials)
            for file in schemaFiles { try await runSchema(file, credentials, installation) }
            return credentials
        } catch {
            await stop()
            throw error
        }
    }

    /// The requested folder, or one below /var/tmp when the server's user cannot get there (a home that is closed).
    private func makeFolder(for user: ServerUser) async throws(PrivatePostgresError) -> PrivatePostgresFolder {
        let path = PrivatePostgresFolder.absolute(requestedPath)
        let isOurs = try PrivatePostgresFolder(path: path, user: user)
        guard user.isOther, await !isReachable(path, for: user) else { return isOurs }
        let elsewhere = "/var/tmp/patchbay-\(user.userID)-\(PrivatePostgresFolder.shortHash(of: path))"
        say("the user of PostgreSQL cannot enter `\(path)`: the data is in `\(elsewhere)`")
        return try PrivatePostgresFolder(path: elsewhere, user: user)
    }

    private func isReachable(_ path: String, for user: ServerUser) async -> Bool {
        let command = user.command("/usr/bin/test", ["-w", path, "-a", "-x", path])
        let result = try? await ChildProcess.run(command, on: loop, atMost: .seconds(10))
        return result?.exit.isSuccess ?? false
    }

    private func chooseInstallation(
        for folder: PrivatePostgresFolder
    ) throws(PrivatePostgresError) -> PostgresInstallation {
        let installed = PostgresInstallation.all()
        guard let newest = installed.first else { throw .notInstalled(searched: PostgresInstallation.searched) }
        guard let version = folder.dataVersion else { return newest }
        // Programs from the search path do not tell their version; they may fit.
        guard
            let fitting = installed.first(where: { $0.version == version })
                ?? installed.first(where: { $0.version == "" })
        else { throw .versionMissing(path: folder.path, version: version, installed: installed.map(\.version)) }
        return fitting
    }

    /// Into a folder that becomes `data` only when it is finished: an interrupted first start leaves nothing half made.
    private func initialise(
        _ folder: PrivatePostgresFolder, _ installation: PostgresInstallation
    ) async throws(PrivatePostgresError) {
        try await run(folder.user.command("/bin/rm", ["-rf", folder.unfinishedPath]), step: "clear its folder")
        let arguments = [
            "-D", folder.unfinishedPath, "-U", "patchbay", "--pwfile=\(folder.passwordPath)",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
        ]
        try await run(
            folder.user.command("\(installation.folder)/initdb", arguments), step: "make its data folder",
            atMost: .seconds(120))
        try folder.moveFinishedData()
    }

    private func run(
        _ command: ChildCommand, step: String, atMost limit: Duration = .seconds(30)
    ) async throws(PrivatePostgresError) {
        let result: (exit: ChildExit, lines: [String])
        do throws(TransportError) {
            result = try await ChildProcess.run(command, on: loop, atMost: limit)
        } catch {
            throw .failed(step: step, lines: ["\(error)"])
        }
        guard result.exit.isSuccess else {
            throw .failed(step: step, lines: result.lines.isEmpty ? ["\(result.exit)"] : result.lines)
        }
    }

    /// A server that outlived its `dev`, or what is left of one. We hold the lock, so nobody needs it.
    private func endPredecessor(in folder: PrivatePostgresFolder) async {
        if let old = PrivatePostgresProcesses.postmaster(in: folder.dataPath) {
            say("ending the PostgreSQL of an earlier run (process \(old))")
            kill(old, SIGINT)
            for _ in 0..<200 where PrivatePostgresProcesses.postmaster(in: folder.dataPath) != nil {
                await pause(.milliseconds(50))
            }
        }
        for _ in 0..<100 {
            let left = PrivatePostgresProcesses.working(in: folder.dataPath)
            if left.isEmpty { return }
            PrivatePostgresProcesses.signal(left, SIGKILL)
            await pause(.milliseconds(20))
        }
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            loop.schedule(after: duration) { continuation.resume() }
        }
    }

    // MARK: the database

    /// Waits for the server, which may have to recover first, and makes the database when it is missing.
    private func makeDatabase(_ credentials: Credentials) async throws(PrivatePostgresError) {
        let own = Credentials(host: credentials.host, password: credentials.password, database: "postgres")
        var options = PostgresPoolOptions()
        options.connectionsMax = 1
        options.downPatience = .seconds(60)
        guard let target = try? own.target() else { throw .failed(step: "start", lines: []) }
        let pool = PostgresPool(loop: loop, target: target, options: options)
        defer { pool.close() }
        let memory = OwnedArena()
        let known = SQLStatement("SELECT 1 FROM pg_database WHERE datname = $1")
        let name = memory.arena.string(databaseName)
        let found = try await ask(pool, known, [name], memory.arena)
        guard found == 0 else { return }
        let quoted =
            "\"\(databaseName.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
        _ = try await ask(pool, SQLStatement("CREATE DATABASE \(quoted)"), [], memory.arena)
    }

    /// The number of rows.
    private func ask(
        _ pool: PostgresPool, _ statement: SQLStatement, _ parameters: [Value], _ arena: Arena
    ) async throws(PrivatePostgresError) -> Int64 {
        let result: Result<Int64, PrivatePostgresError> = await withCheckedContinuation { continuation in
            var isResumed = false
            let resume = { (result: Result<Int64, PrivatePostgresError>) in
                guard !isResumed else { return }
                isResumed = true
                continuation.resume(returning: result)
            }
            pool.execute(
                statement, parameters: parameters, in: arena, mode: .execute,
                deadlineNanoseconds: loop.nowNanoseconds &+ Duration.seconds(60).wholeNanoseconds
            ) { reply in
                switch reply.value(in: arena) {
                case .success(let count): resume(.success(count.asInt ?? 0))
                case .failure(let failure): resume(.failure(.failed(step: "answer", lines: [failure.message])))
                }
            }
            whenServerEnds { [self] in
                resume(.failure(.failed(step: "start", lines: folder?.lastLogLines(5) ?? [])))
            }
        }
        return try result.get()
    }

    /// psql runs files of several statements, and names the line of an error.
    private func runSchema(
        _ file: String, _ credentials: Credentials, _ installation: PostgresInstallation
    ) async throws(PrivatePostgresError) {
        let command = ChildCommand(
            "\(installation.folder)/psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", file],
            environment: [
                ("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("PGHOST", credentials.host),
                ("PGPORT", credentials.port),
                ("PGUSER", credentials.username), ("PGPASSWORD", credentials.password),
                ("PGDATABASE", credentials.database), ("PGOPTIONS", "-c client_min_messages=warning"),
            ])
        let result: (exit: ChildExit, lines: [String])
        do throws(TransportError) {
            result = try await ChildProcess.run(command, on: loop, atMost: .seconds(60))
        } catch {
            throw .schemaFailed(path: file, lines: ["\(error)"])
        }
        guard result.exit.isSuccess else { throw .schemaFailed(path: file, lines: result.lines) }
    }
}
