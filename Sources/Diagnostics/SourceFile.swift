// SourceFile.swift: a text with a path, and places in it.
//
// Ranges are UTF-8 byte offsets; lines and columns are computed only where a person reads them.
// Neighbours: Diagnostic.swift (labels point here), TextRenderer.swift (shows lines).

/// Position in `SourceMap.files`. Not a count.
package struct SourceFileID: Hashable, Sendable, Comparable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A stretch of one file: UTF-8 byte offsets, `end` not included.
package struct SourceRange: Hashable, Sendable {
    package let file: SourceFileID
    package let start: UInt32
    package let end: UInt32
    package init(file: SourceFileID, start: UInt32, end: UInt32) {
        self.file = file
        self.start = start
        self.end = end
    }
    /// From the start of this range to the end of `other`.
    package func through(_ other: SourceRange) -> SourceRange {
        SourceRange(file: file, start: start, end: max(end, other.end))
    }
}

/// A file as it was read. `path` is what people see: relative, with `/`.
package struct SourceFile: Sendable {
    package let path: String
    package let bytes: [UInt8]
    /// Byte offset of each line's first byte.
    package let lineStarts: [UInt32]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts: [UInt32] = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(UInt32(offset + 1))
        }
        lineStarts = starts
    }

    package init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

    /// The 0-based line that holds this byte offset.
    package func lineIndex(at offset: UInt32) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The 1-based line and column, the column counted in characters.
    package func position(at offset: UInt32) -> (line: Int, column: Int) {
        let line = lineIndex(at: offset)
        let start = Int(lineStarts[line])
        let end = min(Int(offset), bytes.count)
        var index = start
        while index < end, bytes[index] < 0x80, bytes[index] != UInt8(ascii: "\r") { index += 1 }
        // Nearly every line is ASCII: then a column is a byte. A `\r` would make one character with its `\n`.
        if index >= end { return (line + 1, max(0, end - start) + 1) }
        let prefix = String(decoding: bytes[start..<end], as: UTF8.self)
        return (line + 1, prefix.count + 1)
    }
}

/// The files of one deployment.
package struct SourceMap: Sendable {
    package let files: [SourceFile]
    package init(files: [SourceFile]) { self.files = files }
    package subscript(id: SourceFileID) -> SourceFile { files[Int(id.rawValue)] }

    /// `path:line:column`.
    package func place(of range: SourceRange) -> String {
        let file = self[range.file]
        let position = file.position(at: range.start)
        return "\(file.path):\(position.line):\(position.column)"
    }
}
