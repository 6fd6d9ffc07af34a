// RoughTreatmentTests.swift: reloads under traffic, editors' habits, a sidecar that goes away, callers that pretend.

import Foundation
import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

private final class Flag: Sendable {
    private let raised = Mutex(false)
    var isRaised: Bool { raised.withLock { $0 } }
    func raise() { raised.withLock { $0 = true } }
}

struct RoughTreatmentTests {
    private static func routes(_ version: Int) -> String {
        """
        store shelf = "statestore"
        subscribe "bus/things" (dead_letter: "dead", timeout: 1m) { on "save" { shelf.save(event.id, \(version)) } }

        """
    }

    @Test func `reloads under traffic lose no event and mix no two generations`() async throws {
        try await EngineUnderTest.with(routes: Self.routes(0), adjust: { $0.loopCount = 2 }) { engine async throws in
            let end = Flag()
            async let told = withThrowingTaskGroup(of: [String].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var told: [String] = []
                        while !end.isRaised {
                            told.append(try await engine.deliver("save", id: "\(writer)-\(told.count)"))
                        }
                        return told
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            for version in 1...8 {
                let text = version % 4 == 0 ? "subscribe nonsense\n" : Self.routes(version)
                try engine.folder.write("routes/app/routes.bay", text)
                try await eventually("attempt \(version) is recorded") {
                    let newest = try await engine.admin("/generations").json["generations"]?[0]
                    let isRejected = newest?["state"]?.string == "rejected"
                    return version % 4 == 0
                        ? isRejected : !isRejected && newest?["number"]?.int == Int64(version + (version > 4 ? 0 : 1))
                }
            }
            end.raise()
            let words = try await told
            #expect(!words.isEmpty && words.allSatisfy { $0 == "SUCCESS" })
            #expect(try await engine.outcomes() == ["success": Int64(words.count)])
            #expect(engine.sidecar.calls.count == words.count)
        }
    }

    @Test func `files are saved as editors save them, and folders come and go`() async throws {
        try await EngineUnderTest.with(routes: Self.routes(1)) { engine async throws in
            func isServed(_ path: String) async throws -> Bool { try await engine.request(.get, path).status == 200 }
            // Written beside and renamed over, with a backup and a swap file left behind.
            try engine.folder.write("routes/app/.routes.bay.swp", "b0VIM")
            try engine.folder.write("routes/app/routes.bay~", "old")
            try engine.folder.write("routes/app/4913", Self.routes(1) + "get \"/renamed\" { return 1 }\n")
            try engine.folder.rename("routes/app/4913", over: "routes/app/routes.bay")
            try await eventually("the renamed file is live") { try await isServed("/renamed") }
            // A folder that is new, with a file in it.
            try engine.folder.write("routes/app/more/deep/extra.bay", "get \"/deep\" { return 1 }\n")
            try await eventually("the file in the new folder is live") { try await isServed("/deep") }
            try engine.folder.write("routes/app/more/deep/extra.bay", "get \"/deeper\" { return 1 }\n")
            try await eventually("its change too") { try await isServed("/deeper") }
            try engine.folder.remove("routes/app/more")
            try await eventually("it is gone") { try await !isServed("/deeper") }
            // The whole folder is replaced, as a checkout of another branch does.
            try engine.folder.write("other/routes.bay", Self.routes(1) + "get \"/other\" { return 1 }\n")
            try engine.folder.rename("routes/app", over: "routes/old")
            try engine.folder.rename("other", over: "routes/app")
            try await eventually("the other folder is live") { try await isServed("/other") }
            try engine.folder.write("routes/app/routes.bay", Self.routes(1) + "get \"/last\" { return 1 }\n")
            try await eventually("and is watched") { try await isServed("/last") }
        }
    }

    @Test func `a sidecar that goes away costs what needs it, and is found again on its port`() async throws {
        try await EngineUnderTest.with(routes: Self.routes(1)) { engine async throws in
            #expect(try await engine.deliver("save") == "SUCCESS")
            await engine.sidecar.stop()
            #expect(try await engine.deliver("save") == "RETRY")
            #expect(engine.log.contains("(unavailable)"))
            let back = try FakeSidecar(port: engine.sidecar.port)
            #expect(try await engine.deliver("save") == "SUCCESS")
            #expect(back.saved("statestore/1") == "1")
            await back.stop()
        }
    }

    @Test(arguments: [
        // A store may hold what is no JSON: that can be read, and not counted up.
        (status: 200, body: "{not json", read: "SUCCESS"), (status: 200, body: "\u{0}", read: "SUCCESS"),
        (status: 500, body: "<html>oops</html>", read: "RETRY"), (status: 302, body: "", read: "RETRY"),
        (status: 400, body: "null", read: "RETRY"), (status: 403, body: #"{"errorCode":7}"#, read: "RETRY"),
    ])
    func `a reply that makes no sense ends its run and nothing else`(status: Int, body: String, read: String)
        async throws
    {
        let routes = """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
              on "get"    { shelf.get("a") }
              on "update" { update shelf["a"] as n { (n ?? 0) + 1 } }
            }
            """
        try await EngineUnderTest.with(routes: routes, sidecar: { _ in .reply(status, body) }) { engine async throws in
            #expect(try await engine.deliver("get") == read)
            #expect(try await engine.deliver("update") == "RETRY")
        }
    }

    @Test func `only the app channel says who calls`() async throws {
        let routes = #"get "/who" { return { caller: request.caller } }"#
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            let headers = [("dapr-caller-app-id", "shop")]
            #expect(try await engine.request(.get, "/who", headers: headers).text == #"{"caller":null}"#)
            let invoked = try await engine.control.send(.get, port: engine.ports.appPort, "/who", headers: headers)
            #expect(invoked.text == #"{"caller":"shop"}"#)
        }
    }

    @Test(arguments: [
        ("/things/a%20b?tag=x%26y", 200, #"{"id":"a b","tag":"x&y"}"#),
        ("/things/%E2%82%AC", 200, #"{"id":"€","tag":null}"#),
        ("/things/%zz", 404, "NOT_FOUND"), ("/things/%ff", 404, "NOT_FOUND"), ("/things/a?tag=%", 400, "percent"),
        ("/things/..%2fsecret", 200, #"{"id":"../secret","tag":null}"#),
    ])
    func `paths and queries are percent-decoded; a path that cannot be is unknown, a query 400`(
        target: String, status: Int, says: String
    ) async throws {
        let routes = #"get "/things/{id}" { return { id: request.params.id, tag: request.query.tag } }"#
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            let answer = try await RawConnection.exchange(
                port: engine.ports.publicPort, head: "GET \(target) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
                toEnd: true)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains(says), "\(answer)")
        }
    }

    @Test func `a condition without end costs its event RETRY, and no more`() async throws {
        let routes = """
            fn heavy(n) { var sum = 0
              for i in 0..<n { sum += i }
              return sum
            }
            subscribe "bus/things" (dead_letter: "dead") {
              on "heavy" where heavy(event.data.n) >= 0 { log.debug("taken") }
            }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            #expect(try await engine.deliver("heavy", data: #"{"n":10}"#) == "SUCCESS")
            #expect(try await engine.deliver("heavy", data: #"{"n":9000000000}"#) == "RETRY")
            #expect(try await engine.deliver("heavy", data: #"{"n":10}"#) == "SUCCESS")
            #expect(try await engine.outcomes() == ["success": 2, "exhausted": 1])
        }
    }
}
