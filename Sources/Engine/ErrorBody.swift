// ErrorBody.swift: the one form of an error's body, on every port.
//
// Shape: `{"type":"NOT_FOUND","code":404,"message":"…","details":…}` (language.md section 8).

internal import Machine

enum ErrorBody {
    /// - Parameter details: left out when null.
    static func json(class kind: FailureClass, message: String, details: JSON = .null) -> [UInt8] {
        json(type: kind.name.uppercased(), code: kind.httpStatus, message: message, details: details)
    }

    static func json(type: String, code: Int, message: String, details: JSON = .null) -> [UInt8] {
        var fields: [JSON.Member] = [
            .init("type", .string(type)), .init("code", .int(Int64(code))), .init("message", .string(message)),
        ]
        if !details.isNull { fields.append(.init("details", details)) }
        return JSON.object(fields).serialized()
    }
}
