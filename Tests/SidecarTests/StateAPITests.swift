// StateAPITests.swift: `/v1.0/state` over real HTTP: statuses, error codes and headers of the contract's table.
import Testing
import Wire

@testable import Sidecar

struct StateAPITests {
    static let stores = [YAML.memoryState, YAML.sqliteState]

    struct Exchange: Sendable {
        let method: HTTPMethod
        let path: String
        var headers: [(name: String, value: String)] = []
        var body = ""
        let status: Int
        var code: String?
        var contains = ""
    }

    static let exchanges: [Exchange] = [
        Exchange(method: .get, path: "statestore/none", status: 204),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"a","value":{"n": 75.00}}]"#, status: 204),
        Exchange(method: .get, path: "statestore/a", status: 200, contains: #"{"n": 75.00}"#),
        Exchange(
            method: .put, path: "statestore", body: #"[{"key":"s","value":"x"},{"key":"n"}]"#, status: 204),
        Exchange(method: .get, path: "statestore/s", status: 200, contains: #""x""#),
        Exchange(method: .get, path: "statestore/n", status: 200, contains: "null"),
        Exchange(method: .post, path: "statestore", body: "[]", status: 204),
        Exchange(method: .get, path: "other/a", status: 400, code: "ERR_STATE_STORE_NOT_FOUND"),
        Exchange(method: .post, path: "other", body: "[]", status: 400, code: "ERR_STATE_STORE_NOT_FOUND"),
        Exchange(
            method: .get, path: "statestore/a%7C%7Cb", status: 400, code: "ERR_MALFORMED_REQUEST",
            contains: "DAPR_STATE_ILLEGAL_KEY"),
        Exchange(method: .delete, path: "statestore/a%7C%7Cb", status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"a||b","value":1}]"#, status: 400,
            code: "ERR_MALFORMED_REQUEST"),
        Exchange(method: .post, path: "statestore", body: "{", status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(method: .post, path: "statestore", body: "", status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(method: .post, path: "statestore", body: "{}", status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"value":1}]"#, status: 400,
            code: "ERR_MALFORMED_REQUEST", contains: "is a required field"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":5}]"#, status: 400,
            code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"k","etag":5}]"#, status: 400,
            code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"k","metadata":{"ttlInSeconds":5}}]"#,
            status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore",
            body: #"[{"key":"k","value":1,"metadata":{"ttlInSeconds":"soon"}}]"#, status: 500,
            code: "ERR_STATE_SAVE"),
        Exchange(
            method: .post, path: "statestore",
            body: #"[{"key":"k","value":1,"options":{"concurrency":"any"}}]"#, status: 500,
            code: "ERR_STATE_SAVE"),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"a","value":1,"etag":"bad-etag"}]"#,
            status: 409, code: "ERR_STATE_SAVE",
            contains:
                "failed saving state in state store statestore: possible etag mismatch. error from state store: "
        ),
        Exchange(
            method: .post, path: "statestore",
            body: #"[{"key":"a","value":2,"etag":"bad-etag"},{"key":"b","value":2}]"#, status: 409,
            code: "ERR_STATE_SAVE"),
        Exchange(method: .get, path: "statestore/b", status: 200, contains: "2"),
        Exchange(method: .post, path: "statestore", body: #"[{"key":"a","value":3,"etag":""}]"#, status: 204),
        Exchange(
            method: .post, path: "statestore", body: #"[{"key":"a","value":4,"etag":null}]"#, status: 204),
        Exchange(
            method: .post, path: "statestore",
            body: #"[{"key":"a","value":5,"options":{"concurrency":"first-write","consistency":"strong"}}]"#,
            status: 409, code: "ERR_STATE_SAVE"),
        Exchange(
            method: .delete, path: "statestore/a", headers: [("If-Match", "bad-etag")], status: 409,
            code: "ERR_STATE_DELETE", contains: "failed deleting state with key a: possible etag mismatch"),
        Exchange(method: .delete, path: "statestore/a?concurrency=first-write", status: 204),
        Exchange(method: .delete, path: "statestore/a", status: 204),
        Exchange(method: .get, path: "statestore/a", status: 204),
        Exchange(
            method: .post, path: "statestore/bulk", body: #"{"keys":["b","zz"],"parallelism":10}"#,
            status: 200, contains: #"{"key":"zz"}"#),
        Exchange(
            method: .post, path: "statestore/bulk", body: #"{"keys":[1]}"#, status: 400,
            code: "ERR_MALFORMED_REQUEST"),
        Exchange(method: .post, path: "statestore/bulk", body: "{}", status: 200, contains: "[]"),
        Exchange(
            method: .post, path: "statestore/transaction",
            body:
                #"{"operations":[{"operation":"upsert","request":{"key":"t","value":[1, 2]}},{"operation":"delete","request":{"key":"b"}}]}"#,
            status: 204),
        Exchange(method: .get, path: "statestore/t", status: 200, contains: "[1, 2]"),
        Exchange(method: .get, path: "statestore/b", status: 204),
        Exchange(
            method: .put, path: "statestore/transaction",
            body:
                #"{"operations":[{"operation":"upsert","request":{"key":"u","value":1}},{"operation":"upsert","request":{"key":"t","value":1,"etag":"bad-etag"}}]}"#,
            status: 500, code: "ERR_STATE_TRANSACTION"),
        Exchange(method: .get, path: "statestore/u", status: 204),
        Exchange(method: .post, path: "statestore/transaction", body: "{}", status: 204),
        Exchange(
            method: .post, path: "statestore/transaction",
            body: #"{"operations":[{"operation":"merge","request":{"key":"t"}}]}"#, status: 400,
            code: "ERR_NOT_SUPPORTED_STATE_OPERATION"),
        Exchange(
            method: .post, path: "statestore/transaction", body: #"{"operations":[{"operation":"upsert"}]}"#,
            status: 400, code: "ERR_MALFORMED_REQUEST"),
        Exchange(
            method: .post, path: "statestore/transaction",
            body: #"{"operations":[{"operation":"upsert","request":{"key":"a||b"}}]}"#, status: 400,
            code: "ERR_MALFORMED_REQUEST"),
        Exchange(method: .get, path: "statestore", status: 404, code: "ERR_DIRECT_INVOKE"),
        Exchange(method: .patch, path: "statestore/a", status: 404, code: "ERR_DIRECT_INVOKE"),
        Exchange(method: .get, path: "statestore/%zz", status: 400, code: "ERR_MALFORMED_REQUEST"),
    ]

    @Test(arguments: stores)
    func `every request of the table is answered as the contract says`(store: String) async throws {
        try await TestSidecar.with([store]) { sidecar in
            for exchange in Self.exchanges {
                let reply = try await sidecar.send(
                    exchange.method, "/v1.0/state/\(exchange.path)", headers: exchange.headers,
                    body: exchange.body)
                let name = "\(exchange.method) \(exchange.path) \(exchange.body)"
                #expect(reply.status == exchange.status, "\(name): \(reply)")
                #expect(reply.errorCode == exchange.code, "\(name): \(reply)")
                #expect(
                    exchange.contains.isEmpty || reply.body.contains(exchange.contains), "\(name): \(reply)")
                #expect(reply.status != 204 || reply.body.isEmpty)
                #expect(reply.headers["traceparent"].map(TraceContext.isValid) == true)
            }
        }
    }

    @Test(arguments: stores)
    func `an item comes with its bare etag, which guards the next write`(store: String) async throws {
        try await TestSidecar.with([store]) { sidecar in
            let save = #"[{"key":"k","value":1}]"#
            let reply1 = try await sidecar.send(.post, "/v1.0/state/statestore", body: save)
            #expect(reply1.status == 204)
            let item = try await sidecar.send(.get, "/v1.0/state/statestore/k?consistency=strong")
            let etag = try #require(item.headers["etag"])
            #expect(!etag.contains("\"") && item.headers["content-type"] == "application/json")
            let good = #"[{"key":"k","value":2,"etag":"\#(etag)","options":{"concurrency":"first-write"}}]"#
            let reply2 = try await sidecar.send(.post, "/v1.0/state/statestore", body: good)
            #expect(reply2.status == 204)
            let reply3 = try await sidecar.send(.post, "/v1.0/state/statestore", body: good)
            #expect(reply3.status == 409)
            let next = try #require(try await sidecar.send(.get, "/v1.0/state/statestore/k").headers["etag"])
            #expect(next != etag)
            let delete = try await sidecar.send(
                .delete, "/v1.0/state/statestore/k", headers: [("if-match", next)])
            #expect(delete.status == 204)
        }
    }

    @Test(arguments: stores)
    func `a time to live shows as metadata and in a bulk read, and the query wins over the body`(
        store: String
    ) async throws {
        try await TestSidecar.with([store]) { sidecar in
            let save = #"[{"key":"k","value":1,"metadata":{"ttlInSeconds":"-1"}}]"#
            let target = "/v1.0/state/statestore?metadata.ttlInSeconds=60"
            let reply4 = try await sidecar.send(.post, target, body: save)
            #expect(reply4.status == 204)
            let item = try await sidecar.send(.get, "/v1.0/state/statestore/k")
            let expiresAt = try #require(item.headers["metadata.ttlExpireTime"])
            let time = try #require(CalendarTime(rfc3339: expiresAt))
            #expect(time > .now() && time < CalendarTime.now().adding(seconds: 61))
            let bulk = try await sidecar.send(.post, "/v1.0/state/statestore/bulk", body: #"{"keys":["k"]}"#)
            #expect(bulk.body.contains(#""metadata":{"ttlExpireTime":"\#(expiresAt)"}"#))
        }
    }

    @Test func `keys of two apps in one file are kept apart`() async throws {
        try await TestSidecar.with([YAML.sqliteState], appID: "one") { one in
            let path = one.folder
            try await TestSidecar.with(
                [YAML.sqliteState], appID: "two", configure: { $0.workingFolder = path }
            ) { two in
                let save = #"[{"key":"k","value":"of one"}]"#
                let reply5 = try await one.send(.post, "/v1.0/state/statestore", body: save)
                #expect(reply5.status == 204)
                let reply6 = try await two.send(.get, "/v1.0/state/statestore/k")
                #expect(reply6.status == 204)
                let reply7 = try await one.send(.get, "/v1.0/state/statestore/k")
                #expect(reply7.status == 200)
            }
        }
    }

    @Test func `without any store the code is another`() async throws {
        try await TestSidecar.with([]) { sidecar in
            let reply = try await sidecar.send(.get, "/v1.0/state/statestore/k")
            #expect(reply.status == 500 && reply.errorCode == "ERR_STATE_STORE_NOT_CONFIGURED")
        }
    }

    @Test(arguments: stores)
    func `eight writers racing with first-write over HTTP count exactly`(store: String) async throws {
        try await TestSidecar.with([store]) { sidecar in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<25 { await Self.addOne(sidecar) }
                    }
                }
            }
            let reply8 = try await sidecar.send(.get, "/v1.0/state/statestore/count")
            #expect(reply8.body == "200")
        }
    }

    private static func addOne(_ sidecar: TestSidecar) async {
        while true {
            guard let item = try? await sidecar.send(.get, "/v1.0/state/statestore/count") else { continue }
            let etag = item.headers["etag"].map { #""etag":"\#($0)","# } ?? ""
            let next = (Int(item.body) ?? 0) + 1
            let body = #"[{"key":"count","value":\#(next),\#(etag)"options":{"concurrency":"first-write"}}]"#
            let reply = try? await sidecar.send(.post, "/v1.0/state/statestore", body: body)
            if reply?.status == 204 { return }
        }
    }

    @Test func `a body of ten megabytes is refused and the sidecar lives`() async throws {
        try await TestSidecar.with([YAML.memoryState]) { sidecar in
            let body = "[{\"key\":\"k\",\"value\":\"" + String(repeating: "x", count: 10 << 20) + "\"}]"
            let reply = try? await sidecar.send(.post, "/v1.0/state/statestore", body: body)
            #expect(reply == nil || reply?.status == 413)
            let reply9 = try await sidecar.send(.get, "/v1.0/state/statestore/k")
            #expect(reply9.status == 204)
        }
    }
}
