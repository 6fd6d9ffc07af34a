// EndpointCall.swift: one HTTP request to a declared endpoint, from its head to its answer.
//
// Outcomes of language.md section 8, column "HTTP endpoint". A fault's reason is for the operator: the caller gets
// `internal error` and an id to find it by. Neighbours: EndpointRouter.swift (finds it), RequestValue.swift (what the
// handler sees), Run.swift (runs it).

internal import Diagnostics
internal import Language
internal import Machine
internal import Transport
internal import Wire

enum EndpointCall {
    /// Where a request came in: what `caller` may say, and which ports know which paths.
    enum Door: Sendable {
        case publicPort
        /// The app channel; `caller` is the app id that the sidecar vouches for.
        case appChannel(caller: String?)
    }

    /// Answers a request by the endpoint that takes it.
    static func answer(_ request: HTTPRequest, _ responder: HTTPResponder, on core: EngineLoop, door: Door) {
        core.counters.requests += 1
        guard let deployment = core.deployment() else {
            return refuse(responder, .unavailable, "no deployment is live yet")
        }
        let method = request.method.rawValue
        guard !CrossOrigin.answerPreflight(request, responder, deployment) else { return }
        guard let match = deployment.endpoints.match(method: method, path: request.path) else {
            return refuse(responder, .notFound, "no endpoint takes \(method) \(request.path)")
        }
        let endpoint = deployment.compiled.endpoints[match.endpoint]
        let arrival = Arrival(
            request: request, responder: responder, deployment: deployment, match: match, door: door, endpoint: endpoint
        )
        guard let authentication = endpoint.authentication else { return admit(arrival, .notAsked, on: core) }
        // Before the limit, so that strangers do not use up what callers with a token may have, and before the body.
        core.authentication.check(request, authentication) { verdict in
            switch verdict {
            case .admitted(let identity): admit(arrival, identity, on: core)
            case .refused(let refusal): refuse(arrival, refusal, on: core)
            }
        }
    }

    /// A request and the endpoint that takes it.
    private struct Arrival: Sendable {
        let request: HTTPRequest
        let responder: HTTPResponder
        let deployment: Deployment
        let match: EndpointRouter.Match
        let door: Door
        let endpoint: CompiledEndpoint

        /// Answers with what browsers are told.
        var endpointResponder: EndpointResponder {
            EndpointResponder(responder: responder, fields: CrossOrigin.fields(for: request, endpoint))
        }
    }

    /// Goes on, on the loop that knows the endpoint's limit.
    private static func admit(_ arrival: Arrival, _ identity: CallerIdentity, on core: EngineLoop) {
        let limit = arrival.endpoint.limitPerSecond
        if limit != nil, let owner = core.owner(ofEndpoint: arrival.match.endpoint), owner !== core {
            return owner.loop.execute { run(arrival, identity, limit, on: owner) }
        }
        run(arrival, identity, limit, on: core)
    }

    /// Runs the endpoint that was found.
    private static func run(_ arrival: Arrival, _ identity: CallerIdentity, _ limit: Int?, on core: EngineLoop) {
        let (request, deployment, match) = (arrival.request, arrival.deployment, arrival.match)
        let endpoint = arrival.endpoint
        let responder = arrival.endpointResponder
        if let limit, !core.admits(endpoint, atMost: limit) { return refuseSurplus(responder) }
        guard !core.isDraining else { return refuse(responder, .unavailable, "the engine is shutting down") }
        guard let fiber = core.makeFiber(for: deployment) else {
            return refuse(responder, .unavailable, "too many requests are in flight")
        }
        let value: Value
        do throws(RequestProblem) {
            value = try RequestValue.make(
                request, parameters: match.parameters, door: arrival.door, identity: identity, in: fiber.arena)
        } catch {
            core.releaseUnused(fiber, of: deployment)
            return refuse(responder, .invalid, error.message)
        }
        let trace = core.trace(continuing: request.headers["traceparent"])
        let context = RunContext(origin: .endpoint(match.endpoint), rule: "", trace: trace)
        let run = Run(
            core: core, deployment: deployment, fiber: fiber,
            deadlineNanoseconds: core.loop.nowNanoseconds + UInt64(endpoint.timeoutNanoseconds), context: context
        ) { run, end in
            respond(responder, run, end)
        }
        run.begin(endpoint.action, argument: value)
    }

