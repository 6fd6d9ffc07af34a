// FaultText.swift: the path that a faulting instruction read, told from the code before it.
//
// Only on the way to a fault, so it may take its time: it follows the function's instructions in a straight line and
// remembers which register holds which path. Neighbours: Fiber+Paths.swift (asks).

extension FiberBlock {
    /// `data.customer` for the holder that the instruction at `word` reads from; nil when it is no path.
    func pathRead(atWord word: Int) -> String? {
        let code = unsafe header.pointee.image.pointee.code
        let function = unsafe header.pointee.image.pointee.functionStart(beforeWord: word)
        var paths: [Int: String] = [:]
        var position = function
        while position <= word {
            let words = unsafe [code[position], code[position + 1]]
            guard let instruction = Instruction(at: 0, in: words) else { return nil }
            if position + instruction.wordCount > word { return paths[instruction.b] }
            let key = keyText(of: instruction)
            switch (instruction.opcode.layout.a, key) {
            case (.writes, let key?):
                paths[instruction.a] = paths[instruction.b].map { "\($0).\(key)" } ?? key
            case (.writes, nil):
                paths[instruction.a] = instruction.opcode == .move ? paths[instruction.b] : nil
            default: break
            }
            position += instruction.wordCount
        }
        return nil
    }

    private func keyText(of instruction: Instruction) -> String? {
        guard instruction.opcode == .getField || instruction.opcode == .getFieldQuiet, let word = instruction.word
        else { return nil }
        return unsafe header.pointee.image.pointee.constants[Int(word)].asString
    }
}

extension ProgramImage {
    /// Functions are laid out one after another; the catch table knows where each begins.
    func functionStart(beforeWord word: Int) -> Int {
        var start = 0
        for position in unsafe 0..<catches.groupCount {
            let candidate = unsafe Int(catches.groups[position].word)
            if candidate <= word { start = candidate }
        }
        return start
    }
}
