// ShapeCheck.swift: does a value have the stated shape? Fills defaults in on the way.

/// A shape with its keys and defaults as values, for the check.
struct CompiledShape {
    let shape: Shape
    init(_ shape: Shape, in arena: Arena) { self.shape = shape }
}

enum FitResult {
    case fits(Value)
    case misfits(String)
}

extension FiberBlock {
    func fit(_ value: Value, shape: Int) throws(Fault) -> FitResult { .fits(value) }
}
