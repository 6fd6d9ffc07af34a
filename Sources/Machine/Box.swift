// Box.swift: failures and responses, which carry more than sixteen bytes.
//
// Neighbours: Value.swift, Fiber+Unwinding.swift (raises failures), JSONWriter.swift (writes them).

@unsafe struct FailureBox {
    var failureClass: FailureClass
    var origin: Value.FailureOrigin
    /// Offset of the instruction that raised it first; -1 before.
    var word: Int32
    /// A string.
    var message: Value
    var details: Value
}

@unsafe struct ResponseBox {
    var status: Int
    var body: Value
    /// An object or null.
    var headers: Value
}

/// What a failure says. `class`, `message` and `details` can be read in Bay.
package struct FailureParts {
    package let failureClass: FailureClass
    package let origin: Value.FailureOrigin
    package let message: Value
    package let details: Value
    /// Offset of the instruction that raised it; nil before it was raised.
    package let word: Int?
}

extension Arena {
    /// - Parameter message: a string.
    func makeFailure(
        _ failureClass: FailureClass, message: Value, details: Value, origin: Value.FailureOrigin
    ) throws(Fault) -> Value {
        let memory = unsafe try allocate(MemoryLayout<FailureBox>.stride)
        return unsafe place(
            FailureBox(failureClass: failureClass, origin: origin, word: -1, message: message, details: details),
            in: memory)
    }

    /// A failure as an effect's reply, or as anything else that the host wants to raise.
    package func failure(
        class failureClass: FailureClass, message: some StringProtocol, details: Value = .null,
        origin: Value.FailureOrigin
    ) -> Value {
        let text = string(message)
        let memory = unsafe allocateOverdrawing(MemoryLayout<FailureBox>.stride)
        return unsafe place(
            FailureBox(failureClass: failureClass, origin: origin, word: -1, message: text, details: details),
            in: memory)
    }

    private func place(_ box: FailureBox, in memory: UnsafeMutableRawPointer) -> Value {
        unsafe memory.bindMemory(to: FailureBox.self, capacity: 1).initialize(to: box)
        return Value(.failure, bits: UInt64(UInt(bitPattern: memory)))
    }

    func makeResponse(status: Int, body: Value, headers: Value) throws(Fault) -> Value {
        let memory = unsafe try allocate(MemoryLayout<ResponseBox>.stride)
        unsafe memory.bindMemory(to: ResponseBox.self, capacity: 1).initialize(
            to: ResponseBox(status: status, body: body, headers: headers))
        return Value(.response, bits: UInt64(UInt(bitPattern: memory)))
    }
}

extension Value {
    /// SAFETY: a failure's `bits` is the address of its box.
    var failureBox: UnsafeMutablePointer<FailureBox> {
        unsafe UnsafeMutablePointer(bitPattern: UInt(bits)).unsafelyUnwrapped
    }

    /// Nil unless this is a failure.
    package var failureParts: FailureParts? {
        guard kind == .failure else { return nil }
        let box = unsafe failureBox.pointee
        return unsafe FailureParts(
            failureClass: box.failureClass, origin: box.origin, message: box.message, details: box.details,
            word: box.word < 0 ? nil : Int(box.word))
    }

    /// Nil unless this is a response.
    package var responseParts: (status: Int, body: Value, headers: Value)? {
        guard kind == .response else { return nil }
        let box = unsafe UnsafePointer<ResponseBox>(bitPattern: UInt(bits)).unsafelyUnwrapped.pointee
        return unsafe (box.status, box.body, box.headers)
    }
}
