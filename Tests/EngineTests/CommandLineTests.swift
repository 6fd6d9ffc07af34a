// CommandLineTests.swift: the program's commands as a user meets them: what they print where, and how they exit.

import Dapr
import Foundation
import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct CommandLineTests {
    /// Five mistakes, each of another kind.
    private static func fiveMistakes() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "routes/app/routes.bay",
            """
            database shop = secret("secrets/postgres")
            store shelf = "statestore"

            subscribe "bus/things" (dead_letter: "dead") {
              on "a" => things.saev
              on "b" => things.save
              on "c" => things.note
            }

            get "/things/{id}" => things.load
            get "/things/{id}" => things.load

            """)
        try folder.write(
            "scripts/things.bay",
            """
            handler save(event) { shop.exec "DELETE FROM things WHERE id = '${event.data.id}'" }
            handler note(event) { shelff.save("a", event.data) }
            handler load(request: Request) {
              let wanted: int = "seven"
              return wanted
            }

            """)
        return folder
    }

    @Test func `check shows five mistakes as five diagnostics, each with place and carets, and exits with 1`()
        async throws
    {
        let folder = try Self.fiveMistakes()
        let result = try await Program.run(["check"], in: folder.path)
        #expect(result.code == 1 && result.output.isEmpty)
        let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.filter { $0.hasPrefix("error[") }.map { $0.prefix(12) } == [
                "error[E0504]", "error[E0502]", "error[E0607]", "error[E0601]", "error[E0401]",
            ])
        for place in [
            "routes/app/routes.bay:5:13", "routes/app/routes.bay:11:5", "scripts/things.bay:1:67",
            "scripts/things.bay:2:23",
            "scripts/things.bay:4:21",
        ] { #expect(result.errors.contains("┌─ \(place)\n"), "\(place)") }
        #expect(result.errors.contains("  = fix: replace `things.saev` with `things.save`"))
        #expect(result.errors.hasSuffix("\n\n5 errors, 0 warnings\n"))
        #expect(!result.errors.contains("\u{1b}["), "no colours into a file")
    }

    @Test func `check with format json prints one object a line on standard output`() async throws {
        let folder = try Self.fiveMistakes()
        let result = try await Program.run(["check", "routes/app", "--format", "json"], in: folder.path)
        #expect(result.code == 1 && result.errors.isEmpty)
        let objects = try result.output.split(separator: "\n").map { try JSON.parse($0) }
        #expect(objects.map { $0["code"]?.string } == ["E0504", "E0502", "E0607", "E0601", "E0401"])
        #expect(
            objects[0]["labels"]?[0]?["line"]?.int == 5 && objects[0]["fix"]?["replacement"]?.string == "things.save")
    }

    @Test func `check without a UTF-8 locale draws with ASCII alone`() async throws {
        let folder = try Self.fiveMistakes()
        let result = try await Program.run(["check"], in: folder.path, environment: ["LC_ALL": "C", "NO_COLOR": "1"])
        #expect(result.errors.utf8.allSatisfy { $0 < 0x80 }, "\(result.errors)")
        #expect(result.errors.contains("error[E0504]"))
    }

    @Test func `check of the shipped apps finds nothing`() async throws {
        let result = try await Program.run(["check"], in: Project.root)
        #expect(result.code == 0 && result.errors == "0 errors, 0 warnings\n", "\(result.errors)")
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let code: Int32
        let says: [String]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        Wrong(arguments: ["chek"], code: 2, says: ["there is no command `chek`", "did you mean `patchbay check`?"]),
        Wrong(arguments: ["zzz"], code: 2, says: ["there is no command `zzz`", "`patchbay help`"]),
        Wrong(
            arguments: ["check", "--fromat", "json"], code: 2,
            says: ["unknown option `--fromat`", "did you mean `--format`?"]),
        Wrong(arguments: ["check", "--format"], code: 2, says: ["`--format` needs a value"]),
        Wrong(arguments: ["check", "--format", "xml"], code: 2, says: ["`text`, `json`, not `xml`"]),
        Wrong(arguments: ["run"], code: 2, says: ["which routes?", "patchbay run routes/inventory scripts"]),
        Wrong(arguments: ["dev"], code: 2, says: ["which apps?"]),
        Wrong(
            arguments: ["run", "routes", "--public-port", "70000"], code: 2,
            says: ["`--public-port`", "65535", "`70000`"]),
        Wrong(arguments: ["run", "routes", "--drain-timeout", "soon"], code: 2, says: ["`25s`", "`soon`"]),
        Wrong(arguments: ["explain", "E9999"], code: 2, says: ["there is no code or builtin `E9999`"]),
        Wrong(arguments: ["send", "--topic", "nowhere", "a.json"], code: 2, says: ["`PUBSUB/TOPIC`", "`nowhere`"]),
        Wrong(arguments: ["send", "none.json"], code: 1, says: ["cannot read `none.json`", "No such file"]),
        Wrong(arguments: ["send", "event.json", "--dapr-http-port", "1"], code: 3, says: ["127.0.0.1:1"]),
        Wrong(arguments: ["check"], code: 1, says: ["H1002", "cannot read `routes`", "No such file"]),
        Wrong(arguments: ["check", "empty"], code: 1, says: ["H1004", "no `.bay` file in `empty`"]),
        Wrong(arguments: ["run", "empty"], code: 1, says: ["H1004", "no `.bay` file in `empty`"]),
        Wrong(arguments: ["run", "nowhere"], code: 1, says: ["H1002", "cannot read `nowhere`", "No such file"]),
        Wrong(arguments: ["dev", "empty", "--ports-from", "0"], code: 1, says: ["H1004"]),
        Wrong(arguments: ["dev", "empty", "deep/empty", "--ports-from", "0"], code: 1, says: ["H1007", "`empty`"]),
        Wrong(
            arguments: ["dev", "good", "--ports-from", "0", "--resources-path", "nowhere"], code: 3,
            says: ["H1006", "nowhere"]),
    ])
    func `what cannot be done says why, and the exit code says whose fault it is`(wrong: Wrong) async throws {
        let folder = try TemporaryFolder()
        for name in ["empty", "deep/empty"] { try folder.makeFolder(name) }
        try folder.write("event.json", EngineUnderTest.event("a"))
        try folder.write("good/routes.bay", "get \"/a\" { return 1 }\n")
        let result = try await Program.run(wrong.arguments, in: folder.path)
        #expect(result.code == wrong.code, "\(result.errors)")
        #expect(result.output.isEmpty)
        for piece in wrong.says { #expect(result.errors.contains(piece), "\(result.errors)") }
    }

    @Test func `help and explain are data: on standard output, exit 0`() async throws {
        let folder = try TemporaryFolder()
        let overview = try await Program.run(["help"], in: folder.path)
        #expect(overview.code == 0 && overview.errors.isEmpty)
        for command in ["run", "dev", "check", "send", "sidecar", "explain"] {
            #expect(overview.output.contains("patchbay \(command) "))
            let help = try await Program.run([command, "--help"], in: folder.path)
            #expect(help.code == 0 && help.output.hasPrefix("usage: patchbay \(command) "))
        }
        let page = try await Program.run(["explain", "e0301"], in: folder.path)
        #expect(page.code == 0 && page.output.hasPrefix("# E0301") && page.errors.isEmpty)
    }

    @Test(arguments: ["--public-port", "--app-port", "--admin-port"])
    func `a taken port is named with the option that moves it, exit 3`(option: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("app/routes.bay", "get \"/a\" { return 1 }\n")
        let holder = try FakeSidecar()
        var arguments = ["run", "app", "--public-address", "127.0.0.1"]
        for name in ["--public-port", "--app-port", "--admin-port"] {
            arguments += [name, name == option ? "\(holder.port)" : "0"]
        }
        let result = try await Program.run(arguments, in: folder.path)
        await holder.stop()
        #expect(result.code == 3)
        #expect(result.errors.contains("H1001") && result.errors.contains("port \(holder.port)"))
        #expect(result.errors.contains("`\(option)`"), "\(result.errors)")
    }

    @Test(arguments: [0, 1, 2, 500])
    func `in dev a taken port is named with the option that moves the block`(offset: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.write("app/routes.bay", "get \"/a\" { return 1 }\n")
        try folder.copy(fromProject: "k8s/local/components")
        // A block whose other ports may be taken too: then another one is named, which is as good.
        var holder = try FakeSidecar()
        while !(1025...60_000).contains(holder.port - offset) {
            await holder.stop()
            holder = try FakeSidecar()
        }
        let base = holder.port - offset
        let result = try await Program.run(["dev", "app", "--ports-from", "\(base)"], in: folder.path)
        await holder.stop()
        #expect(result.code == 3)
        #expect(
            result.errors.contains("is taken by another program") && result.errors.contains("`--ports-from`"),
            "\(result.errors)")
        #expect(!result.errors.contains("`--admin-port`"))
    }

    @Test(arguments: [(noColour: "", isColoured: true), (noColour: "1", isColoured: false)])
    func `a terminal gets colours, unless NO_COLOR is set`(noColour: String, isColoured: Bool) async throws {
        let folder = try Self.fiveMistakes()
        let result = try await Program.run(
            ["-qec", "\(Project.program) check", "/dev/null"], in: folder.path,
            environment: ["TERM": "xterm", "NO_COLOR": noColour], program: "/usr/bin/script")
        #expect(result.code == 1)
        #expect(result.output.contains("5 errors, 0 warnings"))
        #expect(result.output.contains("\u{1b}[") == isColoured)
    }

    @Test func `SIGTERM ends what is in flight, takes nothing new, and exits with 0`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "app/routes.bay",
            """
            app other = "other"
            subscribe "bus/things" (dead_letter: "dead", timeout: 1m) { on "slow" { other.post("/gate", event.id, timeout: 1m) } }
            get "/slow" (timeout: 1m) { return other.get("/gate", timeout: 1m).status }

            """)
        let sidecar = try FakeSidecar { $0.target.hasSuffix("/gate") ? .held : .usual }
        let control = try ControlThread()
        let program = try await Program(
            [
                "run", "app", "--public-port", "0", "--app-port", "0", "--admin-port", "0", "--loops", "1",
                "--dapr-http-port", "\(sidecar.port)",
            ], in: folder.path, on: control)
        try await eventually("it is ready") { program.errors.contains(" ready ") }
        func port(_ name: String) -> Int {
            let text = program.errors
            guard let found = text.range(of: " \(name)=[0-9.]*:[0-9]+", options: .regularExpression) else { return 0 }
            return text[found].split(separator: ":").last.flatMap { Int($0) } ?? 0
        }
        let (appPort, publicPort) = (port("app"), port("public"))
        @Sendable func deliver(_ id: String) async throws -> String? {
            try await control.send(
                .post, port: appPort, AppChannel.deliveryPath(pubsub: "bus", topic: "things"),
                headers: [("content-type", "application/cloudevents+json")],
                body: Array(EngineUnderTest.event("slow", id: id).utf8)
            ).json["status"]?.string
        }
        async let told = deliver("in flight")
        async let reply = control.send(.get, port: publicPort, "/slow")
        try await eventually("both are in flight") { sidecar.heldCount == 2 }
        try await program.signal(SIGTERM)
        try await eventually("it drains") {
            try await control.send(.get, port: appPort, "/healthz").status == 503
        }
        #expect(try await deliver("too late") == "RETRY")
        #expect(sidecar.heldCount == 2 && sidecar.calls.count == 2)
        sidecar.release(200)
        #expect(try await told == "SUCCESS")
        #expect(try await reply.text == "200")
        let result = try await program.result()
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.contains("stopping: finishing what is in flight"))
        await sidecar.stop()
        try await control.stop()
    }

    @Test func `a run that outlasts the drain time is cut off, said so, and the exit code is still 0`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "app/routes.bay", "app other = \"other\"\nget \"/slow\" { return other.get(\"/gate\").status }\n")
        let sidecar = try FakeSidecar { $0.target.hasSuffix("/gate") ? .held : .usual }
        let control = try ControlThread()
        let program = try await Program(
            [
                "run", "app", "--public-port", "0", "--app-port", "0", "--admin-port", "0", "--drain-timeout", "100ms",
                "--loops", "1", "--dapr-http-port", "\(sidecar.port)",
            ], in: folder.path, on: control)
        try await eventually("it is ready") { program.errors.contains(" ready ") }
        let found = try #require(program.errors.range(of: " public=[0-9.]*:[0-9]+", options: .regularExpression))
        let port = try #require(program.errors[found].split(separator: ":").last.flatMap { Int($0) })
        let slow = Task { try await control.send(.get, port: port, "/slow") }
        try await eventually("it is in flight") { sidecar.heldCount == 1 }
        try await program.signal(SIGTERM)
        let result = try await program.result()
        #expect(result.code == 0)
        #expect(result.errors.contains("runs were cut off at the drain time-out"))
        _ = await slow.result
        await sidecar.stop()
        try await control.stop()
    }
}
