// CheckConnectTests.swift: `patchbay check --connect` as a build server meets it: what is printed, and the exit code.

import Foundation
import Machine
import Testing
import Transport

@testable import Engine

@Suite struct CheckConnectTests {
    /// Two apps over one `scripts`, with a database each; `archive` is never used.
    private static func twoApps(
        column: String = "name", inventory: String = #"secret("secrets/postgres")"#,
        orders: String = #"env("ORDERS_DATABASE")"#
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "routes/inventory/routes.bay",
            "database inventory = \(inventory)\ndatabase archive = secret(\"secrets/nowhere\")\n"
                + "get \"/things/{id}\" => things.load\n")
        try folder.write(
            "routes/orders/routes.bay",
            "database orders = \(orders)\nget \"/orders\" => orders_of.every\nlet spare = 1\n")
        try folder.write(
            "scripts/things.bay",
            """
            handler load(request: Request) {
              return inventory.one "SELECT id, \(column) FROM things WHERE id = ${request.params.id}"
            }

            """)
        try folder.write("scripts/orders_of.bay", "handler every(request) { return orders.rows \"SELECT 1 AS n\" }\n")
        return folder
    }

    private static let schema = "CREATE TABLE things (id text PRIMARY KEY, name text)"

    /// A sidecar that has the credentials as a secret of one value.
    private static func sidecar(_ conninfo: String) throws -> FakeSidecar {
        try FakeSidecar { call in
            guard call.target.hasPrefix("/v1.0/secrets/secrets/postgres") else { return .reply(403, "{}") }
            let json = JSON.object([JSON.Member("postgres", .string(conninfo))])
            return .reply(200, String(decoding: json.serialized(), as: UTF8.self))
        }
    }

    @Test func `credentials come from the sidecar and the environment, and a clean deployment exits with 0`()
        async throws
    {
        let folder = try Self.twoApps()
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let sidecar = try Self.sidecar(database.conninfo)
            let result = try await Program.run(
                ["check", "--connect", "--dapr-http-port", "\(sidecar.port)"], in: folder.path,
                environment: ["ORDERS_DATABASE": database.conninfo])
            #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
            #expect(result.errors == "0 errors, 0 warnings\n")
            // The database that no statement uses is not asked for.
            #expect(sidecar.calls.count == 1)
            await sidecar.stop()
        }
    }

    @Test func `a wrong column is shown at its word, once for all apps, and exits with 1`() async throws {
        let folder = try Self.twoApps(column: "nam")
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            for places in [
                ["--database", "inventory=\(database.conninfo)", "--database=orders=\(database.conninfo)"],
                ["--database", database.conninfo], ["--connect", "--database", database.conninfo],
            ] {
                let result = try await Program.run(["check"] + places, in: folder.path)
                #expect(result.code == 1 && result.output.isEmpty)
                #expect(
                    result.errors == """
                        error[E0621]: column "nam" does not exist
                          ┌─ scripts/things.bay:2:36
                          │
                        2 │   return inventory.one "SELECT id, nam FROM things WHERE id = ${request.params.id}"
                          │                                    ^^^ no such column in `inventory`
                          │
                          = fix: replace `nam` with `name`

                        1 error, 0 warnings

                        """, "\(result.errors)")
            }
            let json = try await Program.run(
                ["check", "--database", database.conninfo, "--format", "json"], in: folder.path)
            #expect(json.code == 1 && json.errors.isEmpty)
            let diagnostic = try JSON.parse(String(json.output.split(separator: "\n").first ?? ""))
            #expect(diagnostic["code"]?.string == "E0621")
            #expect(diagnostic["fix"]?["replacement"]?.string == "name")
        }
    }

    @Test func `without --connect no database is asked`() async throws {
        let folder = try Self.twoApps(column: "nam")
        let result = try await Program.run(
            ["check"], in: folder.path, environment: ["PATCHBAY_DATABASE": "postgresql://nobody@127.0.0.1:1/x"])
        #expect(result.code == 0 && result.errors == "0 errors, 0 warnings\n")
    }

    @Test func `what is not reachable is said with the way to it, the rest is printed all the same, exit 3`()
        async throws
    {
        let folder = try Self.twoApps(column: "nam")
        try await DatabaseUnderTest.with(Self.schema) { database async throws in
            let result = try await Program.run(
                ["check", "--connect", "--database", "inventory=\(database.conninfo)", "--dapr-http-port", "1"],
                in: folder.path)
            #expect(result.code == 3 && result.errors.contains(#"column "nam" does not exist"#))
            #expect(
                result.errors.contains(
                    """
                    error[H1045]: the database `orders` could not be asked about its SQL
                      ┌─ routes/orders/routes.bay:1:10
                      │
                    1 │ database orders = env("ORDERS_DATABASE")
                      │          ^^^^^^ the environment variable `ORDERS_DATABASE` is not set
                      │
                      = help: name it: `patchbay check --database orders=postgresql://user:password@host/database`

                    """), "\(result.errors)")
            #expect(result.errors.hasSuffix("2 errors, 0 warnings\n"))
            let json = try await Program.run(
                [
                    "check", "--connect", "--database", "inventory=\(database.conninfo)", "--dapr-http-port", "1",
                    "--format", "json",
                ], in: folder.path)
            #expect(json.code == 3 && json.errors.isEmpty)
            let codes = try json.output.split(separator: "\n").map { try JSON.parse(String($0))["code"]?.string }
            #expect(codes == ["E0621", "H1045"])
        }
    }

    struct Unreachable: Sendable {
        let target: String
        let says: [String]
    }

    @Test(arguments: [
        Unreachable(
            target: #"secret("secrets/postgres")"#,
            says: ["cannot read secret `postgres` from store `secrets`", "--dapr-http-port", "127.0.0.1:1"]),
        Unreachable(
            target: #""postgresql://someone:very-secret@127.0.0.1:1/things""#,
            says: ["cannot connect to someone@127.0.0.1:1/things", "Connection refused"]),
        Unreachable(target: #""host=127.0.0.1 port=many""#, says: ["`many` is not a port"]),
        Unreachable(target: #""nonsense very-secret""#, says: ["the connection text cannot be read"]),
    ])
    func `each way of not being reachable has its words, and none shows a password`(expected: Unreachable) async throws
    {
        let folder = try Self.twoApps(inventory: expected.target, orders: #"env("NONE")"#)
        let result = try await Program.run(
            ["check", "routes/inventory", "--connect", "--dapr-http-port", "1"], in: folder.path)
        #expect(result.code == 3)
        for piece in expected.says { #expect(result.errors.contains(piece), "\(result.errors)") }
        let shown = result.errors.split(separator: "\n").filter { !$0.contains("database inventory =") }
        #expect(!shown.contains { $0.contains("very-secret") })
    }

    @Test func `errors of the text come first: the database is not asked about them`() async throws {
        let folder = try Self.twoApps()
        try folder.write("scripts/things.bay", "handler load(request: Request) { return nothing }\n")
        let result = try await Program.run(
            ["check", "routes/inventory", "--connect", "--dapr-http-port", "1"], in: folder.path)
        #expect(result.code == 1 && result.errors.contains("E0301") && !result.errors.contains("H1045"))
    }

    @Test func `a name that no database has is wrong usage`() async throws {
        let folder = try Self.twoApps()
        let result = try await Program.run(
            [
                "check", "routes/inventory", "--database", "inventry=postgresql://nobody@127.0.0.1:1/x",
                "--dapr-http-port", "1",
            ], in: folder.path)
        #expect(result.code == 3, "the database that is left says so first: \(result.errors)")
        try folder.write("scripts/things.bay", "handler load(request: Request) { return 1 }\n")
        let alone = try await Program.run(
            ["check", "routes/inventory", "--database", "inventry=postgresql://nobody@127.0.0.1:1/x"], in: folder.path)
        #expect(alone.code == 2 && alone.errors.contains("no database is called `inventry`"))
        #expect(alone.errors.contains("did you mean `inventory`?"))
    }

    @Test(arguments: [
        (text: "inventory=postgresql://a@b/c", name: "inventory" as String?, conninfo: "postgresql://a@b/c"),
        ("inventory=host=/tmp dbname=x", "inventory", "host=/tmp dbname=x"),
        ("postgresql://a@b/c?sslmode=disable", nil, "postgresql://a@b/c?sslmode=disable"),
        ("host=/tmp dbname=x", nil, "host=/tmp dbname=x"), ("nonsense", nil, "nonsense"),
    ])
    func `an override has a name, unless libpq reads all of it`(text: String, name: String?, conninfo: String) {
        let override = DatabaseOverride(text)
        #expect(override.name == name && override.conninfo == conninfo)
    }

    @Test func `what no database runs is an error without one, and with one that is not there`() async throws {
        let folder = try Self.twoApps()
        try folder.write(
            "scripts/things.bay",
            "handler load(request: Request) { return inventory.exec \"SET timezone TO 'UTC'\" }\n")
        try folder.remove("routes/orders/routes.bay")
        try folder.remove("scripts/orders_of.bay")
        // With no other SQL left there is no need of the database that is not there.
        for flags in [[], ["--connect", "--dapr-http-port", "1"]] {
            let result = try await Program.run(["check", "routes/inventory"] + flags, in: folder.path)
            #expect(result.code == 1)
            #expect(
                result.errors == """
                    error[E0622]: `SET` is not possible here
                      ┌─ scripts/things.bay:1:57
                      │
                    1 │ handler load(request: Request) { return inventory.exec "SET timezone TO 'UTC'" }
                      │                                                         ^^^ it changes the session, which other statements share

                    1 error, 0 warnings

                    """, "\(result.errors)")
        }
    }

    @Test func `the shipped apps' SQL fits their own tables`() async throws {
        let folder = try TemporaryFolder()
        for name in ["routes", "scripts"] { try folder.copy(fromProject: name) }
        try await DatabaseUnderTest.with(try Project.read("routes/inventory/schema.sql")) { database async throws in
            let result = try await Program.run(["check", "--database", database.conninfo], in: folder.path)
            #expect(result.code == 0 && result.errors == "0 errors, 0 warnings\n", "\(result.errors)")
        }
    }
}
