// PrivatePostgresTests.swift: a server of one's own: its first start, its later ones, and what is in the way.

import Diagnostics
import Foundation
import Testing
import Transport

@testable import DevEnvironment
@testable import Postgres

@Suite(.serialized) struct PrivatePostgresTests {
    private func schema(_ sql: String) throws -> String {
        let folder = Leftovers.newFolder()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(sql.utf8).write(to: URL(filePath: "\(folder)/schema.sql"))
        return "\(folder)/schema.sql"
    }

    private func failure(folder: String? = nil, schemaFiles: [String] = []) async throws -> Diagnostic {
        do {
            let server = try await TestServer.start(folder: folder, schemaFiles: schemaFiles)
            await server.stop()
        } catch let error as PrivatePostgresError {
            return error.diagnostic
        }
        return try #require(nil, "it started")
    }

    @Test func `the data is there again at the next start, whatever happened to the last one`() async throws {
        let file = try schema(
            """
            -- two statements; the second start runs them again
            CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS u (id int);
            """)
        let first = try await TestServer.start(schemaFiles: [file])
        #expect(try TestDatabase(first.target()).json("INSERT INTO t VALUES (7)", [], .execute) == "1")
        await first.stop()
        #expect(!FileManager.default.fileExists(atPath: first.credentials.host))

        // A server that nobody supervises: its `dev` was killed.
        let data = "\(first.folder)/postgres/data"
        let user = try #require(ServerUser.find())
        let programs = try #require(PostgresInstallation.all().first).folder
        let orphan = Process()
        let command = user.command(
            "\(programs)/postgres", ["-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories=\(data)"])
        orphan.executableURL = URL(filePath: command.executable)
        orphan.arguments = command.arguments
        orphan.standardError = FileHandle.nullDevice
        try orphan.run()
        let limit = Date(timeIntervalSinceNow: 20)
        while PrivatePostgresProcesses.postmaster(in: data) == nil, Date() < limit { usleep(10_000) }
        try Data().write(to: URL(filePath: "\(first.folder)/postgres/data.unfinished"))

        let second = try await TestServer.start(folder: first.folder, schemaFiles: [file])
        #expect(second.lines.text.contains("of an earlier run"))
        #expect(second.credentials == first.credentials)
        #expect(try TestDatabase(second.target()).json("SELECT id FROM t") == #"[{"id":7}]"#)
        let inUse = try await failure(folder: first.folder)
        #expect(inUse.code == .databaseFolder)
        #expect(inUse.title.hasPrefix("another `patchbay dev` uses the database in"))
        await second.stop()
        #expect(PrivatePostgresProcesses.working(in: data).isEmpty)
    }

    @Test func `a schema with an error names file and line`() async throws {
        let diagnostic = try await failure(schemaFiles: [schema("CREATE TABLE a (id int);\nCREATE TABL b (id int);\n")])
        #expect(diagnostic.code == .databaseSchema)
        #expect(diagnostic.title.contains("schema.sql"))
        #expect(diagnostic.help.first?.contains("schema.sql:2: ERROR:  syntax error") == true, "\(diagnostic.help)")
    }

    @Test func `missing programs are named with the command that installs them`() {
        #expect(PostgresInstallation.all(roots: ["/nowhere"], searchPath: ["/bin"]).isEmpty)
        let diagnostic = PrivatePostgresError.notInstalled(searched: PostgresInstallation.searched).diagnostic
        #expect(diagnostic.code == .databaseMissing)
        #expect(diagnostic.help.first?.contains("apt-get install postgresql-15") == true)
    }

    @Test func `data of a version that is not installed is not touched`() async throws {
        let folder = Leftovers.newFolder()
        try FileManager.default.createDirectory(atPath: "\(folder)/postgres/data", withIntermediateDirectories: true)
        try Data("9\n".utf8).write(to: URL(filePath: "\(folder)/postgres/data/PG_VERSION"))
        let diagnostic = try await failure(folder: folder)
        #expect(diagnostic.code == .databaseFolder)
        #expect(diagnostic.title.hasSuffix("was made by PostgreSQL 9, which is not installed"))
    }

    @Test func `a file in the place of the folder is said`() async throws {
        let folder = Leftovers.newFolder()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: "\(folder)/postgres"))
        let diagnostic = try await failure(folder: folder)
        #expect(diagnostic.code == .databaseFolder)
        #expect(diagnostic.help == ["it is not a folder"])
    }

    @Test(.enabled(if: geteuid() == 0))
    func `a folder that the other user cannot enter is replaced by one that it can`() async throws {
        let folder = Leftovers.newFolder()
        try FileManager.default.createDirectory(atPath: "\(folder)/closed", withIntermediateDirectories: true)
        chmod("\(folder)/closed", 0o700)
        let server = try await TestServer.start(folder: "\(folder)/closed")
        #expect(server.lines.text.contains("cannot enter"))
        #expect(try TestDatabase(server.target()).json("SELECT 1 AS a") == #"[{"a":1}]"#)
        await server.stop()
        let elsewhere = PrivatePostgresFolder.shortHash(of: "\(folder)/closed/postgres")
        for user in [ServerUser.find()?.userID ?? 0] {
            try? FileManager.default.removeItem(atPath: "/var/tmp/patchbay-\(user)-\(elsewhere)")
        }
    }
}
