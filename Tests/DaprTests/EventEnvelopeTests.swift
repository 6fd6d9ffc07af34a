// EventEnvelopeTests.swift: what is an event, and what is said of what is none.

import Machine
import Testing
import Transport
import Wire

@testable import Dapr

@Suite struct EventEnvelopeTests {
    static func request(_ body: [UInt8], _ headers: [(name: String, value: String)] = []) throws
        -> HTTPRequest
    {
        var text = "POST /dapr/events/pubsub/inventory HTTP/1.1\r\nhost: app\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        var parser = RequestHeadParser(limits: .standard)
        let head = try parser.parse(Array((text + "\r\n").utf8).span)
        return HTTPRequest(head: try #require(head), body: MessageBody(body))
    }

    /// The event as JSON, or its problem.
    static func read(_ body: [UInt8], _ headers: [(name: String, value: String)] = []) throws -> String {
        let owner = OwnedArena()
        let request = try request(body, headers)
        let event: Value
        do throws(EnvelopeProblem) {
            event = try EventEnvelope.read(request.body, headers: request.headers, in: owner.arena)
        } catch {
            return error.message
        }
        return String(decoding: try SidecarCall.json(of: event), as: UTF8.self)
    }

    static func event(_ fields: String) -> String {
        #"{"id":"1","source":"s","type":"t","specversion":"1.0"\#(fields)}"#
    }

    @Test(arguments: [
        "", #","data":{"a": 1.50}"#, #","data":"text","datacontenttype":"text/plain""#, #","data":null"#,
        #","subject":null,"time":"2026-11-20T10:15:30Z","tenant":"x","n":1"#, #","data_base64":null"#,
    ])
    func `an event in structured mode stays as it came`(fields: String) throws {
        #expect(try Self.read(Array(Self.event(fields).utf8)) == Self.event(fields))
    }

    static let problems: [(body: String, problem: String)] = [
        ("", "the body is empty"), ("{", "the body is not JSON: "), ("\u{1}", "the body is not JSON: "),
        ("[]", "an event is a JSON object, not list"), ("7", "an event is a JSON object, not int"),
        ("null", "an event is a JSON object, not null"),
        ("{}", "`specversion` is missing: this is no CloudEvent"),
        (#"{"specversion":1.0}"#, "`specversion` is float, not a string such as \"1.0\""),
        (#"{"specversion":"0.3"}"#, "`specversion` is `0.3`; version 1.0 of CloudEvents is understood"),
        (#"{"specversion":"1.0","source":"s","type":"t"}"#, "`id` is missing"),
        (#"{"specversion":"1.0","id":"1","type":"t"}"#, "`source` is missing"),
        (#"{"specversion":"1.0","id":"1","source":"s"}"#, "`type` is missing"),
        (#"{"specversion":"1.0","id":null,"source":"s","type":"t"}"#, "`id` is missing"),
        (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, "`id` is empty"),
        (#"{"specversion":"1.0","id":"1","source":"","type":"t"}"#, "`source` is empty"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":""}"#, "`type` is empty"),
        (#"{"specversion":"1.0","id":7,"source":"s","type":"t"}"#, "`id` is int, not a string"),
        (#"{"specversion":"1.0","id":"1","source":[],"type":"t"}"#, "`source` is list, not a string"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":{}}"#, "`type` is object, not a string"),
        (event(#","subject":1"#), "`subject` is int, not a string"),
        (event(#","time":1"#), "`time` is int, not a string"),
        (event(#","datacontenttype":[]"#), "`datacontenttype` is list, not a string"),
        (event(#","data":1,"data_base64":"AA==""#), "`data` and `data_base64` exclude each other"),
        (event(#","data_base64":"***""#), "`data_base64` is not base64"),
        (event(#","data_base64":1"#), "`data_base64` is not base64"),
        (
            event(#","datacontenttype":"application/json","data_base64":"ew==""#),
            "the data is `application/json`, but not JSON: "
        ),
    ]

    @Test(arguments: problems) func `what is no event is told why`(body: String, problem: String) throws {
        let said = try Self.read(Array(body.utf8))
        #expect(said.hasPrefix(problem), "\(said)")
    }

    @Test func `bytes that are no text are no event`() throws {
        #expect(try Self.read([0xff, 0xfe, 0x00]).hasPrefix("the body is not JSON: "))
    }

    @Test(arguments: [
        (#","data_base64":"AAH/""#, #","data":"AAH/""#),
        (
            #","datacontenttype":"text/plain","data_base64":"aGk=""#,
            #","datacontenttype":"text/plain","data":"hi""#
        ),
        (
            #","datacontenttype":"application/json","data_base64":"eyJhIjogMX0=""#,
            #","datacontenttype":"application/json","data":{"a": 1}"#
        ),
    ])
    func `data in base64 becomes data`(fields: String, read: String) throws {
        #expect(try Self.read(Array(Self.event(fields).utf8)) == Self.event(read))
    }

    @Test(arguments: ["ce-", "ce_"]) func `an event in binary mode has its attributes in headers`(
        prefix: String
    ) throws {
        let headers = [
            (name: "\(prefix)id", value: "1"), (name: "\(prefix)source", value: "s"),
            (name: "\(prefix)type", value: "t"),
            (name: "\(prefix)specversion", value: "1.0"), (name: "content-type", value: "application/json"),
        ]
        #expect(
            try Self.read(Array("{\"a\": 1}".utf8), headers)
                == #"{"id":"1","source":"s","type":"t","specversion":"1.0","datacontenttype":"application/json","data":{"a": 1}}"#
        )
    }

    @Test func `bare bytes under the content type of an event are binary mode, too`() throws {
        let headers = [
            (name: "ce_id", value: "1"), (name: "ce_source", value: "s"), (name: "ce_type", value: "t"),
            (name: "ce_specversion", value: "1.0"),
            (name: "content-type", value: "application/cloudevents+json"),
        ]
        #expect(
            try Self.read([0, 1, 255], headers)
                == #"{"id":"1","source":"s","type":"t","specversion":"1.0","data":"AAH/"}"#)
    }
}
