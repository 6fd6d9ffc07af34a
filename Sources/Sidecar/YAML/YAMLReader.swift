// YAMLReader.swift: text to documents, by libyaml.
//
// Law: bad text is an error with a line, never a crash. Aliases are expanded; a limit on nodes and on depth stops
// a file that refers to itself or doubles itself. The only file that imports CYAML.
// Neighbours: YAMLNode.swift (the result).

internal import CYAML

/// Why a text is not YAML that we take.
struct YAMLError: Error, Equatable {
    /// From 1.
    let line: Int
    let message: String
}

/// Reads every document of a text.
enum YAMLReader {
    /// Nodes of one text, aliases expanded.
    static let nodesMax = 100_000
    /// Nesting of one document.
    static let depthMax = 64

    /// The documents of `text`, in order; empty documents are left out.
    static func documents(in text: [UInt8]) throws(YAMLError) -> [YAMLNode] {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(line: 1, message: "libyaml has no memory for a parser")
        }
        defer { yaml_parser_delete(&parser) }
        // SAFETY: the parser keeps the address of `bytes`, and is used only inside this closure.
        let outcome = text.withUnsafeBufferPointer { bytes -> Result<[YAMLNode], YAMLError> in
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            return Result { () throws(YAMLError) in try read(&parser) }
        }
        return try outcome.get()
    }

    private static func read(_ parser: inout yaml_parser_t) throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        var budget = nodesMax
        while true {
            var document = yaml_document_t()
            guard yaml_parser_load(&parser, &document) == 1 else { throw problem(of: parser) }
            defer { yaml_document_delete(&document) }
            guard let root = yaml_document_get_root_node(&document) else { return documents }
            let node = try convert(root, in: &document, depth: 0, budget: &budget)
            if !node.isNull { documents.append(node) }
        }
    }

    private static func convert(
        _ raw: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, depth: Int,
        budget: inout Int
    ) throws(YAMLError) -> YAMLNode {
        let line = Int(raw.pointee.start_mark.line) + 1
        budget -= 1
        guard budget >= 0 else {
            throw YAMLError(line: line, message: "more than \(nodesMax) values, aliases expanded")
        }
        guard depth < depthMax else {
            throw YAMLError(
                line: line, message: "nested deeper than \(depthMax) levels, or an alias that holds itself")
        }
        switch raw.pointee.type {
        case YAML_SEQUENCE_NODE:
            return try sequence(raw, in: &document, line: line, depth: depth, budget: &budget)
        case YAML_MAPPING_NODE:
            return try mapping(raw, in: &document, line: line, depth: depth, budget: &budget)
        default:
            let isPlain = raw.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            return YAMLNode(content: .scalar(scalarText(raw), isPlain: isPlain), line: line)
        }
    }

    private static func sequence(
        _ raw: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, line: Int, depth: Int,
        budget: inout Int
    ) throws(YAMLError) -> YAMLNode {
        var items: [YAMLNode] = []
        var next = raw.pointee.data.sequence.items.start
        while let item = next, item != raw.pointee.data.sequence.items.top {
            if let child = yaml_document_get_node(&document, item.pointee) {
                items.append(try convert(child, in: &document, depth: depth + 1, budget: &budget))
            }
            next = item + 1
        }
        return YAMLNode(content: .sequence(items), line: line)
    }

    private static func mapping(
        _ raw: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, line: Int, depth: Int,
        budget: inout Int
    ) throws(YAMLError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var seen: Set<String> = []
        var next = raw.pointee.data.mapping.pairs.start
        while let pair = next, pair != raw.pointee.data.mapping.pairs.top {
            next = pair + 1
            guard let keyNode = yaml_document_get_node(&document, pair.pointee.key),
                let valueNode = yaml_document_get_node(&document, pair.pointee.value)
            else { continue }
            let keyLine = Int(keyNode.pointee.start_mark.line) + 1
            guard keyNode.pointee.type == YAML_SCALAR_NODE else {
                throw YAMLError(line: keyLine, message: "a key that is not a single word")
            }
            let key = scalarText(keyNode)
            guard seen.insert(key).inserted else {
                throw YAMLError(line: keyLine, message: "the key `\(key)` stands here for the second time")
            }
            let value = try convert(valueNode, in: &document, depth: depth + 1, budget: &budget)
            entries.append(YAMLNode.Entry(key: key, keyLine: keyLine, value: value))
        }
        return YAMLNode(content: .mapping(entries), line: line)
    }

    /// libyaml hands out valid UTF-8: it refuses other input.
    private static func scalarText(_ raw: UnsafeMutablePointer<yaml_node_t>) -> String {
        let scalar = raw.pointee.data.scalar
        return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }

    private static func problem(of parser: yaml_parser_t) -> YAMLError {
        let what = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
        let context = parser.context.map { String(cString: $0) }
        // What was opened and never closed is better known by its beginning than by the end of the file; a reader's
        // error (not UTF-8, a control character) has an offset and no mark.
        let isUnclosed = context.map { $0.contains("flow") || $0.contains("quoted") } ?? false
        let mark =
            isUnclosed
            ? parser.context_mark : parser.problem_mark.index > 0 ? parser.problem_mark : parser.mark
        return YAMLError(line: Int(mark.line) + 1, message: context.map { "\($0): \(what)" } ?? what)
    }
}
