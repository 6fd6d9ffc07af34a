// AppChannelTests.swift: what the sidecar calls, told apart.

import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct AppChannelTests {
    static func request(
        _ method: HTTPMethod, _ target: String, _ headers: [(name: String, value: String)] = []
    ) throws -> HTTPRequest {
        var text = "\(method.rawValue) \(target) HTTP/1.1\r\nhost: app\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        text += "\r\n"
        var parser = RequestHeadParser(limits: .standard)
        let head = try parser.parse(Array(text.utf8).span)
        return HTTPRequest(head: try #require(head), body: MessageBody())
    }

    @Test(
        arguments: [
            (.get, "/dapr/config", .configuration), (.get, "/dapr/subscribe", .subscribe),
            (.get, "/healthz", .health),
            (.post, "/dapr/events/pubsub/inventory", .delivery(pubsub: "pubsub", topic: "inventory")),
            (.post, "/dapr/events/pubsub/inventory?a=1", .delivery(pubsub: "pubsub", topic: "inventory")),
            (.post, "/dapr/events/my~20bus/a~2Fb", .delivery(pubsub: "my bus", topic: "a/b")),
            (.get, "/dapr/events/pubsub/inventory", .invocation), (.post, "/dapr/events/pubsub", .invocation),
            (.post, "/dapr/events/pubsub/", .invocation), (.post, "/dapr/events//inventory", .invocation),
            (.post, "/dapr/events/pubsub/a/b", .invocation), (.post, "/dapr/config", .invocation),
            (.post, "/dapr/events/a/~zz", .invocation),
            (.get, "/v1/products/a", .invocation), (.post, "/healthz", .invocation), (.get, "/", .invocation),
        ] as [(HTTPMethod, String, AppCall)])
    func `a request line says what it is`(method: HTTPMethod, target: String, call: AppCall) throws {
        #expect(AppChannel(appToken: nil).classify(try Self.request(method, target)) == call)
    }

    @Test func `what another app sends is an invocation, also to a delivery's path`() throws {
        let forged = try Self.request(
            .post, "/dapr/events/pubsub/inventory", [("Dapr-Caller-App-Id", "someone")])
        #expect(AppChannel(appToken: nil).classify(forged) == .invocation)
    }

    @Test(arguments: ["pubsub", "a/b c", "..", ".", "ä%", "~", "a.b"])
    func `the path of a topic leads back to it`(topic: String) throws {
        let path = AppChannel.deliveryPath(pubsub: topic, topic: topic)
        #expect(
            path.dropFirst(AppChannel.deliveryPrefix.count).utf8.allSatisfy {
                $0 < 0x80 && $0 != 0x25 && $0 > 0x20
            })
        let call = AppChannel(appToken: nil).classify(try Self.request(.post, path))
        #expect(call == .delivery(pubsub: topic, topic: topic))
    }

    @Test(
        arguments: [
            (nil, false), ("", false), ("secre", false), ("secrets", false), ("Secret", false),
            ("secret", true),
        ] as [(String?, Bool)])
    func `the token is demanded of all but health probes`(token: String?, isAccepted: Bool) throws {
        let channel = AppChannel(appToken: "secret")
        let headers = token.map { [(name: "dapr-api-token", value: $0)] } ?? []
        for target in ["/dapr/config", "/dapr/subscribe", "/v1/products/a"] {
            let isUnauthorized = channel.classify(try Self.request(.get, target, headers)) == .unauthorized
            #expect(isUnauthorized != isAccepted)
        }
        #expect(channel.classify(try Self.request(.get, "/healthz", headers)) == .health)
    }
}
