// ClientConnection+Reply.swift: bytes → the reply to the request under way.
internal import CLinux
internal import Glibc
internal import Wire

extension ClientConnection {
    private static let readsPerEvent = 16

    func read(_ descriptor: Int32) {
        for _ in 0..<Self.readsPerEvent {
            let wanted: Int
            let count: Int
            if case .body(let remaining) = replyPhase {
                (wanted, count) = readBody(descriptor, remaining)
            } else {
                wanted = unsafe client.readBuffer.count
                count = unsafe Int(clinux_receive(descriptor, client.readBuffer.baseAddress, wanted))
                if count > 0 { unsafe take(UnsafeRawBufferPointer(rebasing: client.readBuffer[..<count])) }
            }
            guard count > 0 else { return ended(with: count) }
            guard count == wanted, case .busy = phase else { return }
        }
    }

    private func ended(with result: Int) {
        if result == -Int(EAGAIN) || result == -Int(EINTR) { return }
        if result == 0, case .untilClose = replyPhase { return complete(leftOver: 0) }
        endedEarly()
    }

    private func readBody(_ descriptor: Int32, _ remaining: Int) -> (wanted: Int, count: Int) {
        var count = 0
        unsafe body.withFreeBytes(atMost: remaining) { free in
            count = unsafe Int(clinux_receive(descriptor, free.baseAddress, free.count))
            return max(count, 0)
        }
        if count > 0 {
            replyPhase = .body(remaining: remaining - count)
            if count == remaining { complete(leftOver: 0) }
        }
        return (remaining, count)
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        hasReplyBytes = true
        guard !held.isEmpty else { return unsafe process(bytes) }
        unsafe held.append(contentsOf: bytes)
        let completesLine = unsafe bytes.contains(UInt8(ascii: "\n"))
        guard completesLine || held.count >= HeadLimits.standard.headBytesMax else { return }
        let all = held
        held = []
        unsafe all.withUnsafeBytes { buffer in unsafe process(buffer) }
    }

    private func process(_ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes
        while case .busy(let call) = phase {
            switch replyPhase {
            case .head:
                guard let used = unsafe beginReply(rest, to: call.request.method) else { return }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[used...])
                if unsafe rest.isEmpty { return }
            case .body(let remaining):
                let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(remaining))
                unsafe body.append(part)
                replyPhase = .body(remaining: remaining - part.count)
                if part.count == remaining { complete(leftOver: rest.count - part.count) }
                return
            case .chunkedBody: return unsafe decode(rest)
            case .untilClose:
                guard body.count + rest.count <= client.options.replyBytesMax else { return failTooLarge() }
                return unsafe body.append(rest)
            }
        }
    }

    /// Reads a head, and skips it when it is only an interim one. Nil when it is incomplete or broken.
    private func beginReply(_ bytes: UnsafeRawBufferPointer, to method: HTTPMethod) -> Int? {
        let head: ResponseHead
        do {
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            guard let parsed = try client.parser.parse(span, answering: method) else {
                unsafe held.append(contentsOf: bytes)
                return nil
            }
            head = parsed
        } catch {
            fail(.replyInvalid(pool.origin, error.reason))
            return nil
        }
        guard !head.isInterim else {
            guard head.status != 101 else {
                fail(.replyInvalid(pool.origin, "it switches to a protocol that was not asked for"))
                return nil
            }
            return head.byteCount
        }
        replyHead = head
        switch head.framing {
        case .none: complete(leftOver: bytes.count - head.byteCount)
        case .length(let length):
            guard length <= client.options.replyBytesMax else {
                failTooLarge()
                return nil
            }
            body.reserve(length)
            replyPhase = .body(remaining: length)
        case .chunked:
            decoder = ChunkedDecoder(bodyBytesMax: client.options.replyBytesMax)
            replyPhase = .chunkedBody
        case .untilClose: replyPhase = .untilClose
        }
        return head.byteCount
    }

    private func decode(_ bytes: UnsafeRawBufferPointer) {
        let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
        var position = 0
        do {
            while true {
                switch try decoder.next(in: span, from: position) {
                case .data(let range):
                    unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
                    position = range.upperBound
                case .needMore: return
                case .finished(let end): return complete(leftOver: bytes.count - end)
                }
            }
        } catch {
            if error.status == 413 { failTooLarge() } else { fail(.replyInvalid(pool.origin, error.reason)) }
        }
    }

    private func failTooLarge() {
        fail(.replyTooLarge(pool.origin, limitBytes: client.options.replyBytesMax))
    }

    /// - Parameter leftOver: bytes behind the reply; nobody asked for them, so the connection is not used again.
    private func complete(leftOver: Int) {
        guard let head = replyHead else { preconditionFailure("a reply was completed without its head") }
        finish(
            HTTPClientResponse(status: head.status, headers: head.fields, body: body),
            isReusable: head.keepsAlive && leftOver == 0)
    }
}
