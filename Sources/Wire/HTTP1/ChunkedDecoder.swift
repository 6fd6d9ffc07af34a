// ChunkedDecoder.swift: takes the chunked coding off a body, however the bytes are cut.
//
// Shape: `size in hexadecimal [; extension] CR LF, size bytes, CR LF` …, `0 CR LF, trailer lines, CR LF`.
// Strict: no blanks around the size, no bare LF. Extensions and trailers are checked, limited and dropped.
// Source: RFC 9112, 7.1. Neighbours: MessageBody.swift, which gathers the data.

package struct ChunkedDecoder: Sendable {
    package enum Step: Equatable, Sendable {
        /// The body's next bytes lie here; go on from the range's end.
        case data(Range<Int>)
        /// All bytes are used up and the body goes on.
        case needMore
        /// The body is complete; what follows `end` belongs to the next message.
        case finished(end: Int)
    }
    private enum Phase: UInt8 {
        case size, sizeMore, extensions, sizeLineFeed
        case data, dataCarriageReturn, dataLineFeed
        case trailerLine, trailerName, trailerValue, trailerLineFeed, lastLineFeed, finished
    }
    private static let extensionBytesMax = 4096
    private static let trailerBytesMax = 8192

    private var phase = Phase.size
    private var chunkRemaining = 0
    private var bodyRemaining: Int
    private var extensionBytes = 0
    private var trailerBytes = 0

    /// - Parameter bodyBytesMax: a chunk that would pass it is refused with 413 when its size is read.
    package init(bodyBytesMax: Int) { bodyRemaining = bodyBytesMax }

    package mutating func next(in bytes: Span<UInt8>, from start: Int) throws(HTTPRejection) -> Step {
        var position = start
        while position < bytes.count {
            if phase == .data {
                let end = min(bytes.count, position + chunkRemaining)
                chunkRemaining -= end - position
                if chunkRemaining == 0 { phase = .dataCarriageReturn }
                return .data(position..<end)
            }
            try take(bytes[position])
            position += 1
            if phase == .finished { return .finished(end: position) }
        }
        return .needMore
    }

    private mutating func take(_ byte: UInt8) throws(HTTPRejection) {
        switch phase {
        case .size, .sizeMore: try takeSize(byte)
        case .extensions:
            extensionBytes += 1
            guard extensionBytes <= Self.extensionBytesMax else {
                throw HTTPRejection(400, "chunk extensions beyond \(Self.extensionBytesMax) bytes")
            }
            if byte == .carriageReturn { phase = .sizeLineFeed } else if !byte.isFieldValue { throw .badChunk }
        case .sizeLineFeed:
            guard byte == .lineFeed else { throw .badChunk }
            phase = chunkRemaining == 0 ? .trailerLine : .data
        case .dataCarriageReturn:
            guard byte == .carriageReturn else { throw .badChunk }
            phase = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else { throw .badChunk }
            phase = .size
        case .trailerLine, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: try takeTrailer(byte)
        case .data, .finished: preconditionFailure("chunk data is not taken byte by byte")
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTPRejection) {
        if let digit = byte.hexadecimalValue {
            chunkRemaining = (phase == .size ? 0 : chunkRemaining << 4) | Int(digit)
            guard chunkRemaining <= bodyRemaining else { throw HTTPRejection(413, "the body is too large") }
            phase = .sizeMore
            return
        }
        guard phase == .sizeMore, byte == .carriageReturn || byte == 0x3B else { throw .badChunk }
        bodyRemaining -= chunkRemaining
        phase = byte == 0x3B ? .extensions : .sizeLineFeed
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPRejection) {
        trailerBytes += 1
        guard trailerBytes <= Self.trailerBytesMax else {
            throw HTTPRejection(431, "trailers beyond \(Self.trailerBytesMax) bytes")
        }
        switch phase {
        case .trailerLine where byte == .carriageReturn: phase = .lastLineFeed
        case .trailerLine where byte.isToken: phase = .trailerName
        case .trailerName where byte.isToken: break
        case .trailerName where byte == 0x3A: phase = .trailerValue
        case .trailerValue where byte == .carriageReturn: phase = .trailerLineFeed
        case .trailerValue where byte.isFieldValue: break
        case .trailerLineFeed where byte == .lineFeed: phase = .trailerLine
        case .lastLineFeed where byte == .lineFeed: phase = .finished
        default: throw HTTPRejection(400, "a broken trailer line")
        }
    }
}

extension HTTPRejection {
    static var badChunk: HTTPRejection { HTTPRejection(400, "a broken chunk") }
}
