// EndpointRouter.swift: finds the endpoint for a method and a path.
//
// A literal segment beats `{id}`, `{id}` beats `{rest*}`; the first of equals in source order cannot exist (the
// checker refuses duplicates). A trie of segments: a look-up costs the path's segments, however many endpoints.
// Neighbours: CompiledDeployment.swift (the endpoints), EndpointCall.swift (uses it).

internal import Language
internal import Wire

/// All endpoints of a deployment, by segments.
struct EndpointRouter: Sendable {
    /// What a look-up found.
    struct Match {
        /// Position in `CompiledDeployment.endpoints`.
        let endpoint: Int
        /// Names and percent-decoded values.
        let parameters: [(name: String, value: String)]
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        /// Method → endpoint, where a path may end.
        var endpoints: [String: Int] = [:]
        /// Method → endpoint, for `{rest*}` below here.
        var rests: [String: Int] = [:]
    }

    private var nodes = [Node()]
    private let endpoints: [CompiledEndpoint]

    init(_ endpoints: [CompiledEndpoint]) {
        self.endpoints = endpoints
        for (position, endpoint) in endpoints.enumerated() { insert(endpoint, at: position) }
    }

    private mutating func insert(_ endpoint: CompiledEndpoint, at position: Int) {
        var current = 0
        for segment in endpoint.segments {
            switch segment {
            case .literal(let text):
                if let known = nodes[current].literals[text] {
                    current = known
                } else {
                    nodes.append(Node())
                    nodes[current].literals[text] = nodes.count - 1
                    current = nodes.count - 1
                }
            case .parameter:
                if let known = nodes[current].parameter {
                    current = known
                } else {
                    nodes.append(Node())
                    nodes[current].parameter = nodes.count - 1
                    current = nodes.count - 1
                }
            case .rest:
                nodes[current].rests[endpoint.method] = position
                return
            }
        }
        nodes[current].endpoints[endpoint.method] = position
    }

    /// The endpoint for this request line; nil when none takes it.
    ///
    /// - Parameter path: without the query, still percent-encoded.
    func match(method: String, path: String) -> Match? {
        guard let segments = PercentCoding.segments(ofPath: path)?.filter({ !$0.isEmpty }),
            let position = find(method, segments[...], from: 0)
        else { return nil }
        var parameters: [(name: String, value: String)] = []
        for (index, segment) in endpoints[position].segments.enumerated() {
            switch segment {
            case .literal: continue
            case .parameter(let name): parameters.append((name, segments[index]))
            case .rest(let name): parameters.append((name, segments[index...].joined(separator: "/")))
            }
        }
        return Match(endpoint: position, parameters: parameters)
    }

    private func find(_ method: String, _ segments: ArraySlice<String>, from node: Int) -> Int? {
        guard let first = segments.first else { return nodes[node].endpoints[method] ?? nodes[node].rests[method] }
        let rest = segments.dropFirst()
        if let next = nodes[node].literals[first], let found = find(method, rest, from: next) { return found }
        if let next = nodes[node].parameter, let found = find(method, rest, from: next) { return found }
        return nodes[node].rests[method]
    }
}
