// SidecarReply.swift: what a reply means: a value in the asking fiber's arena, or a failure of its class.
//
// Not read when it arrives but when asked: only the engine knows whether the fiber still lives. A client keys on
// `errorCode` and status and takes any body. Source: contract, sections 3.0 to 3.5 and 8.2.

internal import DaprContract
package import Machine
internal import Transport
internal import Wire

package struct SidecarReply: Sendable {
    let kind: SidecarCall.Kind
    let result: HTTPClient.Reply

    /// The value, made in `arena`; or the failure, which owns what it says.
    package func value(in arena: Arena) -> Result<Value, EffectFailure> {
        switch result {
        case .failure(let error): .failure(Self.failure(of: error, kind))
        case .success(let response): Result { () throws(EffectFailure) in try read(response, in: arena) }
        }
    }

    /// The response when it is 2xx; for cold code, which reads it without an arena.
    func response() throws(EffectFailure) -> HTTPClientResponse {
        switch result {
        case .failure(let error): throw Self.failure(of: error, kind)
        case .success(let response):
            guard (200..<300).contains(response.status) else { throw failure(response) }
            return response
        }
    }

    private func read(_ response: HTTPClientResponse, in arena: Arena) throws(EffectFailure) -> Value {
        guard (200..<300).contains(response.status) else { throw failure(response) }
        switch kind {
        case .stateGet:
            return response.status == SidecarStatus.noContent
                ? .null : PayloadReading.stored(response.body, in: arena)
        case .stateEntry:
            guard response.status != SidecarStatus.noContent else {
                return arena.object([("value", .null), ("etag", .null)])
            }
            let etag = response.headers[HeaderName.etag].flatMap { $0.isEmpty ? nil : arena.string($0) }
            return arena.object([
                ("value", PayloadReading.stored(response.body, in: arena)), ("etag", etag ?? .null),
            ])
        case .stateSave, .stateDelete, .stateTransact, .publish, .publishAll, .health, .scheduledJob: return .null
        case .stateGetMany(_, let keys): return try many(json(response, in: arena), keys: keys, in: arena)
        case .stateQuery: return try found(nonEmpty(response, in: arena), in: arena)
        case .settings: return try settings(nonEmpty(response, in: arena), in: arena)
        case .binding: return PayloadReading.stored(response.body, in: arena)
        case .secret(_, let name, let key): return try secret(response, name, key, in: arena)
        case .metadata:
            guard response.status != SidecarStatus.noContent else { return .null }
            return try json(response, in: arena)
        case .invoke: return try invocation(response, in: arena)
        case .lock(let store, let resource, let owner):
            guard isTaken(response) else {
                throw EffectFailure(.conflict, "somebody else has the lock on `\(resource)` in `\(store)`")
            }
            return arena.string(owner)
        case .unlock(let store, let resource):
            switch unlockStatus(response) {
            case .success: return .null
            case .lockDoesNotExist, .lockBelongsToOthers:
                throw EffectFailure(
                    .conflict, "the lock on `\(resource)` in `\(store)` was lost before its block ended")
            case .internalError, nil:
                throw EffectFailure(.internal, "cannot \(kind.purpose): the lock store did not say that it is done")
            }
        }
    }

    /// As JSON; 204 is null.
    private func nonEmpty(_ response: HTTPClientResponse, in arena: Arena) throws(EffectFailure) -> Value {
        response.status == SidecarStatus.noContent ? .null : try json(response, in: arena)
    }

    func isTaken(_ response: HTTPClientResponse) -> Bool {
        (try? JSON.parse(response.body.bytes))?[LockField.success]?.bool ?? false
    }

    func unlockStatus(_ response: HTTPClientResponse) -> UnlockStatus? {
        let number = (try? JSON.parse(response.body.bytes))?[LockField.status]?.int
        return number.flatMap { UnlockStatus(rawValue: Int($0)) }
    }

    private func json(_ response: HTTPClientResponse, in arena: Arena) throws(EffectFailure) -> Value {
        do throws(JSONError) {
            return try PayloadReading.value(of: response.body, mediaType: MediaType.json, in: arena)
        } catch {
            throw EffectFailure(.internal, "cannot \(kind.purpose): the reply is not JSON: \(error)")
        }
    }

    /// One value of a secret. A store that holds one value a secret gives it under the secret's name.
    private func secret(
        _ response: HTTPClientResponse, _ name: String, _ key: String?, in arena: Arena
    ) throws(EffectFailure) -> Value {
        let members = (try? JSON.parse(response.body.bytes))?.members ?? []
        func refused(_ why: String) -> EffectFailure {
            EffectFailure(.internal, "cannot \(kind.purpose): \(why)")
        }
        guard !members.isEmpty else { throw refused("the reply holds no secret") }
        let wanted = key ?? (members.count == 1 ? members[0].key : name)
        guard let member = members.last(where: { $0.key == wanted }) else {
            let keys = members.map { "`\($0.key)`" }.joined(separator: ", ")
            throw refused(
                key == nil ? "it has several values, so name one: \(keys)" : "it has no key `\(wanted)`, it has \(keys)"
            )
        }
        guard let text = member.value.string else { throw refused("its key `\(wanted)` is no string") }
        return arena.secret(text)
    }

    private func invocation(_ response: HTTPClientResponse, in arena: Arena) throws(EffectFailure) -> Value {
        let mediaType = response.headers[HeaderName.contentType] ?? ""
        let body: Value
        do throws(JSONError) {
            body = try PayloadReading.value(of: response.body, mediaType: mediaType, in: arena)
        } catch {
            throw EffectFailure(
                .internal,
                "\(kind.purpose) answered \(response.status) with a body that is not JSON: \(error)",
                answer: EffectFailure.Answer(
                    status: response.status, mediaType: mediaType, body: response.body))
        }
        let headers = PayloadReading.headers(response.headers, in: arena)
        return arena.object([("status", .int(response.status)), ("headers", headers), ("body", body)])
    }

    // MARK: - failures

    /// What the sidecar, or the other app, said went wrong.
    private struct Problem {
        /// `ERR_STATE_SAVE`; empty when the body is no error of Dapr's.
        var code = ""
        var message = ""
        /// Of a bulk publish: how many of its events were not taken.
        var failedCount = 0

        /// - Parameter body: any bytes; only a short JSON object is looked into.
        init(_ body: MessageBody) {
            guard body.count <= 64 << 10 else { return }
            guard let json = try? JSON.parse(body.bytes) else {
                if body.count <= 200, let text = String(validating: body.bytes, as: UTF8.self) {
                    message = text
                }
                return
            }
            code = json[ErrorField.errorCode]?.string ?? ""
            message = String((json[ErrorField.message]?.string ?? "").prefix(500))
            let failed = json[BulkPublishField.failedEntries]?.array ?? []
            failedCount = failed.count
            if message.isEmpty, let first = failed.first?[BulkPublishField.error]?.string {
                message = "\(failed.count) were not taken, the first because: \(first.prefix(500))"
            }
        }
    }

    private func failure(_ response: HTTPClientResponse) -> EffectFailure {
        let problem = Problem(response.body)
        if case .invoke = kind, problem.code != ErrorCode.directInvoke.name {
            return answer(response, problem)
        }
        let said = problem.message.isEmpty ? "the sidecar answered \(response.status)" : problem.message
        return EffectFailure(failureClass(response.status, problem), "cannot \(kind.purpose): \(said)")
    }

    /// The other app's own answer, with its own words where it has any.
    private func answer(_ response: HTTPClientResponse, _ problem: Problem) -> EffectFailure {
        let answer = EffectFailure.Answer(
            status: response.status, mediaType: response.headers[HeaderName.contentType] ?? "",
            body: response.body)
        let message =
            problem.message.isEmpty ? "\(kind.purpose) answered \(response.status)" : problem.message
        return EffectFailure(FailureClass(httpStatus: response.status) ?? .internal, message, answer: answer)
    }

    /// Class of a refusal by the sidecar itself. Only an ETag, a key or a permission is the script's affair; a store
    /// that the sidecar does not know is a mistake of the set-up, and a component's own trouble passes.
    private func failureClass(_ status: Int, _ problem: Problem) -> FailureClass {
        let code = problem.code
        switch kind {
        case .stateSave(_, _, let hasETag, let isFirstWrite):
            if status == SidecarStatus.conflict { return .conflict }
            // Some stores report a lost first write as 500: in doubt, read again.
            if status == 500, code == ErrorCode.stateSave.name, isFirstWrite { return .conflict }
            if status == SidecarStatus.malformedETag, code == ErrorCode.stateSave.name, hasETag {
                return .invalid
            }
        case .stateDelete(_, _, let hasETag):
            if status == SidecarStatus.conflict { return .conflict }
            if status == SidecarStatus.malformedETag, code == ErrorCode.stateDelete.name, hasETag {
                return .invalid
            }
        case .stateTransact:
            // Always 500: only the words tell.
            if code == ErrorCode.stateTransaction.name {
                if problem.message.contains("possible etag mismatch") { return .conflict }
                if problem.message.contains("invalid etag value") { return .invalid }
            }
            if code == ErrorCode.stateTooManyOperations.name { return .invalid }
        case .stateQuery:
            if status == 400, code == ErrorCode.malformedRequest.name { return .invalid }
        case .publish, .publishAll, .secret:
            if status == 403 { return .forbidden }
        case .invoke:
            // An unknown app is 404 with this code as well: nobody was reached.
            if code == ErrorCode.directInvoke.name { return .unavailable }
        case .scheduledJob:
            // A schedule that cannot be read, or a name that cannot be one.
            if status == 400 { return .invalid }
            if status == 500, code.hasPrefix("DAPR_SCHEDULER_") { return .unavailable }
        case .stateGet, .stateEntry, .stateGetMany, .binding, .settings, .lock, .unlock, .health, .metadata: break
        }
        if status == 500, Self.componentTrouble.contains(code) { return .unavailable }
        switch FailureClass(httpStatus: status) {
        case .unavailable: return .unavailable
        case .timeout: return .timeout
        case .tooMany: return .tooMany
        default: return .internal
        }
    }

    /// Codes by which the sidecar says that the store or broker behind it failed.
    private static let componentTrouble: Set<String> = [
        ErrorCode.stateGet.name, ErrorCode.stateSave.name, ErrorCode.stateDelete.name,
        ErrorCode.stateBulkGet.name, ErrorCode.stateTransaction.name, ErrorCode.stateQuery.name,
        ErrorCode.secretGet.name, ErrorCode.outputBinding.name, ErrorCode.configurationGet.name,
        ErrorCode.tryLock.name, ErrorCode.unlock.name,
        ErrorCode.pubsubPublishMessage.name,
    ]

    static func failure(of error: HTTPClientError, _ kind: SidecarCall.Kind) -> EffectFailure {
        let failureClass: FailureClass =
            switch error {
            case .deadlineExceeded: .timeout
            case .requestInvalid: .invalid
            case .replyTooLarge, .replyInvalid: .internal
            case .nameNotFound, .connectFailed, .poolExhausted, .clientClosed, .closedBeforeReply,
                .closedDuringReply:
                .unavailable
            }
        return EffectFailure(failureClass, "cannot \(kind.purpose): \(error)")
    }
}
