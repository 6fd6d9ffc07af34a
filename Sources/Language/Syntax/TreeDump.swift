// TreeDump.swift: a tree as an S-expression, for tests and for people who look into the parser.
//
// `(add a 1)`: kind, then children; an absent child is `-`. A flag or an operator stands behind a `/`.

extension SyntaxTree {
    /// The tree below `id`, or the whole of it, on one line.
    package func dump(_ id: NodeID? = nil, symbols: SymbolTable) -> String {
        var output = ""
        write(id ?? root, symbols, to: &output)
        return output
    }

    private func write(_ id: NodeID, _ symbols: SymbolTable, to output: inout String) {
        guard id.exists else { return output += "-" }
        switch kind(of: id) {
        case .name: output += symbols[symbol(of: id)]
        case .integer: output += "\(integer(of: id))"
        case .size: output += "(size \(integer(of: id)))"
        case .duration: output += "(duration \(integer(of: id)))"
        case .float: output += "\(float(of: id))"
        case .string: output += quoted(string(of: id))
        case .trueLiteral: output += "true"
        case .falseLiteral: output += "false"
        case .nullLiteral: output += "null"
        case let kind:
            output += "(\(kind)"
            if flag(of: id) != 0 { output += "/\(flag(of: id))" }
            for child in children(of: id) {
                output += " "
                write(child, symbols, to: &output)
            }
            output += ")"
        }
    }

    private func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
