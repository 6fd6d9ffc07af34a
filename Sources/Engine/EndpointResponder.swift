// EndpointResponder.swift: the duty to answer an endpoint's caller, with what every answer to it carries.
//
// Neighbours: EndpointCall.swift (answers), CrossOrigin.swift (the fields for browsers).

internal import Transport

struct EndpointResponder: Sendable {
    let responder: HTTPResponder
    let fields: [(name: String, value: String)]

    func respond(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        responder.respond(status: status, headers: fields.isEmpty ? headers : headers + fields, body: body)
    }
}
