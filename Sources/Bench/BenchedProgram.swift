// BenchedProgram.swift: a deployment in memory with a slab to run it in, without engine, socket or sidecar.
//
// Neighbours: Workload+Machine.swift, Workload+Rules.swift (run it), Language (compiles it).

internal import Diagnostics
internal import Language
internal import Machine
internal import Transport

struct BenchedProgram {
    let compiled: CompiledDeployment
    let fibers: FiberSlab
    /// Fuel is not what is measured here.
    /// A workload may be one long file.
    static let sourceBytesMax = 256 << 20
    static let limits = FiberLimits(fuelSteps: .max, arenaBytesMax: 64 << 20, callDepthMax: 64, effectsInFlightMax: 256)

    /// - Parameter paths: `.bay` files, all of the module `bench`.
    init(paths: [String]) throws(BenchError) {
        let result = Compiler.compile(
            try Self.read(paths), limits: SourceLimits(bytesMax: Self.sourceBytesMax, nestingMax: 200))
        guard let deployment = result.deployment else {
            let text = TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources)
            throw BenchError(message: text)
        }
        compiled = deployment
        fibers = FiberSlab(fibersMax: 20_000)
    }

    static func read(_ paths: [String]) throws(BenchError) -> [DeploymentFile] {
        var files: [DeploymentFile] = []
        for path in paths {
            let source = SourceFile(path: path, bytes: try bytes(of: path))
            files.append(DeploymentFile(source: source, module: nil))
        }
        return files
    }

    static func bytes(of path: String) throws(BenchError) -> [UInt8] {
        do throws(FileSystemError) {
            return try FileSystem.readFile(path, bytesMax: sourceBytesMax)
        } catch {
            throw BenchError(message: error.description)
        }
    }

    /// The handler of the endpoint with this path.
    func action(of path: String) throws(BenchError) -> FunctionIndex {
        guard let endpoint = compiled.endpoints.first(where: { $0.path == path }) else {
            throw BenchError(message: "the workload has no endpoint \(path)")
        }
        return endpoint.action
    }

    func fiber() throws(BenchError) -> FiberRef {
        guard let ref = fibers.create(program: compiled.program, limits: Self.limits) else {
            throw BenchError(message: "the slab is full")
        }
        return ref
    }

    /// A new fiber and the `request` for it, whose body has `n`.
    func request(_ argument: Int) throws(BenchError) -> (FiberRef, Value) {
        let ref = try fiber()
        guard let arena = fibers.arena(of: ref) else { throw BenchError(message: "the fiber has no memory") }
        return (ref, arena.object([("body", arena.object([("n", .int(argument))]))]))
    }
}
