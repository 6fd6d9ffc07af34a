// DiagnosticCode.swift: every code, explicit, never reused, never renumbered.
//
// The first digits are the area (a test asserts the ranges): E01 text and tokens, E02 grammar, E03 names,
// E04 types and failures, E05 routes, E06 effects, W08 warnings, F09 faults of a running fiber, H10 host.
// Neighbours: Catalogue.swift (what each means, with examples).

package enum DiagnosticCode: String, CaseIterable, Sendable {
    // E01: text and tokens.
    case unterminatedString = "E0101"
    case badEscape = "E0102"
    case lookAlikeCharacter = "E0103"
    case invalidCharacter = "E0104"
    case badNumber = "E0105"
    case numberTooLarge = "E0106"
    case notUTF8 = "E0107"
    case foreignSpelling = "E0108"
    case badTextBlock = "E0109"
    case fileTooLarge = "E0110"
    case interpolationNotAllowed = "E0111"

    // E02: grammar.
    case expected = "E0201"
    case unexpected = "E0202"
    case unclosedBracket = "E0203"
    case strayBracket = "E0204"
    case reservedWord = "E0205"
    case nestingTooDeep = "E0206"
    case objectInBlock = "E0207"
    case missingSeparator = "E0208"
    case missingComma = "E0209"
    case bracketPlacement = "E0210"
    case foreignKeyword = "E0211"
    case assignmentInCondition = "E0212"
    case chainedComparison = "E0213"
    case assignmentToValue = "E0214"
    case arrowBeforeBlock = "E0215"
    case openInterval = "E0216"
    case notLast = "E0217"
    case misplacedItem = "E0218"
    case wrongSign = "E0219"
    case needsBrackets = "E0220"
    case keptForLater = "E0221"

    // E03: names.
    case unknownName = "E0301"
    case duplicateName = "E0302"
    case shadowedName = "E0303"
    case unknownModule = "E0304"
    case unknownType = "E0305"
    case notAValue = "E0306"

    // E04: types and failures.
    case wrongType = "E0401"
    case wrongArgumentCount = "E0402"
    case unknownArgument = "E0403"
    case unknownMethod = "E0404"
    case nothingToCatch = "E0405"
    case matchNotExhaustive = "E0406"
    case unknownField = "E0407"
    case notAssignable = "E0408"
    case misplacedStatement = "E0409"
    case notConstant = "E0410"
    case tooLarge = "E0411"
    case badBounds = "E0412"
    case badPattern = "E0413"
    case badRegularExpression = "E0414"

    // E05: routes.
    case duplicateSubscription = "E0501"
    case duplicateEndpoint = "E0502"
    case badEndpointPath = "E0503"
    case unknownHandler = "E0504"
    case handlerMisfit = "E0505"
    case eventTypeConflict = "E0506"
    case badOption = "E0507"
    case badTopic = "E0508"
    case unknownAttribute = "E0509"
    case badGlob = "E0510"
    case badTrigger = "E0511"

    // E06: effects.
    case unknownResource = "E0601"
    case effectNotAllowed = "E0602"
    case unknownEffect = "E0603"
    case sqlNotLiteral = "E0604"
    case sqlUnbalanced = "E0605"
    case sqlSeveralStatements = "E0606"
    case sqlInterpolationInQuotes = "E0607"
    case sqlPlaceholder = "E0608"
    case assignmentOutside = "E0609"
    case pathNotLiteral = "E0610"
    case notInThisBuild = "E0611"
    case badTarget = "E0612"
    /// A secret on its way to where it must not go.
    case secretLeaks = "E0613"
    /// `once` holds one place that writes.
    case severalWritingUnits = "E0614"
    // What only the database knows.
    case sqlUnknownName = "E0621"
    case sqlRefused = "E0622"
    case sqlParameterMisfit = "E0623"

    // W08: warnings.
    case unusedBinding = "W0801"
    case unreachableCode = "W0802"
    case ruleNeverMatches = "W0803"
    case noDeadLetter = "W0804"
    case unreachedHandler = "W0805"
    case endlessRecursion = "W0806"
    case alwaysTrue = "W0807"
    /// `once` where nothing is written.
    case nothingDoneOnce = "W0808"
    case claimsAreNull = "W0811"
    case sqlNumericResult = "W0821"
    case sqlWithoutRows = "W0822"

    // F09: faults of a running fiber.
    /// Reading a field or item of `null`, or of something that has none.
    case readThroughNull = "F0901"
    case outOfFuel = "F0902"
    case outOfMemory = "F0903"
    case callDepthExceeded = "F0904"
    /// An int result that does not fit 64 bits.
    case overflow = "F0905"
    case divisionByZero = "F0906"
    /// An operation on values of a kind that it does not take.
    case wrongKind = "F0907"
    case indexOutOfRange = "F0908"
    /// A float result that would be infinite or not a number.
    case notFinite = "F0909"
    /// A condition that is not `true` or `false`.
    case notBool = "F0910"
    /// `${…}` of null or of an aggregate.
    case notInterpolable = "F0911"
    /// A value that does not fit the type that is stated for it.
    case misfit = "F0912"
    /// A secret where it would leave the process.
    case secretLeak = "F0913"
    case nestedTooDeep = "F0914"
    /// A place that cannot be reached was: a `match` that no arm fits.
    case unreachableReached = "F0915"
    /// An argument outside of what a builtin takes.
    case badArgument = "F0916"
    /// A `respond` that HTTP cannot send.
    case invalidResponse = "F0917"
    /// A run that took longer than its delivery or endpoint may.
    case outOfTime = "F0918"
    /// More effects of one run wait for their replies than may at once.
    case tooManyEffects = "F0919"

    // H10: host and configuration.
    /// A port is taken, or cannot be listened on.
    case cannotListen = "H1001"
    case folderUnreadable = "H1002"
    case fileUnreadable = "H1003"
    case routesFolderEmpty = "H1004"
    case deploymentTooLarge = "H1005"
    case sidecarCannotStart = "H1006"
    /// Two apps of one session are called alike.
    case appNameTaken = "H1007"
    case databaseMissing = "H1041"
    case databaseFailed = "H1042"
    case databaseSchema = "H1043"
    case databaseFolder = "H1044"
    case databaseNotAsked = "H1045"

    package var severity: Severity {
        switch rawValue.first {
        case "W": .warning
        case "F": .fault
        default: .error
        }
    }
}
