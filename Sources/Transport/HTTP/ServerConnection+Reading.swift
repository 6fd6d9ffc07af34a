// ServerConnection+Reading.swift: bytes → requests → the handler.
internal import CLinux
internal import Glibc
internal import Wire

extension ServerConnection {
    /// Pipelined bytes kept here while a request is in flight; more wait in the kernel.
    private static let heldBytesMax = 64 << 10
    private static let readsPerEvent = 16

    var isReadingPaused: Bool {
        switch phase {
        case .handling, .writing: held.count >= Self.heldBytesMax
        case .head, .body, .chunkedBody, .lingering, .closed: false
        }
    }

    func read() {
        for _ in 0..<Self.readsPerEvent {
            let wanted: Int
            let count: Int
            if case .body(let remaining) = phase {
                (wanted, count) = readBody(remaining)
            } else {
                wanted = unsafe server.readBuffer.count
                count = unsafe Int(clinux_receive(descriptor, server.readBuffer.baseAddress, wanted))
                if count > 0 { unsafe take(UnsafeRawBufferPointer(rebasing: server.readBuffer[..<count])) }
            }
            guard count > 0 else { return ended(with: count) }
            // A short read emptied the socket: asking again would only cost a call.
            if count < wanted { break }
            if case .closed = phase { return }
        }
        updateInterest()
    }

    private func ended(with result: Int) {
        guard result == 0 else {
            if result != -Int(EAGAIN), result != -Int(EINTR) { close() }
            return updateInterest()
        }
        isPeerFinished = true
        switch phase {
        case .handling, .writing:
            // It may have ended only its own direction, and still wait for this reply.
            endsAfterReply = true
            updateInterest()
        case .head, .body, .chunkedBody, .lingering, .closed: close()
        }
    }

    /// Straight into the body, never past its end.
    private func readBody(_ remaining: Int) -> (wanted: Int, count: Int) {
        var count = 0
        unsafe body.withFreeBytes(atMost: remaining) { free in
            count = unsafe Int(clinux_receive(descriptor, free.baseAddress, free.count))
            return max(count, 0)
        }
        if count > 0 {
            phase = .body(remaining: remaining - count)
            noteProgress(count)
            if count == remaining { dispatch() }
        }
        return (remaining, count)
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .lingering, .closed: break
        case .handling, .writing: unsafe held.append(contentsOf: bytes)
        case .chunkedBody, .body: unsafe processOrHold(bytes)
        case .head:
            guard !held.isEmpty else { return unsafe processOrHold(bytes) }
            unsafe held.append(contentsOf: bytes)
            // A head is read again from its start, so only when a line was completed.
            let completesLine = unsafe bytes.contains(UInt8(ascii: "\n"))
            if completesLine || held.count >= HeadLimits.standard.headBytesMax { processHeld() }
        }
    }

    private func processOrHold(_ bytes: UnsafeRawBufferPointer) {
        let consumed = unsafe process(bytes)
        guard consumed < bytes.count else { return }
        if case .closed = phase { return }
        if case .lingering = phase { return }
        unsafe held.append(contentsOf: bytes[consumed...])
        guard case .head = phase, !isHeadStarted else { return }
        isHeadStarted = true
        expire(afterNanoseconds: server.headNanoseconds)
    }

    func processHeld() {
        let bytes = held
        held = []
        unsafe bytes.withUnsafeBytes { buffer in unsafe processOrHold(buffer) }
        updateInterest()
    }

    /// Takes requests out of `bytes` until they are used up, incomplete, or one is in flight.
    /// - Returns: how many bytes were used.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        isProcessing = true
        defer { isProcessing = false }
        var position = 0
        while position < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
            switch phase {
            case .head:
                guard let used = unsafe beginRequest(rest) else { return position }
                position += used
            case .body(let remaining):
                let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(remaining))
                unsafe body.append(part)
                position += part.count
                phase = .body(remaining: remaining - part.count)
                if part.count == remaining { dispatch() }
            case .chunkedBody: position += unsafe decode(rest)
            case .handling, .writing, .lingering, .closed: return position
            }
        }
        return position
    }

    /// Reads a head and prepares for its body. Nil when the head is incomplete or was refused.
    private func beginRequest(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let head: RequestHead
        do {
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            guard let parsed = try server.parser.parse(span) else { return nil }
            head = parsed
        } catch {
            reject(error)
            return nil
        }
        requestHead = head
        isHeadRequest = head.method == .head
        announcesKeepAlive = head.isHTTP10
        if !head.keepsAlive || server.isDraining { endsAfterReply = true }
        let isBodyHere = bytes.count > head.byteCount
        switch head.framing {
        case .none, .untilClose: dispatch()
        case .length(let length):
            guard length <= server.options.bodyBytesMax else {
                reject(HTTPRejection(413, "the body is larger than \(server.options.bodyBytesMax) bytes"))
                return nil
            }
            body.reserve(length)
            phase = .body(remaining: length)
            beginBody(expectsContinue: head.expectsContinue && !isBodyHere)
        case .chunked:
            decoder = ChunkedDecoder(bodyBytesMax: server.options.bodyBytesMax)
            phase = .chunkedBody
            beginBody(expectsContinue: head.expectsContinue && !isBodyHere)
        }
        return head.byteCount
    }

    private func beginBody(expectsContinue: Bool) {
        progress = 0
        expire(afterNanoseconds: server.bodyNanoseconds)
        if expectsContinue { sendContinue() }
    }

    private func decode(_ bytes: UnsafeRawBufferPointer) -> Int {
        noteProgress(bytes.count)
        let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
        var position = 0
        do {
            while true {
                switch try decoder.next(in: span, from: position) {
                case .data(let range):
                    unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
                    position = range.upperBound
                case .needMore: return bytes.count
                case .finished(let end):
                    dispatch()
                    return end
                }
            }
        } catch {
            reject(error)
            return bytes.count
        }
    }

    private func noteProgress(_ count: Int) {
        progress += count
        guard progress >= Self.progressBytes else { return }
        progress = 0
        expire(afterNanoseconds: server.bodyNanoseconds)
    }

    private func dispatch() {
        guard let head = requestHead else { preconditionFailure("a request was dispatched without its head") }
        let request = HTTPRequest(head: head, body: body)
        requestHead = nil
        body = MessageBody()
        phase = .handling
        isHeadStarted = false
        expireNever()
        requestNumber &+= 1
        server.counters.requests += 1
        server.handler.handle(request, HTTPResponder(connection: self, requestNumber: requestNumber))
    }
}
