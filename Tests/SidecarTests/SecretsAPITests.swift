// SecretsAPITests.swift: secret stores over HTTP, and the files behind them.
import Testing
import Wire

@testable import Sidecar

struct SecretsAPITests {
    static let file = #"{"postgres":{"user":"u","port":5432,"tls":{"on":true}},"token":"t","list":["a","b"]}"#

    private func yaml(_ metadata: [String: String] = [:]) -> String {
        YAML.component(
            "secrets", "secretstores.local.file", metadata.merging(["secretsFile": "secrets.json"]) { $1 })
    }

    @Test func `a file with several values per secret gives whole secrets`() async throws {
        try await TestSidecar.with([yaml(["multiValued": "true"])], files: ["secrets.json": Self.file]) {
            sidecar in
            let table: [(String, Int, String)] = [
                ("secrets/postgres", 200, #"{"user":"u","port":"5432","tls:on":"true"}"#),
                ("secrets/token", 200, #"{"token":"t"}"#), ("secrets/none", 500, "ERR_SECRET_GET"),
                ("other/token", 401, "ERR_SECRET_STORE_NOT_FOUND"),
                ("secrets/postgres:user", 500, "ERR_SECRET_GET"),
                (
                    "secrets/bulk", 200,
                    #"{"list":{"0":"a","1":"b"},"postgres":{"user":"u","port":"5432","tls:on":"true"},"token":{"token":"t"}}"#
                ),
            ]
            for (path, status, body) in table {
                let reply = try await sidecar.send(.get, "/v1.0/secrets/\(path)")
                #expect(reply.status == status && reply.body.contains(body), "\(path): \(reply)")
            }
        }
    }

    @Test func `a file with single values is flattened with its separator`() async throws {
        try await TestSidecar.with([yaml(["nestedSeparator": "."])], files: ["secrets.json": Self.file]) {
            sidecar in
            let reply = try await sidecar.send(.get, "/v1.0/secrets/secrets/postgres.tls.on")
            #expect(reply.status == 200 && reply.body == #"{"postgres.tls.on":"true"}"#)
            let whole = try await sidecar.send(.get, "/v1.0/secrets/secrets/postgres")
            #expect(whole.status == 500)
        }
    }

    @Test func `without a store the code is another`() async throws {
        try await TestSidecar.with([]) { sidecar in
            let reply = try await sidecar.send(.get, "/v1.0/secrets/secrets/x")
            #expect(reply.status == 500 && reply.errorCode == "ERR_SECRET_STORES_NOT_CONFIGURED")
        }
    }

    @Test func `the environment is a store, a missing variable is empty, and Dapr's own are refused`() throws {
        let store = EnvironmentSecrets(
            prefix: "MY_",
            variables: [
                "MY_A": "1", "B": "2", "DAPR_API_TOKEN": "secret", "APP_API_TOKEN": "secret", "MY_": "x",
            ])
        #expect(try store.secret("A").map(\.value) == ["1"])
        #expect(try store.secret("none").map(\.value) == [""])
        #expect(store.all().map(\.name) == ["", "A"])
        let plain = EnvironmentSecrets(prefix: "", variables: ["DAPR_API_TOKEN": "secret", "B": "2"])
        for name in ["DAPR_API_TOKEN", "APP_API_TOKEN", "dapr_x"] {
            #expect(throws: SecretFailure.refused) { try plain.secret(name) }
        }
        #expect(plain.all().map(\.name) == ["B"])
    }

    @Test(arguments: [
        ("", "not valid JSON"), ("[]", "holds no JSON object"), ("{\"a\":}", "not valid JSON"),
        ("5", "no JSON object"),
    ])
    func `a bad secrets file keeps the sidecar from starting and is named`(text: String, message: String)
        async throws
    {
        await #expect {
            try await TestSidecar.with([yaml()], files: ["secrets.json": text]) { _ in }
        } throws: { error in
            let text = "\(error)"
            return text.contains("secrets.json") && text.contains(message) && text.contains("0.yaml:4")
        }
    }
}