    private static func refuse(_ arrival: Arrival, _ refusal: AuthenticationRefusal, on core: EngineLoop) {
        let endpoint = arrival.endpoint
        core.counters.count(refusal.reason)
        core.log.debug(
            "a request was refused: \(refusal.message)",
            [("endpoint", "\(endpoint.method) \(endpoint.path)"), ("reason", refusal.reason.name)])
        arrival.endpointResponder.respond(
            status: refusal.kind.httpStatus,
            headers: [jsonType] + refusal.headers(realm: core.configuration.appID),
            body: ErrorBody.json(class: refusal.kind, message: refusal.message))
    }

    private static func refuseSurplus(_ responder: EndpointResponder) {
        responder.respond(
            status: 429, headers: [jsonType, ("retry-after", "1")],
            body: ErrorBody.json(class: .tooMany, message: "more requests in this second than the endpoint takes"))
    }

    private static func refuse(_ responder: HTTPResponder, _ kind: FailureClass, _ message: String) {
        refuse(EndpointResponder(responder: responder, fields: []), kind, message)
    }

    private static func refuse(_ responder: EndpointResponder, _ kind: FailureClass, _ message: String) {
        responder.respond(
            status: kind.httpStatus, headers: [jsonType], body: ErrorBody.json(class: kind, message: message))
    }

    private static let jsonType = (name: "content-type", value: "application/json")

    private static func respond(_ responder: EndpointResponder, _ run: Run, _ end: Run.End) {
        switch end {
        case .completed(.returned(let value)): succeed(responder, run, value)
        case .completed(.retry(let reason)):
            refuse(responder, .unavailable, reason.asString ?? "try again later")
        case .completed(.drop): responder.respond(status: 204, headers: [], body: [])
        case .completed(.invalidInput(let failure)):
            refuse(responder, .invalid, FailureText(failure).message)
        case .completed(.failed(let failure)): fail(responder, run, failure)
        case .faulted(let fault): answerFault(responder, run, fault)
        case .timedOut: answerFault(responder, run, OutcomeReport.timeOut(of: run))
        }
    }

    private static func answerFault(_ responder: EndpointResponder, _ run: Run, _ fault: Fault) {
        let id = String(run.core.random.next(), radix: 16)
        OutcomeReport.say(fault, of: run)
        run.core.log.error("the request ended in a fault", [("id", id), ("route", run.route)])
        let kind: FailureClass = fault.isExhaustion ? .unavailable : .internal
        refuse(responder, kind, "internal error \(id)")
    }

    private static func fail(_ responder: EndpointResponder, _ run: Run, _ failure: Value) {
        let text = FailureText(failure)
        var kind = text.kind
        if text.origin == .effect {
            // It was not the caller who was refused.
            switch kind {
            case .invalid, .unauthorized, .forbidden: kind = .internal
            default: break
            }
            run.core.log.warn(
                "an effect failed: \(text.message)",
                [("class", text.kind.name), ("route", run.route)])
        }
        let details = JSON(text.details, in: run.arena)
        responder.respond(
            status: kind.httpStatus, headers: [jsonType],
            body: ErrorBody.json(class: kind, message: text.message, details: details))
    }

    private static func succeed(_ responder: EndpointResponder, _ run: Run, _ value: Value) {
        if value.kind == .response { return respond(responder, run, response: value) }
        guard !value.isNull else { return responder.respond(status: 204, headers: [], body: []) }
        do throws(Fault) {
            responder.respond(status: 200, headers: [jsonType], body: try value.json())
        } catch {
            answerFault(responder, run, error)
        }
    }

    /// `respond(status:, body:, headers:)`
    private static func respond(_ responder: EndpointResponder, _ run: Run, response: Value) {
        do throws(Fault) {
            let reply = try DeclaredResponse(response, in: run.arena)
            responder.respond(status: reply.status, headers: reply.headers, body: reply.body)
        } catch {
            answerFault(responder, run, error)
        }
    }
}
