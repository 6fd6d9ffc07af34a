// SidecarEndpointTests.swift: the environment that says where the sidecar is.

import Testing

@testable import Dapr

@Suite struct SidecarEndpointTests {
    @Test(
        arguments: [
            ([:], "127.0.0.1", 3500), (["DAPR_HTTP_PORT": "3510"], "127.0.0.1", 3510),
            (["DAPR_HTTP_ENDPOINT": "http://dapr:80/", "DAPR_HTTP_PORT": "1"], "dapr", 80),
            (["DAPR_HTTP_ENDPOINT": "http://dapr"], "dapr", 80),
            (["DAPR_HTTP_ENDPOINT": ""], "127.0.0.1", 3500),
            (["DAPR_HTTP_ENDPOINT": "HTTP://[::1]:3500"], "::1", 3500),
            (["DAPR_HTTP_ENDPOINT": "http://[::1]"], "::1", 80),
        ] as [([String: String], String, UInt16)])
    func `the endpoint wins over the port`(environment: [String: String], host: String, port: UInt16) throws {
        let endpoint = try SidecarEndpoint(environment: environment)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.apiToken == nil && endpoint.appToken == nil)
    }

    @Test func `both tokens are read`() throws {
        let endpoint = try SidecarEndpoint(environment: ["DAPR_API_TOKEN": "a", "APP_API_TOKEN": "b"])
        #expect(endpoint.apiToken == "a" && endpoint.appToken == "b")
    }

    @Test(arguments: [
        ("DAPR_HTTP_PORT", "x"), ("DAPR_HTTP_PORT", "0"), ("DAPR_HTTP_PORT", "70000"),
        ("DAPR_HTTP_ENDPOINT", "dapr:80"),
        ("DAPR_HTTP_ENDPOINT", "https://dapr"), ("DAPR_HTTP_ENDPOINT", "http://"),
        ("DAPR_HTTP_ENDPOINT", "http://a/b"),
        ("DAPR_HTTP_ENDPOINT", "http://:80"), ("DAPR_HTTP_ENDPOINT", "http://a:b"),
        ("DAPR_HTTP_ENDPOINT", "http://u@a:1"),
    ])
    func `a bad variable is named with its value`(variable: String, value: String) {
        let error = #expect(throws: SidecarEndpointError.self) {
            try SidecarEndpoint(environment: [variable: value])
        }
        #expect(error?.description.hasPrefix("\(variable) is `\(value)`: ") == true)
    }
}
