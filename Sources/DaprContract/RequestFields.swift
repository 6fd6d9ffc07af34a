// RequestFields.swift: the keys of request and reply bodies, query parameters and metadata.

/// Keys of state requests and replies.
package enum StateField {
    package static let key = "key"
    package static let value = "value"
    package static let etag = "etag"
    package static let metadata = "metadata"
    package static let options = "options"
    package static let concurrency = "concurrency"
    package static let consistency = "consistency"
    package static let contentType = "contentType"
    /// Bulk get.
    package static let keys = "keys"
    package static let parallelism = "parallelism"
    package static let data = "data"
    package static let error = "error"
    /// Transaction.
    package static let operations = "operations"
    package static let operation = "operation"
    package static let request = "request"
    package static let upsert = "upsert"
    package static let delete = "delete"
    /// Query.
    package static let results = "results"
    package static let token = "token"

    /// Separates the prefix from the key in the store; no key may hold it.
    package static let separator = "||"
}

/// `options.concurrency`, also a query parameter.
package enum StateConcurrency: String, CaseIterable, Sendable {
    case firstWrite = "first-write"
    case lastWrite = "last-write"
}

/// `options.consistency`, also a query parameter.
package enum StateConsistency: String, CaseIterable, Sendable {
    case eventual, strong
}

/// Keys of one entry of a bulk publish, and of its refusal.
package enum BulkPublishField {
    package static let entryID = "entryId"
    package static let event = "event"
    package static let contentType = "contentType"
    package static let metadata = "metadata"
    package static let failedEntries = "failedEntries"
    package static let error = "error"
}

/// Keys of a call of an output binding.
package enum BindingField {
    package static let operation = "operation"
    package static let data = "data"
    package static let metadata = "metadata"
}

/// Keys of a read of configuration.
package enum ConfigurationField {
    /// A query parameter, once for each.
    package static let key = "key"
    package static let value = "value"
    package static let version = "version"
    package static let metadata = "metadata"
}

/// Keys of request metadata.
package enum MetadataKey {
    /// State: seconds until the item is gone, as a decimal string; `-1` clears it. Publish: seconds to live.
    package static let ttlInSeconds = "ttlInSeconds"
    /// Reply metadata of a state item with a time to live: RFC 3339.
    package static let ttlExpireTime = "ttlExpireTime"
    /// Publish and subscribe: bytes go to the broker without an envelope.
    package static let rawPayload = "rawPayload"
    /// Publish: `cloudevent.id`, `.type`, `.source`, `.subject`, `.traceid`, `.traceparent`, `.tracestate`.
    package static let cloudEventPrefix = "cloudevent."
}

/// Keys of lock requests and replies. Source: contract, section 3.6.
package enum LockField {
    package static let resourceID = "resourceId"
    package static let lockOwner = "lockOwner"
    /// A whole number above 0.
    package static let expiryInSeconds = "expiryInSeconds"
    /// Of a lock's reply: whether the caller has it now.
    package static let success = "success"
    /// Of an unlock's reply: an `UnlockStatus`.
    package static let status = "status"
}

/// What an unlock came to.
package enum UnlockStatus: Int, CaseIterable, Sendable {
    case success = 0
    /// Nobody has it: it ended, or never was.
    case lockDoesNotExist = 1
    case lockBelongsToOthers = 2
    case internalError = 3
}

/// Keys of one entry in the list that `GET /dapr/subscribe` answers, and of `subscriptions` in the metadata.
package enum SubscriptionField {
    package static let pubsubname = "pubsubname"
    package static let topic = "topic"
    package static let route = "route"
    package static let routes = "routes"
    package static let rules = "rules"
    package static let match = "match"
    package static let path = "path"
    package static let `default` = "default"
    package static let metadata = "metadata"
    package static let deadLetterTopic = "deadLetterTopic"
    package static let bulkSubscribe = "bulkSubscribe"
    package static let enabled = "enabled"
    package static let maxMessagesCount = "maxMessagesCount"
    package static let maxAwaitDurationMs = "maxAwaitDurationMs"
    package static let type = "type"
}

/// Keys of a job; `name` stands in the path alone.
package enum JobField {
    package static let schedule = "schedule"
    package static let dueTime = "dueTime"
    package static let repeats = "repeats"
    package static let ttl = "ttl"
    package static let data = "data"
    package static let overwrite = "overwrite"
    package static let failurePolicy = "failurePolicy"
}

/// Keys of a bulk delivery and of its answer, `{"statuses":[{"entryId":"…","status":"SUCCESS"}]}`: an entry that the
/// answer leaves out is tried again.
package enum BulkField {
    package static let id = "id"
    package static let type = "type"
    package static let pubsubname = "pubsubname"
    package static let topic = "topic"
    package static let metadata = "metadata"
    package static let entries = "entries"
    package static let entryID = "entryId"
    package static let contentType = "contentType"
    /// A CloudEvent, or bytes in base64 where the subscription is raw.
    package static let event = "event"
    package static let statuses = "statuses"
    package static let status = "status"
    /// The value of `type`.
    package static let typeName = "com.dapr.event.sent.bulk"
}
