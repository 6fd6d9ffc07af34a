// APIReply.swift: what the sidecar's API answers: bodies, and errors in Dapr's two forms.
//
// Source: contract 3.0, "Error JSON".

internal import DaprContract

/// One answer.
struct APIReply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static let noContent = APIReply(status: SidecarStatus.noContent)

    static func json(_ text: [UInt8]) -> APIReply {
        APIReply(
            status: SidecarStatus.ok, headers: [(HeaderName.contentType, MediaType.json)], body: text)
    }

    static let badToken = APIReply(
        status: SidecarStatus.unauthorized, headers: [(HeaderName.contentType, MediaType.text)],
        body: Array(SidecarStatus.unauthorizedText.utf8))
}

/// A refusal with one of Dapr's codes.
struct APIError: Error, Sendable {
    let code: ErrorCode
    let status: Int
    let message: String
    /// `type` and `name` of what the error is about, for the errors that carry details.
    var resource: (type: String, name: String)?

    /// - Parameter status: nil takes the code's own
    init(
        _ code: ErrorCode, _ message: String, status: Int? = nil,
        resource: (type: String, name: String)? = nil
    ) {
        self.code = code
        self.status = status ?? code.httpStatus
        self.message = message
        self.resource = resource
    }

    func reply(appID: String) -> APIReply {
        var reply = APIReply.json(
            JSONText.object { object in
                object.add(ErrorField.errorCode, text: code.name)
                object.add(ErrorField.message, text: message)
                if let reason = code.reason { object.add(ErrorField.details, raw: details(reason, appID)) }
            })
        reply.status = status
        return reply
    }

    private func details(_ reason: String, _ appID: String) -> [UInt8] {
        var details = [
            JSONText.object { object in
                object.add("@type", text: "type.googleapis.com/google.rpc.ErrorInfo")
                object.add("reason", text: reason)
                object.add("domain", text: "dapr.io")
                object.add("metadata", raw: JSONText.dictionary(["appID": appID]))
            }
        ]
        if let resource {
            details.append(
                JSONText.object { object in
                    object.add("@type", text: "type.googleapis.com/google.rpc.ResourceInfo")
                    object.add("resource_type", text: resource.type)
                    object.add("resource_name", text: resource.name)
                    object.add("owner", text: "")
                    object.add("description", text: "")
                })
        }
        return JSONText.list(details)
    }

    static func malformed(_ reason: String) -> APIError {
        APIError(.malformedRequest, "failed deserializing HTTP body: \(reason)")
    }
}
