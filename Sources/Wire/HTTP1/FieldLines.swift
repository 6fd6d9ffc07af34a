// FieldLines.swift: the field lines of a head, and what they say about framing; the same for requests and replies.
//
// Strict where leniency lets two readers disagree on where a message ends (request smuggling): lines end in CR LF, no
// space before the colon, no folded lines, no control bytes, one Content-Length, Transfer-Encoding is `chunked` alone
// and never beside a Content-Length.
// Neighbours: RequestHeadParser.swift, ResponseHeadParser.swift.

struct FieldLines: ~Copyable {
    private let limits: HeadLimits
    private var slices: [FieldSlice]
    private(set) var count = 0

    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var hostCount = 0
    private(set) var asksToClose = false
    private(set) var asksToKeepAlive = false
    private(set) var expectsContinue = false

    init(limits: HeadLimits) {
        precondition(limits.headBytesMax <= Int(UInt16.max), "a head's offsets are 16-bit numbers")
        self.limits = limits
        slices = [FieldSlice](repeating: FieldSlice(), count: limits.fieldsMax)
    }

    /// Reads the lines from `start` to the empty line.
    /// - Returns: the offset after the empty line, or nil when more bytes are needed.
    mutating func parse(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRejection) -> Int? {
        reset()
        var position = start
        while true {
            guard position < bytes.count else { return nil }
            if bytes[position] == .carriageReturn {
                guard position + 1 < bytes.count else { return nil }
                guard bytes[position + 1] == .lineFeed else { throw .bareCarriageReturn }
                return position + 2
            }
            guard let next = try parseLine(bytes, from: position) else { return nil }
            position = next
        }
    }

    func fields(copying head: Span<UInt8>) -> HeaderFields {
        HeaderFields(head: head, slices: slices.span.extracting(0..<count))
    }

    private mutating func reset() {
        count = 0
        contentLength = nil
        isChunked = false
        hostCount = 0
        asksToClose = false
        asksToKeepAlive = false
        expectsContinue = false
    }

    private mutating func parseLine(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRejection) -> Int? {
        var position = bytes.endOfToken(from: start)
        guard position < bytes.count else { return nil }
        guard position > start, bytes[position] == 0x3A else {
            throw HTTPRejection(400, "a header line needs a name directly followed by a colon")
        }
        let name = start..<position
        position &+= 1
        while position < bytes.count, bytes[position].isBlank { position &+= 1 }
        let valueStart = position
        position = bytes.endOfValue(from: position)
        guard position < bytes.count else { return nil }
        guard bytes[position] == .carriageReturn else {
            throw HTTPRejection(400, "a header value holds a control byte, or its line does not end in CR LF")
        }
        guard position &+ 1 < bytes.count else { return nil }
        guard bytes[position &+ 1] == .lineFeed else { throw .bareCarriageReturn }
        var valueEnd = position
        while valueEnd > valueStart, bytes[valueEnd &- 1].isBlank { valueEnd &-= 1 }
        let end = position &+ 2
        guard end <= limits.headBytesMax else { throw .headTooLarge }
        guard count < limits.fieldsMax else {
            throw HTTPRejection(431, "more than \(limits.fieldsMax) header fields")
        }
        slices[count] = FieldSlice(
            nameStart: UInt16(truncatingIfNeeded: start), nameCount: UInt16(truncatingIfNeeded: name.count),
            valueStart: UInt16(truncatingIfNeeded: valueStart),
            valueCount: UInt16(truncatingIfNeeded: valueEnd &- valueStart))
        count &+= 1
        try interpret(bytes, name: name, value: valueStart..<valueEnd)
        return end
    }

    /// Takes note of the fields that decide framing. The name's length rules out nearly all others.
    private mutating func interpret(
        _ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>
    ) throws(HTTPRejection) {
        switch name.count {
        case 4 where bytes.equals(name, lowercase: "host"):
            hostCount += 1
            guard isHost(bytes, value) else { throw HTTPRejection(400, "the Host field is not a host") }
        case 6 where bytes.equals(name, lowercase: "expect"):
            guard bytes.equals(value, lowercase: "100-continue") else {
                throw HTTPRejection(417, "the only expectation known is 100-continue")
            }
            expectsContinue = true
        case 10 where bytes.equals(name, lowercase: "connection"):
            interpretConnection(bytes, value: value)
        case 14 where bytes.equals(name, lowercase: "content-length"):
            guard contentLength == nil else { throw HTTPRejection(400, "more than one Content-Length") }
            contentLength = try length(bytes, value: value)
        case 17 where bytes.equals(name, lowercase: "transfer-encoding"):
            guard !isChunked else { throw HTTPRejection(400, "more than one Transfer-Encoding") }
            guard bytes.equals(value, lowercase: "chunked") else {
                throw HTTPRejection(501, "the only Transfer-Encoding known is chunked")
            }
            isChunked = true
        default: break
        }
    }

    private func isHost(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        for index in value where !UInt8.hostSet.contains(bytes[index]) { return false }
        return !value.isEmpty
    }

    private func length(_ bytes: Span<UInt8>, value: Range<Int>) throws(HTTPRejection) -> Int {
        guard !value.isEmpty else { throw HTTPRejection(400, "Content-Length is empty") }
        var length = 0
        for index in value {
            guard bytes[index].isDigit else { throw HTTPRejection(400, "Content-Length is not a number") }
            length = length * 10 + Int(bytes[index] - 0x30)
            guard length < 1 << 56 else { throw HTTPRejection(413, "Content-Length is beyond all bounds") }
        }
        return length
    }

    private mutating func interpretConnection(_ bytes: Span<UInt8>, value: Range<Int>) {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != 0x2C { end += 1 }
            var (first, last) = (start, end)
            while first < last, bytes[first].isBlank { first += 1 }
            while last > first, bytes[last - 1].isBlank { last -= 1 }
            if bytes.equals(first..<last, lowercase: "close") { asksToClose = true }
            if bytes.equals(first..<last, lowercase: "keep-alive") { asksToKeepAlive = true }
            start = end + 1
        }
    }
}

extension HTTPRejection {
    static var bareCarriageReturn: HTTPRejection { HTTPRejection(400, "a carriage return without a line feed") }
    static var headTooLarge: HTTPRejection { HTTPRejection(431, "the head is too large") }
}
