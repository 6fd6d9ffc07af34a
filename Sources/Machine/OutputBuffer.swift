// OutputBuffer.swift: bytes on their way out.

struct OutputBuffer {
    /// No number, bool, time or duration is longer in text.
    static var scalarMax: Int { 40 }
}

func writeInt(_ value: Int64, into room: MutableBytePointer) -> Int {
    let text = Array(String(value).utf8)
    for (offset, byte) in text.enumerated() { room[offset] = byte }
    return text.count
}
func writeDouble(_ value: Double, into room: MutableBytePointer) -> Int {
    let text = Array(value.description.utf8)
    for (offset, byte) in text.enumerated() { room[offset] = byte }
    return text.count
}
func writeTime(_ value: Int64, into room: MutableBytePointer) -> Int { 0 }
func writeDuration(_ value: Int64, into room: MutableBytePointer) -> Int { 0 }
