// SidecarCall+Lock.swift: taking a lock and giving it back.
//
// A lock belongs to an owner, whose id nobody else knows, and ends by itself. Source: contract, section 3.6.

internal import DaprContract
internal import Machine
internal import Transport
internal import Wire

extension SidecarCall {
    /// The owner's id when the lock is taken; class `conflict` while somebody else has it.
    ///
    /// - Parameter seconds: until it ends by itself, at least 1
    package static func lock(
        store: String, resource: String, owner: String, seconds: Int64
    ) throws(EffectFailure) -> SidecarCall {
        guard seconds >= 1, seconds <= Int64(Int32.max) else {
            throw EffectFailure(.invalid, "a lock is held for at least a second and at most \(Int32.max)")
        }
        return try lockCall(
            SidecarPath.lock, store, resource, owner, seconds: seconds,
            kind: .lock(store: store, resource: resource, owner: owner))
    }

    /// Null when it is given back; class `conflict` when the owner had lost it.
    package static func unlock(
        store: String, resource: String, owner: String
    ) throws(EffectFailure) -> SidecarCall {
        try lockCall(
            SidecarPath.unlock, store, resource, owner, seconds: nil, kind: .unlock(store: store, resource: resource))
    }

    /// Asking twice does no harm where the first request was never read; where it was, the lock ends by itself.
    private static func lockCall(
        _ path: String, _ store: String, _ resource: String, _ owner: String, seconds: Int64?, kind: Kind
    ) throws(EffectFailure) -> SidecarCall {
        guard !resource.isEmpty, !resource.contains(StateField.separator) else {
            throw EffectFailure(
                .invalid, "a lock's resource is a text that is not empty and has no `\(StateField.separator)` in it")
        }
        var body = OutputBuffer()
        body.append(UInt8(ascii: "{"))
        body.append(quoted: LockField.resourceID)
        body.append(UInt8(ascii: ":"))
        body.append(quoted: resource)
        body.append(field: LockField.lockOwner, text: owner)
        if let seconds { try body.append(field: LockField.expiryInSeconds, .int(seconds)) }
        body.append(UInt8(ascii: "}"))
        return SidecarCall(
            method: .post, target: path + segment(store), headers: [jsonContent], body: body.array,
            isRepeatable: true, kind: kind)
    }
}

extension SidecarReply {
    /// Of a `lock`: whether it is held now, or may be, for nobody knows what became of the request.
    package var mayHoldLock: Bool {
        switch result {
        case .success(let response):
            guard (200..<300).contains(response.status) else { return response.status >= 500 }
            return isTaken(response)
        case .failure(let error): return !error.isUnsent
        }
    }

    /// The run's time, or a connection, was gone before it left.
    package var wasNeverSent: Bool {
        if case .failure(let error) = result { return error.isUnsent }
        return false
    }

    /// What was refused, when it was.
    package var refusal: EffectFailure? {
        do throws(EffectFailure) {
            _ = try response()
            return nil
        } catch {
            return error
        }
    }

    /// Of an `unlock`: whether the owner no longer had it.
    package var hadLostLock: Bool {
        guard case .success(let response) = result, (200..<300).contains(response.status) else { return false }
        switch unlockStatus(response) {
        case .lockDoesNotExist, .lockBelongsToOthers: return true
        case .success, .internalError, nil: return false
        }
    }
}
