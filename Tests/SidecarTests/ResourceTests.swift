// ResourceTests.swift: YAML in, resources or named problems out.
import Testing

@testable import Sidecar

struct ResourceTests {
    private func read(_ text: String, appID: String = "router") -> Resources {
        var resources = Resources()
        resources.readText(Array(text.utf8), file: "a.yaml", appID: appID)
        resources.notes.problems += resources.resiliency.unresolvedNames()
        return resources
    }

    @Test func `a component is read with its metadata, secrets and scopes`() throws {
        let resources = read(
            """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              ignoreErrors: true
              metadata:
                - { name: connectionString, value: "state.db" }
                - name: busyTimeout
                  value: 250
                - name: password
                  secretKeyRef: { name: db, key: password }
                - { name: host, envRef: DB_HOST }
            auth: { secretStore: secrets }
            scopes: [router, other]
            """)
        #expect(resources.notes == ResourceNotes())
        let component = try #require(resources.components.first)
        #expect(component.name == "statestore" && component.type == "state.sqlite" && component.ignoreErrors)
        #expect(
            component.metadata.map(\.source) == [
                .literal("state.db"), .literal("250"), .secret(name: "db", key: "password"),
                .environment("DB_HOST"),
            ])
        #expect(component.secretStore == "secrets")
    }

    @Test func `what is out of scope is left out`() {
        let resources = read(
            """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: s }
            spec: { type: state.in-memory, version: v1 }
            scopes: [someone]
            """)
        #expect(resources.components.isEmpty && resources.notes.problems.isEmpty)
    }

    @Test func `several documents and both subscription versions are read`() {
        let resources = read(
            """
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: { name: orders }
            spec:
              pubsubname: pubsub
              topic: orders
              routes: { default: /orders }
              deadLetterTopic: orders-dead
              metadata: { rawPayload: "true" }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: bills }
            spec: { pubsubname: pubsub, topic: bills, route: bills }
            ---
            """)
        #expect(resources.notes == ResourceNotes())
        #expect(
            resources.subscriptions.map(\.subscription) == [
                Subscription(
                    pubsubName: "pubsub", topic: "orders", path: "/orders", deadLetterTopic: "orders-dead",
                    metadata: ["rawPayload": "true"], origin: .declarative),
                Subscription(
                    pubsubName: "pubsub", topic: "bills", path: "bills", deadLetterTopic: nil, metadata: [:],
                    origin: .declarative),
            ])
    }

    @Test func `a resiliency names the policy of a component's deliveries`() {
        let resources = read(
            """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies:
                timeouts: { short: 2s }
                retries:
                  slow: { policy: exponential, maxInterval: 5s, maxRetries: 60 }
                  picky: { duration: 100, matching: { httpStatusCodes: "429,500-599" } }
              targets:
                components:
                  pubsub: { inbound: { retry: slow, timeout: short } }
                  other: { inbound: { retry: picky } }
            """)
        #expect(resources.notes == ResourceNotes())
        #expect(
            resources.resiliency.inboundPolicy(pubsub: "pubsub")
                == InboundPolicy(
                    timeout: .seconds(2),
                    retry: RetryPolicy(
                        pace: .exponential(maxInterval: .seconds(5)), retriesMax: 60, statuses: nil)))
        #expect(
            resources.resiliency.inboundPolicy(pubsub: "other").retry
                == RetryPolicy(
                    pace: .constant(.milliseconds(100)), retriesMax: nil, statuses: [429...429, 500...599]))
        #expect(resources.resiliency.inboundPolicy(pubsub: "third") == .none)
    }

    @Test func `a default policy by name holds for components without a target`() {
        var resiliency = Resiliency()
        let first = RetryPolicy(pace: .constant(.seconds(1)), retriesMax: 1, statuses: nil)
        let second = RetryPolicy(pace: .constant(.seconds(2)), retriesMax: 1, statuses: nil)
        resiliency.retries = [
            "DefaultRetryPolicy": second, "DefaultPubsubComponentInboundRetryPolicy": first,
        ]
        #expect(resiliency.inboundPolicy(pubsub: "any").retry == first)
    }

    struct Mistake: Sendable {
        let text: String
        let line: Int
        let what: String
        let instead: String
    }

    static let head = "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: s }\n"
    static let mistakes: [Mistake] = [
        Mistake(text: "a: [1,\nb: 2\n", line: 1, what: "not valid YAML", instead: "check indentation"),
        Mistake(
            text: "a: 1\na: 2\n", line: 2, what: "the key `a` stands here for the second time",
            instead: "check"),
        Mistake(text: "? [a]\n: b\n", line: 1, what: "a key that is not a single word", instead: "check"),
        Mistake(text: "a: &x [*x]\n", line: 1, what: "not valid YAML", instead: "check"),
        Mistake(text: "- a\n", line: 1, what: "the document is a list", instead: "apiVersion"),
        Mistake(
            text: "apiVersion: dapr.io/v1alpha1\n", line: 1, what: "`kind` is missing",
            instead: "kind: Component"),
        Mistake(
            text: "apiVersion: v1\nkind: Component\n", line: 1, what: "`apiVersion` is `v1`",
            instead: "dapr.io/v1alpha1"),
        Mistake(
            text: "apiVersion: dapr.io/v1alpha1\nkind: Component\nspec: {}\n", line: 1,
            what: "`metadata` is missing",
            instead: "add `metadata:`"),
        Mistake(
            text: "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {}\nspec: {}\n", line: 3,
            what: "`metadata.name` is missing", instead: "add `name: statestore`"),
        Mistake(text: head, line: 1, what: "`spec` is missing", instead: "add `spec:`"),
        Mistake(text: head + "spec: 5\n", line: 4, what: "`spec` is a single value", instead: "indented"),
        Mistake(
            text: head + "spec:\n  version: v1\n", line: 5, what: "`spec.type` is missing",
            instead: "state.sqlite"),
        Mistake(
            text: head + "spec:\n  type: state.sqlite\n", line: 5, what: "`spec.version` is missing",
            instead: "v1"),
        Mistake(
            text: head + "spec:\n  type: [x]\n  version: v1\n", line: 5, what: "`spec.type` is a list",
            instead: "single value"),
        Mistake(
            text: head + "spec:\n  type: t\n  version: v1\n  metadata: { a: b }\n", line: 7,
            what: "`spec.metadata` is a mapping", instead: "write a list"),
        Mistake(
            text: head + "spec:\n  type: t\n  version: v1\n  metadata:\n    - word\n", line: 8,
            what: "`spec.metadata[0]` is a single value", instead: "- name:"),
        Mistake(
            text: head + "spec:\n  type: t\n  version: v1\n  metadata:\n    - value: x\n", line: 8,
            what: "`spec.metadata[0].name` is missing", instead: "add `name: connectionString`"),
        Mistake(
            text: head + "spec:\n  type: t\n  version: v1\n  metadata:\n    - name: a\n    - name: a\n",
            line: 9,
            what: "the metadata `a` stands here for the second time", instead: "keep one"),
        Mistake(
            text: head + "spec: { type: t, version: v1 }\n---\n" + head + "spec: { type: t, version: v1 }\n",
            line: 9,
            what: "component `s`: the name is taken by a.yaml:4", instead: "another name"),
        Mistake(
            text: head + "spec: { type: t, version: v1, initTimeout: soon }\n", line: 4,
            what: "`spec.initTimeout` is `soon`", instead: "5s"),
        Mistake(
            text: """
                apiVersion: dapr.io/v2alpha1
                kind: Subscription
                metadata: { name: s }
                spec:
                  pubsubname: p
                  topic: t
                  routes:
                    rules:
                      - match: event.type == "a"
                        path: /a
                    default: /b
                """, line: 9, what: "the rule `match: event.type == \"a\"` needs CEL", instead: "`default:`"),
        Mistake(
            text:
                "apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: {name: s}\nspec: {pubsubname: p, topic: t}\n",
            line: 4, what: "`spec.route` is missing", instead: "add `route: /orders`"),
        Mistake(
            text: """
                apiVersion: dapr.io/v1alpha1
                kind: Subscription
                metadata: { name: s }
                spec:
                  pubsubname: p
                  topic: t
                  route: r
                  bulkSubscribe: { enabled: true, maxMessagesCount: many }
                """, line: 8, what: "`spec.bulkSubscribe.maxMessagesCount` is `many`", instead: "whole number"),
        Mistake(
            text: resiliency("retries: { r: { policy: sometimes } }"), line: 5, what: "is `sometimes`",
            instead: "`constant` or `exponential`"),
        Mistake(
            text: resiliency("retries: { r: { maxRetries: many } }"), line: 5, what: "is `many`",
            instead: "whole number"),
        Mistake(
            text: resiliency("retries: { r: { duration: 5 minutes } }"), line: 5, what: "is `5 minutes`",
            instead: "units"),
        Mistake(
            text: resiliency("retries: { r: { matching: { httpStatusCodes: \"5xx\" } } }"), line: 5,
            what: "has `5xx`",
            instead: "429,500-599"),
        Mistake(
            text: resiliency("timeouts: { t: x }"), line: 5, what: "`spec.policies.timeouts.t` is `x`",
            instead: "5s"),
        Mistake(
            text: resiliency("retries: { a: {} }")
                + "  targets: { components: { p: { inbound: { retry: b } } } }\n",
            line: 6, what: "names the retry policy `b`, which no Resiliency defines",
            instead: "defined are: a"),
        Mistake(
            text: resiliency("retries: {}")
                + "  targets: { components: { p: { inbound: { circuitBreaker: b } } } }\n",
            line: 6, what: "circuit breakers are not in this build", instead: "remove"),
    ]

    static func resiliency(_ policies: String) -> String {
        "apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: r }\nspec:\n  policies: { \(policies) }\n"
    }

    @Test(arguments: mistakes)
    func `a mistake is named with its line and with what to write instead`(mistake: Mistake) throws {
        let problem = try #require(
            read(mistake.text).notes.problems.first, "no problem for:\n\(mistake.text)")
        #expect(problem.what.contains(mistake.what))
        #expect(problem.instead.contains(mistake.instead))
        #expect(problem.line == mistake.line)
        #expect(problem.description.hasPrefix("a.yaml:\(mistake.line): "))
    }

    @Test func `a key that nobody reads is a warning with the keys that are`() throws {
        let resources = read(Self.head + "spec: { type: t, version: v1, metdata: [] }\n")
        #expect(resources.notes.problems.isEmpty)
        let warning = try #require(resources.notes.warnings.first)
        #expect(warning.what.contains("`spec.metdata`") && warning.instead.contains("metadata"))
    }

    @Test func `another kind is skipped with a warning, and JSON is YAML too`() {
        let resources = read(
            #"{"apiVersion":"dapr.io/v1alpha1","kind":"Configuration","metadata":{"name":"c"},"spec":{}}"#)
        #expect(resources.notes.problems.isEmpty && resources.notes.warnings.count == 1)
    }

    @Test(arguments: [
        "\u{0}", "\t- a", "a: \"unterminated", "%YAML 9.9\n---\na", "&a", "*nowhere", "{", "]", "!!",
        "a: b: c", "\u{FEFF}",
        "- - - - - - - -", "a: |\n b\n c", "? ", ": ", "--- --- ---", "'", "@", "`",
    ])
    func `strange text never crashes`(text: String) {
        _ = read(text)
    }

    @Test func `bytes that are no UTF-8 are a problem`() {
        var resources = Resources()
        resources.readText([0x61, 0x3A, 0x20, 0xFF, 0xFE], file: "a.yaml", appID: "x")
        #expect(resources.notes.problems.count == 1)
    }

    @Test func `aliases that double themselves meet the limit`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(throws: YAMLError.self) { try YAMLReader.documents(in: Array(text.utf8)) }
    }

    @Test func `every prefix of a good file is either read or refused`() {
        let text = Array(
            (Self.head + "spec:\n  type: state.sqlite\n  metadata:\n    - {name: a, value: 'b'}\n").utf8)
        for count in 0...text.count {
            var resources = Resources()
            resources.readText(Array(text.prefix(count)), file: "a.yaml", appID: "x")
        }
    }
}
