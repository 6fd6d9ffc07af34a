// SidecarReplyTests.swift: every status of the contract's tables becomes a value or a failure of its class.

import Machine
import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct SidecarReplyTests {
    static let get = SidecarCall.Kind.stateGet(store: "s", key: "k")
    static let entry = SidecarCall.Kind.stateEntry(store: "s", key: "k")
    static let save = SidecarCall.Kind.stateSave(store: "s", key: "k", hasETag: false, isFirstWrite: false)
    static let saveIfUnchanged = SidecarCall.Kind.stateSave(
        store: "s", key: "k", hasETag: true, isFirstWrite: true)
    static let saveWithETag = SidecarCall.Kind.stateSave(
        store: "s", key: "k", hasETag: true, isFirstWrite: false)
    static let delete = SidecarCall.Kind.stateDelete(store: "s", key: "k", hasETag: true)
    static let publish = SidecarCall.Kind.publish(topic: "bus/t")
    static let secret = SidecarCall.Kind.secret(store: "s", name: "n", key: nil)
    static let keyed = SidecarCall.Kind.secret(store: "s", name: "n", key: "b")
    static let invoke = SidecarCall.Kind.invoke(app: "products", method: "GET", path: "/v1/x")

    struct Case: CustomTestStringConvertible, Sendable {
        let kind: SidecarCall.Kind
        let status: Int
        let body: String
        let headers: [(name: String, value: String)]
        let expected: String

        init(
            _ kind: SidecarCall.Kind, _ status: Int, _ body: String,
            _ headers: [(name: String, value: String)],
            _ expected: String
        ) {
            self.kind = kind
            self.status = status
            self.body = body
            self.headers = headers
            self.expected = expected
        }

        init(_ kind: SidecarCall.Kind, _ status: Int, _ body: String, _ expected: String) {
            self.init(kind, status, body, [], expected)
        }

        init(_ kind: SidecarCall.Kind, _ status: Int, _ expected: String) {
            self.init(kind, status, "", [], expected)
        }

        /// An error of Dapr's with this code.
        init(_ kind: SidecarCall.Kind, _ status: Int, code: String, _ expected: FailureClass) {
            self.init(
                kind, status, #"{"errorCode":"\#(code)","message":"why"}"#, [json], "failure \(expected)")
        }

        var testDescription: String { "\(kind.purpose): \(status) \(body.prefix(60)) → \(expected)" }
    }

    static let json = (name: "content-type", value: "application/json")

    /// The value as JSON, or `failure CLASS`.
    static func read(_ test: Case) throws -> String {
        let owner = OwnedArena()
        let response = HTTPClientResponse(
            status: test.status, headers: HeaderFields(test.headers), body: MessageBody(Array(test.body.utf8))
        )
        switch SidecarReply(kind: test.kind, result: .success(response)).value(in: owner.arena) {
        case .success(let value) where value.kind == .secret: return "secret \(value.asSecret ?? "")"
        case .success(let value): return try String(decoding: SidecarCall.json(of: value), as: UTF8.self)
        case .failure(let failure): return "failure \(failure.failureClass)"
        }
    }

    static let values: [Case] = [
        Case(get, 200, #"{"a": 1.50}"#, #"{"a": 1.50}"#), Case(get, 204, "null"), Case(get, 200, "", "null"),
        Case(get, 200, "7", "7"), Case(get, 200, #""x""#, #""x""#),
        Case(get, 200, "raw text", #""raw text""#),
        Case(entry, 200, "7", [("ETag", "12")], #"{"value":7,"etag":"12"}"#),
        Case(entry, 200, "7", #"{"value":7,"etag":null}"#), Case(entry, 204, #"{"value":null,"etag":null}"#),
        Case(save, 204, "null"), Case(saveIfUnchanged, 204, "null"), Case(delete, 204, "null"),
        Case(publish, 204, "null"),
        Case(secret, 200, #"{"host":"h"}"#, "secret h"), Case(secret, 200, #"{"m":"1","n":"é\n"}"#, "secret é\n"),
        Case(keyed, 200, #"{"a":"1","b":"2"}"#, "secret 2"), Case(keyed, 200, #"{"b":""}"#, "secret "),
        Case(
            invoke, 200, #"{"id": 1}"#, [json],
            #"{"status":200,"headers":{"content-type":"application/json"},"body":{"id": 1}}"#),
        Case(invoke, 204, #"{"status":204,"headers":{},"body":null}"#),
        Case(
            invoke, 204, "", [("A", "1"), ("b", "2"), ("a", "3")],
            #"{"status":204,"headers":{"a":"1, 3","b":"2"},"body":null}"#),
        Case(
            invoke, 201, "hi", [("Content-Type", "text/plain; charset=utf-8")],
            #"{"status":201,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"hi"}"#),
        Case(
            invoke, 200, "hi", [("content-type", "image/png")],
            #"{"status":200,"headers":{"content-type":"image/png"},"body":"aGk="}"#),
    ]

    @Test(arguments: values) func `a good reply becomes a value`(test: Case) throws {
        #expect(try Self.read(test) == test.expected)
    }

    static let failures: [Case] = [
        // Contract 3.1
        Case(get, 400, code: "ERR_STATE_STORE_NOT_FOUND", .internal),
        Case(get, 500, code: "ERR_STATE_STORE_NOT_CONFIGURED", .internal),
        Case(get, 400, code: "ERR_MALFORMED_REQUEST", .internal),
        Case(get, 500, code: "ERR_STATE_GET", .unavailable),
        Case(entry, 500, code: "ERR_STATE_GET", .unavailable),
        // Contract 3.2
        Case(save, 400, code: "ERR_STATE_STORE_NOT_FOUND", .internal),
        Case(save, 500, code: "ERR_STATE_STORE_NOT_CONFIGURED", .internal),
        Case(save, 400, code: "ERR_MALFORMED_REQUEST", .internal),
        Case(save, 500, code: "ERR_STATE_SAVE", .unavailable),
        Case(save, 409, code: "ERR_STATE_SAVE", .conflict),
        Case(saveWithETag, 409, code: "ERR_STATE_SAVE", .conflict),
        Case(saveWithETag, 400, code: "ERR_STATE_SAVE", .invalid),
        Case(saveWithETag, 500, code: "ERR_STATE_SAVE", .unavailable),
        Case(saveIfUnchanged, 409, code: "ERR_STATE_SAVE", .conflict),
        Case(saveIfUnchanged, 500, code: "ERR_STATE_SAVE", .conflict),
        Case(saveIfUnchanged, 500, code: "ERR_STATE_STORE_NOT_CONFIGURED", .internal),
        Case(delete, 409, code: "ERR_STATE_DELETE", .conflict),
        Case(delete, 400, code: "ERR_STATE_DELETE", .invalid),
        Case(delete, 500, code: "ERR_STATE_DELETE", .unavailable),
        // Contract 3.3
        Case(publish, 404, code: "ERR_PUBSUB_NOT_FOUND", .internal),
        Case(publish, 400, code: "ERR_PUBSUB_NOT_CONFIGURED", .internal),
        Case(publish, 403, code: "ERR_PUBSUB_FORBIDDEN", .forbidden),
        Case(publish, 500, code: "ERR_PUBSUB_CLOUD_EVENTS_SER", .internal),
        Case(publish, 500, code: "ERR_PUBSUB_PUBLISH_MESSAGE", .unavailable),
        // Contract 3.5
        Case(secret, 500, code: "ERR_SECRET_STORES_NOT_CONFIGURED", .internal),
        Case(secret, 401, code: "ERR_SECRET_STORE_NOT_FOUND", .internal),
        Case(secret, 403, code: "ERR_PERMISSION_DENIED", .forbidden),
        Case(secret, 500, code: "ERR_SECRET_GET", .unavailable),
        Case(secret, 200, "garbage", [json], "failure internal"), Case(secret, 204, "failure internal"),
        Case(secret, 200, "{}", "failure internal"), Case(secret, 200, #"{"n":1}"#, "failure internal"),
        // Which of them is meant?
        Case(secret, 200, #"{"a":"1","b":"2"}"#, "failure internal"),
        Case(keyed, 200, #"{"a":"1"}"#, "failure internal"), Case(keyed, 404, "failure internal"),
        // Contract 3.0: the token
        Case(get, 401, "invalid api token", [("content-type", "text/plain")], "failure internal"),
        Case(publish, 401, "invalid api token", "failure internal"),
        // Contract 3.4
        Case(invoke, 500, code: "ERR_DIRECT_INVOKE", .unavailable),
        Case(invoke, 404, code: "ERR_DIRECT_INVOKE", .unavailable),
        Case(invoke, 200, "{garbage", [json], "failure internal"),
        Case(get, 502, "<html>", "failure unavailable"),
        Case(get, 503, "failure unavailable"), Case(get, 504, "failure timeout"),
        Case(get, 429, "failure tooMany"),
        Case(get, 302, "failure internal"),
    ]

    @Test(arguments: failures) func `a bad reply becomes a failure of its class`(test: Case) throws {
        #expect(try Self.read(test) == test.expected)
    }

    @Test(
        arguments: [
            (400, .invalid), (401, .unauthorized), (403, .forbidden), (404, .notFound), (405, .invalid),
            (408, .timeout),
            (409, .conflict), (410, .notFound), (412, .precondition), (418, .invalid), (422, .invalid),
            (429, .tooMany),
            (500, .internal), (501, .internal), (502, .unavailable), (503, .unavailable), (504, .timeout),
            (301, .internal),
        ] as [(Int, FailureClass)])
    func `another app's status decides the class of the failure`(status: Int, failureClass: FailureClass)
        throws
    {
        #expect(try Self.read(Case(Self.invoke, status, "", "")) == "failure \(failureClass)")
    }

    @Test func `another app's answer is in the failure's details, and its message is ours`() throws {
        let owner = OwnedArena()
        let body = #"{"type":"NOT_FOUND","code":404,"message":"product x was not found"}"#
        let response = HTTPClientResponse(
            status: 404, headers: HeaderFields([Self.json]), body: MessageBody(Array(body.utf8)))
        guard
            case .failure(let failure) = SidecarReply(kind: Self.invoke, result: .success(response)).value(
                in: owner.arena)
        else { return #expect(Bool(false), "404 is a failure") }
        #expect(failure.message == "product x was not found")
        let details = try SidecarCall.json(of: failure.details(in: owner.arena))
        #expect(String(decoding: details, as: UTF8.self) == #"{"status":404,"body":\#(body)}"#)
        #expect(failure.value(in: owner.arena).kind == .failure)
    }

    @Test func `the sidecar's words are in the message, with what was asked`() {
        let owner = OwnedArena()
        let body = #"{"errorCode":"ERR_STATE_STORE_NOT_FOUND","message":"state store s is not found"}"#
        let response = HTTPClientResponse(
            status: 400, headers: HeaderFields(), body: MessageBody(Array(body.utf8)))
        guard
            case .failure(let failure) = SidecarReply(kind: Self.get, result: .success(response)).value(
                in: owner.arena)
        else { return #expect(Bool(false), "400 is a failure") }
        #expect(failure.message == "cannot read `k` from store `s`: state store s is not found")
        #expect(failure.details(in: owner.arena).isNull)
    }

    static let origin = HTTPOrigin(host: "127.0.0.1", port: 3500)

    @Test(
        arguments: [
            (.nameNotFound(origin, reason: "no such name"), .unavailable),
            (.connectFailed(origin, reason: SystemReason(111)), .unavailable),
            (.poolExhausted(origin, waitersMax: 4), .unavailable), (.requestInvalid("x"), .invalid),
            (.clientClosed, .unavailable),
            (.deadlineExceeded(origin, isSent: true), .timeout),
            (.deadlineExceeded(origin, isSent: false), .timeout),
            (.closedBeforeReply(origin), .unavailable), (.closedDuringReply(origin), .unavailable),
            (.replyTooLarge(origin, limitBytes: 1), .internal), (.replyInvalid(origin, "x"), .internal),
        ] as [(HTTPClientError, FailureClass)])
    func `no reply is a failure, too`(error: HTTPClientError, failureClass: FailureClass) {
        let owner = OwnedArena()
        guard
            case .failure(let failure) = SidecarReply(kind: Self.get, result: .failure(error)).value(
                in: owner.arena)
        else {
            return #expect(Bool(false), "\(error) is a failure")
        }
        #expect(failure.failureClass == failureClass)
        #expect(failure.message.hasPrefix("cannot read `k` from store `s`: "))
    }
}
