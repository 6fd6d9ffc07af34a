// CompilerTests.swift: a deployment as a whole: from files to what the engine takes.

import Diagnostics
import Language
import Machine
import Routing
import Testing

private func file(_ path: String, _ text: String) -> DeploymentFile {
    let module =
        path.hasPrefix("scripts/")
        ? path.dropFirst("scripts/".count).dropLast(".bay".count).split(separator: "/").joined(separator: ".") : nil
    return DeploymentFile(source: SourceFile(path: path, text: text), module: module)
}

struct CompilerTests {
    @Test func `a subscription, a handler and a store become a program`() throws {
        let result = Compiler.compile([
            file(
                "routes/app/routes.bay",
                """
                store shelf = "statestore"
                subscribe "pubsub/inventory" (dead_letter: "dead", timeout: 3s, retry: 1, backoff: 10ms..1s) {
                  on "gadget.v1" as gadgets => gadgets.save
                  otherwise => gadgets.save
                }
                get "/v1/gadgets/{id}/{rest*}" (timeout: 2s) => gadgets.load
                """),
            file(
                "scripts/gadgets.bay",
                """
                handler save(event) { shelf.save("gadget:${event.data.id}", event.data) }
                handler load(request: Request) { return shelf.get("gadget:${request.params.id}") }
                """),
        ])
        #expect(result.diagnostics.isEmpty)
        let deployment = try #require(result.deployment)
        let subscription = try #require(deployment.subscriptions.first)
        #expect(subscription.pubsub == "pubsub")
        #expect(subscription.topic == "inventory")
        #expect(subscription.options.deadLetterTopic == "dead")
        #expect(subscription.options.timeoutNanoseconds == 3_000_000_000)
        #expect(subscription.options.retries == 1)
        #expect(subscription.options.backoffHighNanoseconds == 1_000_000_000)
        #expect(subscription.rules.map(\.name) == ["gadgets", "otherwise"])
        #expect(subscription.rules.map(\.isOtherwise) == [false, true])
        #expect(deployment.resources.map(\.target) == [.text("statestore")])
        #expect(
            deployment.endpoints.first?.segments == [
                .literal("v1"), .literal("gadgets"), .parameter("id"), .rest("rest"),
            ])
        let site = try #require(deployment.program.effectSites.first { $0.kind == .stateSave })
        #expect(site.label == "shelf.save")
        #expect(site.positionalCount == 2)
    }

    @Test(arguments: [
        "get \"/alive\" { return 1 }", "subscribe \"a/b\" (dead_letter: \"c\") { on \"x\" { log.info(\"x\") } }",
    ])
    func `a block that reads neither event nor request is compiled, though no file has that word`(text: String) {
        let result = Compiler.compile([file("routes/app/routes.bay", text)])
        #expect(result.diagnostics.isEmpty)
        #expect(result.deployment != nil)
    }

    @Test func `files that say nothing are a deployment without routes`() {
        #expect(Compiler.compile([]).deployment != nil)
        #expect(Compiler.compile([file("routes/app/routes.bay", "")]).deployment != nil)
    }
}
