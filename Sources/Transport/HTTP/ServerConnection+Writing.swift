// ServerConnection+Writing.swift: replies → bytes → the socket, as fast as the peer reads.
internal import CLinux
internal import Glibc
internal import Wire

extension ServerConnection {
    /// Bodies beyond are sent from where they are instead of being copied behind their head.
    private static let copiedBodyBytesMax = 16 << 10

    func awaitsReply(_ number: UInt64) -> Bool {
        if case .handling = phase { return number == requestNumber }
        return false
    }

    func respond(to number: UInt64, status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        guard awaitsReply(number) else {
            server.counters.lateAnswers += 1
            return
        }
        guard status >= 200, status < 600, HeadWriting.areWritable(headers) else {
            return write(status: 500, headers: [], body: Array("the answer was not valid HTTP".utf8))
        }
        write(status: status, headers: headers, body: body)
    }

    func forgotten(_ number: UInt64) {
        guard awaitsReply(number) else { return }
        server.counters.requestsForgotten += 1
        write(status: 500, headers: [], body: [])
    }

    func countSecondAnswer() { server.counters.secondAnswers += 1 }

    /// Answers what is not HTTP or over a limit, and ends the connection: where the next request would start is unknown.
    func reject(_ rejection: HTTPRejection) {
        server.counters.requestsRejected += 1
        endsAfterReply = true
        requestHead = nil
        body = MessageBody()
        held = []
        write(
            status: rejection.status, headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: Array((rejection.reason + "\n").utf8))
    }

    func sendContinue() {
        // A fresh socket takes 25 bytes; when it does not, the peer goes on by itself after a while.
        server.output.removeAll()
        server.output.append("HTTP/1.1 100 Continue\r\n\r\n")
        _ = unsafe server.output.withUnsafeBytes { bytes in
            unsafe clinux_send(descriptor, bytes.baseAddress, bytes.count)
        }
    }

    private func write(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        let hasBody = status != 204 && status != 304
        server.output.removeAll()
        server.output.appendResponseHead(
            status: status, date: server.currentDate(), fields: headers, bodyBytes: hasBody ? body.count : nil,
            persistence: endsAfterReply ? .ends : announcesKeepAlive ? .announced : .implied)
        let isBodySent = hasBody && !isHeadRequest
        if isBodySent, body.count > Self.copiedBodyBytesMax { return send(headThen: body) }
        if isBodySent { server.output.append(body) }
        let sent = unsafe server.output.withUnsafeBytes { bytes in
            unsafe Int(clinux_send(descriptor, bytes.baseAddress, bytes.count))
        }
        finish(sent: sent, of: server.output.count) { sent in
            unsafe server.output.withUnsafeBytes { bytes in unsafe Array(bytes[sent...]) }
        }
    }

    private func send(headThen body: [UInt8]) {
        let headCount = server.output.count
        let sent = unsafe server.output.withUnsafeBytes { head in
            unsafe body.withUnsafeBytes { body in
                unsafe Int(clinux_send_two(descriptor, head.baseAddress, head.count, body.baseAddress, body.count))
            }
        }
        if sent >= headCount, sent < headCount + body.count {
            // The body's own memory is kept, not copied.
            return keep(body, from: sent - headCount)
        }
        finish(sent: sent, of: headCount + body.count) { sent in
            unsafe server.output.withUnsafeBytes { head in unsafe Array(head[sent...]) } + body
        }
    }

    private func finish(sent: Int, of total: Int, rest: (Int) -> [UInt8]) {
        switch sent {
        case total: finishReply()
        case 0...: keep(rest(sent), from: 0)
        case -Int(EAGAIN), -Int(EINTR): keep(rest(0), from: 0)
        default: close()
        }
    }

    private func keep(_ bytes: [UInt8], from start: Int) {
        (unsent, unsentStart) = (bytes, start)
        phase = .writing
        progress = 0
        expire(afterNanoseconds: server.writeNanoseconds)
        updateInterest()
    }

    func writeUnsent() {
        guard case .writing = phase else { return }
        let sent = unsafe unsent.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[unsentStart...])
            return unsafe Int(clinux_send(descriptor, rest.baseAddress, rest.count))
        }
        guard sent > 0 else {
            if sent != -Int(EAGAIN), sent != -Int(EINTR) { close() }
            return
        }
        unsentStart += sent
        if unsentStart == unsent.count { return finishReply() }
        progress += sent
        if progress >= Self.progressBytes {
            progress = 0
            expire(afterNanoseconds: server.writeNanoseconds)
        }
    }

    private func finishReply() {
        (unsent, unsentStart) = ([], 0)
        guard !endsAfterReply else { return linger() }
        phase = .head
        expire(afterNanoseconds: server.idleNanoseconds)
        // Inside `process` the loop there goes on; here the held bytes are the next requests.
        guard !isProcessing else { return }
        if held.isEmpty { updateInterest() } else { processHeld() }
    }

    private func linger() {
        guard !isPeerFinished else { return close() }
        phase = .lingering
        held = []
        _ = clinux_shutdown_writing(descriptor)
        expire(afterNanoseconds: Self.lingerNanoseconds)
        updateInterest()
    }
}
