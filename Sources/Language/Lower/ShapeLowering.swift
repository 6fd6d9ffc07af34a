// ShapeLowering.swift: written types, with bounds and defaults, as shapes of the program.
//
// Records are reserved before their fields are read, so that they may recur.

internal import Diagnostics
internal import Machine

extension Lowering {
    /// The shape of a type node; nil when anything fits.
    func shape(of type: NodeKey) -> ShapeIndex? {
        if let known = shapes[type] { return known }
        let saved = (frame.file, frame.tree)
        frame.file = type.file
        frame.tree = declarations.files[type.file].tree
        defer { (frame.file, frame.tree) = saved }
        guard let index = makeShape(type.node) else { return nil }
        shapes[type] = index
        return index
    }

    private func makeShape(_ node: NodeID) -> ShapeIndex? {
        switch kind(node) {
        case .typeName: return makeNamedShape(node)
        case .typeList:
            let item = makeShape(child(0, node)) ?? anyShape()
            return assembler.shape(.list(item, intBounds(child(1, node))))
        case .typeDictionary:
            let value = makeShape(child(0, node)) ?? anyShape()
            return assembler.shape(.dictionary(value))
        case .typeOptional: return makeShape(child(0, node)).map { assembler.shape(.optional($0)) }
        case .typeUnion: return assembler.shape(.oneOf(children(node).compactMap { fold($0) }))
        default: return nil
        }
    }

    private func anyShape() -> ShapeIndex { assembler.shape(.any) }

    private func makeNamedShape(_ node: NodeID) -> ShapeIndex? {
        let name = word(child(0, node))
        let bounds = child(1, node)
        switch name {
        case "any", "Event", "Request": return nil
        case "null": return assembler.shape(.null)
        case "bool": return assembler.shape(.bool)
        case "bytes": return assembler.shape(.bytes)
        case "time": return assembler.shape(.time)
        case "duration": return assembler.shape(.duration)
        case "object": return assembler.shape(.object)
        case "secret": return assembler.shape(.secret)
        case "list":
            let item = anyShape()
            return assembler.shape(.list(item, nil))
        case "int": return assembler.shape(.int(intBounds(bounds)))
        case "float": return assembler.shape(.float(floatBounds(bounds)))
        case "string":
            if bounds.exists, kind(bounds) == .boundsLike {
                return assembler.shape(.string(nil, like: word(child(0, bounds))))
            }
            return assembler.shape(.string(intBounds(bounds), like: nil))
        default:
            guard let symbol = declarations.symbols.symbol(for: name), let record = declarations.record(symbol)
            else { return nil }
            return shape(of: record)
        }
    }

    /// The shape of a record; made on first use.
    func shape(of index: RecordIndex) -> ShapeIndex {
        if let known = recordShapes[index] { return known }
        let reserved = assembler.reserveShape()
        recordShapes[index] = reserved
        let record = declarations[index]
        let saved = (frame.file, frame.tree)
        frame.file = record.key.file
        frame.tree = declarations.files[record.key.file].tree
        defer { (frame.file, frame.tree) = saved }
        var fields: [RecordShape.Field] = []
        for field in record.fields {
            let inner = field.isOptional ? child(0, field.typeNode) : field.typeNode
            let shape = makeShape(inner) ?? anyShape()
            fields.append(
                RecordShape.Field(
                    name: field.name, shape: shape, defaultValue: fold(field.defaultNode),
                    isOptional: field.isOptional))
        }
        assembler.define(reserved, as: .record(RecordShape(name: record.name, fields: fields)))
        return reserved
    }

    /// As `Checker.fold`, of the file at hand.
    func fold(_ node: NodeID) -> Constant? {
        TreeReader(declarations, file: frame.file, tree: frame.tree).fold(node)
    }

    private func ends(_ bounds: NodeID) -> (low: Constant?, high: Constant?, excludesHigh: Bool)? {
        guard bounds.exists, kind(bounds) == .boundsInterval else { return nil }
        let interval = child(0, bounds)
        return (fold(child(0, interval)), fold(child(1, interval)), frame.tree.flag(of: interval) == 1)
    }

    private func intBounds(_ bounds: NodeID) -> Bounds<Int64>? {
        guard let ends = ends(bounds) else { return nil }
        func int(_ constant: Constant?) -> Int64? {
            if case .int(let value)? = constant { return value }
            return nil
        }
        return Bounds(lower: int(ends.low), upper: int(ends.high), includesUpper: !ends.excludesHigh)
    }

    private func floatBounds(_ bounds: NodeID) -> Bounds<Double>? {
        guard let ends = ends(bounds) else { return nil }
        return Bounds(lower: ends.low?.number, upper: ends.high?.number, includesUpper: !ends.excludesHigh)
    }
}
