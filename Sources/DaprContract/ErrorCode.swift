// ErrorCode.swift: the sidecar's error codes with the HTTP status of each.
//
// One table; both ends read it. A client keys on `errorCode` and the status, and tolerates the absence of details.
// Source: dapr 1.18 `pkg/messages/errorcodes`, sections 3 and 3.9 of the contract.

/// A code as it stands in `{"errorCode":"…","message":"…"}`, with its usual HTTP status and, for the errors that
/// carry details, the reason in them.
package struct ErrorCode: Hashable, Sendable {
    /// `ERR_STATE_SAVE`
    package let name: String
    /// The status when the contract names no other for the case at hand.
    package let httpStatus: Int
    /// `details[].reason`, `DAPR_STATE_NOT_FOUND`; nil for errors without details.
    package let reason: String?

    private init(_ name: String, _ httpStatus: Int, reason: String? = nil) {
        self.name = name
        self.httpStatus = httpStatus
        self.reason = reason
    }

    // State. A mismatch of the ETag is 409 on save and delete, and 500 in a transaction.
    package static let stateSave = ErrorCode("ERR_STATE_SAVE", 500)
    package static let stateGet = ErrorCode("ERR_STATE_GET", 500)
    package static let stateDelete = ErrorCode("ERR_STATE_DELETE", 500)
    package static let stateBulkGet = ErrorCode("ERR_STATE_BULK_GET", 500)
    package static let stateTransaction = ErrorCode("ERR_STATE_TRANSACTION", 500)
    package static let stateStoreNotFound = ErrorCode(
        "ERR_STATE_STORE_NOT_FOUND", 400, reason: "DAPR_STATE_NOT_FOUND")
    package static let stateStoreNotConfigured = ErrorCode(
        "ERR_STATE_STORE_NOT_CONFIGURED", 500, reason: "DAPR_STATE_NOT_CONFIGURED")
    package static let stateOperationNotSupported = ErrorCode("ERR_NOT_SUPPORTED_STATE_OPERATION", 400)
    package static let stateQuery = ErrorCode("ERR_STATE_QUERY", 500, reason: "DAPR_STATE_QUERY_FAILED")
    package static let stateQueryNotSupported = ErrorCode(
        "ERR_STATE_STORE_NOT_SUPPORTED", 500, reason: "DAPR_STATE_QUERYING_NOT_SUPPORTED")
    package static let stateTooManyOperations = ErrorCode(
        "ERR_STATE_STORE_TOO_MANY_TRANSACTIONS", 400, reason: "DAPR_STATE_TOO_MANY_TRANSACTIONS")
    package static let stateIllegalKey = ErrorCode(
        "ERR_MALFORMED_REQUEST", 400, reason: "DAPR_STATE_ILLEGAL_KEY")

    // Publish and subscribe.
    package static let pubsubNotFound = ErrorCode(
        "ERR_PUBSUB_NOT_FOUND", 404, reason: "DAPR_PUBSUB_NOT_FOUND")
    package static let pubsubNotConfigured = ErrorCode(
        "ERR_PUBSUB_NOT_CONFIGURED", 400, reason: "DAPR_PUBSUB_NOT_CONFIGURED")
    package static let pubsubNameEmpty = ErrorCode("ERR_PUBSUB_EMPTY", 404, reason: "DAPR_PUBSUB_NAME_EMPTY")
    package static let topicNameEmpty = ErrorCode(
        "ERR_TOPIC_NAME_EMPTY", 404, reason: "DAPR_PUBSUB_TOPIC_NAME_EMPTY")
    package static let pubsubForbidden = ErrorCode(
        "ERR_PUBSUB_FORBIDDEN", 403, reason: "DAPR_PUBSUB_FORBIDDEN")
    package static let pubsubPublishMessage = ErrorCode(
        "ERR_PUBSUB_PUBLISH_MESSAGE", 500, reason: "DAPR_PUBSUB_PUBLISH_MESSAGE")
    package static let pubsubRequestMetadata = ErrorCode(
        "ERR_PUBSUB_REQUEST_METADATA", 400, reason: "DAPR_PUBSUB_METADATA_DESERIALIZATION")
    package static let pubsubCloudEvent = ErrorCode(
        "ERR_PUBSUB_CLOUD_EVENTS_SER", 500, reason: "DAPR_PUBSUB_CLOUD_EVENT_CREATION")

    package static let pubsubEntries = ErrorCode(
        "ERR_PUBSUB_EVENTS_SER", 400, reason: "DAPR_PUBSUB_MARSHAL_EVENTS")
    package static let pubsubEntryEnvelope = ErrorCode(
        "ERR_PUBSUB_EVENTS_SER", 400, reason: "DAPR_PUBSUB_MARSHAL_ENVELOPE")

    // Bindings and configuration. An unknown binding is the same error as one that fails.
    package static let outputBinding = ErrorCode("ERR_INVOKE_OUTPUT_BINDING", 500)
    package static let configurationGet = ErrorCode("ERR_CONFIGURATION_GET", 500)
    package static let configurationStoreNotFound = ErrorCode("ERR_CONFIGURATION_STORE_NOT_FOUND", 400)
    package static let configurationStoreNotConfigured = ErrorCode("ERR_CONFIGURATION_STORE_NOT_CONFIGURED", 500)

    // Secrets. 401 is the sidecar's word for an unknown store; it has nothing to do with the token.
    package static let secretGet = ErrorCode("ERR_SECRET_GET", 500)
    package static let secretStoreNotFound = ErrorCode("ERR_SECRET_STORE_NOT_FOUND", 401)
    package static let secretStoresNotConfigured = ErrorCode("ERR_SECRET_STORES_NOT_CONFIGURED", 500)
    package static let permissionDenied = ErrorCode("ERR_PERMISSION_DENIED", 403)

    // Invocation. 404 when no app is named; an unknown route ends there, too.
    package static let directInvoke = ErrorCode("ERR_DIRECT_INVOKE", 500)

    // Locks.
    package static let lockStoreNotConfigured = ErrorCode("ERR_LOCK_STORE_NOT_CONFIGURED", 500)
    package static let lockStoreNotFound = ErrorCode("ERR_LOCK_STORE_NOT_FOUND", 400)
    package static let tryLock = ErrorCode("ERR_TRY_LOCK", 500)
    package static let unlock = ErrorCode("ERR_UNLOCK", 500)

    // Jobs. Their codes are their reasons.
    package static let schedulerScheduleJob = ErrorCode("DAPR_SCHEDULER_SCHEDULE_JOB", 500)
    package static let schedulerGetJob = ErrorCode("DAPR_SCHEDULER_GET_JOB", 500)
    package static let schedulerJobName = ErrorCode("DAPR_SCHEDULER_JOB_NAME", 400)
    package static let schedulerJobNameEmpty = ErrorCode("DAPR_SCHEDULER_JOB_NAME_EMPTY", 400)
    package static let schedulerScheduleEmpty = ErrorCode("DAPR_SCHEDULER_SCHEDULE_EMPTY", 400)

    // Health.
    package static let healthNotReady = ErrorCode("ERR_HEALTH_NOT_READY", 500)
    package static let healthAppIDMismatch = ErrorCode("ERR_HEALTH_APPID_NOT_MATCH", 500)
    package static let outboundHealthNotReady = ErrorCode("ERR_OUTBOUND_HEALTH_NOT_READY", 500)

    // Common.
    package static let malformedRequest = ErrorCode("ERR_MALFORMED_REQUEST", 400)
    package static let bodyRead = ErrorCode("ERR_BODY_READ", 400)

    /// All of them, for tests and for reading an error back.
    package static let all: [ErrorCode] = [
        stateSave, stateGet, stateDelete, stateBulkGet, stateTransaction, stateStoreNotFound,
        stateStoreNotConfigured, stateOperationNotSupported, stateIllegalKey, stateQuery, stateQueryNotSupported,
        stateTooManyOperations,
        pubsubNotFound, pubsubNotConfigured, pubsubNameEmpty, topicNameEmpty, pubsubForbidden,
        pubsubPublishMessage, pubsubRequestMetadata, pubsubCloudEvent, pubsubEntries, pubsubEntryEnvelope,
        outputBinding, configurationGet, configurationStoreNotFound, configurationStoreNotConfigured,
        secretGet, secretStoreNotFound, secretStoresNotConfigured, permissionDenied,
        directInvoke, lockStoreNotConfigured, lockStoreNotFound, tryLock, unlock,
        healthNotReady, healthAppIDMismatch, outboundHealthNotReady,
        schedulerScheduleJob, schedulerGetJob, schedulerJobName, schedulerJobNameEmpty, schedulerScheduleEmpty,
        malformedRequest, bodyRead,
    ]
}

/// Statuses of the sidecar's API that stand for no error code.
package enum SidecarStatus {
    /// Reply with a body.
    package static let ok = 200
    /// Done, or an absent key, with no body.
    package static let noContent = 204
    /// Wrong or missing `dapr-api-token`; the body is this text, not JSON.
    package static let unauthorized = 401
    package static let unauthorizedText = "invalid api token"
    /// Save or delete met another ETag.
    package static let conflict = 409
    /// The ETag has a form that the store cannot have given.
    package static let malformedETag = 400
}

/// Keys of an error's body.
package enum ErrorField {
    package static let errorCode = "errorCode"
    package static let message = "message"
    package static let details = "details"
}
