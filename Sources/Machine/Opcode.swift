// Opcode.swift: the instruction set, one enum; encoding, operands and meaning stand in each case's comment.
//
// A word is 32 bits, `op:8 | a:8 | b:8 | c:8` from the lowest byte up; `imm16` is b and c together. A
// conditional jump and every instruction that says `+word` is followed by one more 32-bit word. Offsets
// count words from the word after the instruction. `a`, `b`, `c` are registers of the current frame
// unless they say otherwise.
// Neighbours: Instruction.swift (encode, decode), Assembler.swift (builds), Fiber+Dispatch.swift (runs).

package enum Opcode: UInt8, CaseIterable, Sendable {
    // Loads and moves.
    /// `a = b`
    case move
    /// `a = null`
    case loadNull
    /// `a = true` when b is 1, `false` when b is 0
    case loadBool
    /// `a = imm16`, signed
    case loadInt
    /// `a = constants[+word]`
    case loadConstant
    /// `a = slots[imm16]`: a field that the event's scanner filled for the rules; missing is `missing`
    case loadSlot

    // Arithmetic: two ints stay int and fault on overflow; with a float the result is float.
    /// `a = b + c`
    case add
    /// `a = b - c`
    case subtract
    /// `a = b * c`
    case multiply
    /// `a = b / c`: always float
    case divide
    /// `a = b % c`: ints
    case remainder
    /// `a = b + c`, c a signed 8-bit immediate
    case addInt
    /// `a = -b`: int, float or duration
    case negate

    // Comparison into a register.
    /// `a = b == c`, deep; different kinds are unequal
    case equal
    /// `a = b < c`
    case less
    /// `a = b <= c`
    case lessOrEqual
    /// `a = not b`; b is a bool
    case not
    /// `a = b in c`: c is a list (an equal item), an object (key) or a string (part)
    case contains
    /// `a = kind of b is c`, c a `Value.Kind` raw value; a missing slot is `null` too, null is not `missing`
    case isKind

    // Jumps. `+word` is a signed offset.
    /// go to `+word`, forward
    case jump
    /// go to `+word`, backward: charges one step of fuel
    case loop
    /// go to `+word` when a is false; a is a bool, else a fault (quiet: counts as false)
    case jumpIfFalse
    /// go to `+word` when a is true
    case jumpIfTrue
    /// go to `+word` when a is null
    case jumpIfNull
    /// go to `+word` when a is not null
    case jumpIfNotNull
    /// go to `+word` unless `a < b`
    case jumpUnlessLess
    /// go to `+word` unless `a <= b`
    case jumpUnlessLessOrEqual
    /// go to `+word` unless `a < imm16` (signed)
    case jumpUnlessLessInt
    /// go to `+word` unless `a <= imm16` (signed)
    case jumpUnlessLessOrEqualInt
    /// go to `+word` unless `a > imm16` (signed)
    case jumpUnlessGreaterInt
    /// go to `+word` unless `a >= imm16` (signed)
    case jumpUnlessGreaterOrEqualInt
    /// go to `+word` unless `a == b`
    case jumpUnlessEqual
    /// go to `+word` unless `a == constants[imm16]`
    case jumpUnlessEqualConstant
    /// go to `+word` unless a, a string, begins with the string `constants[imm16]`
    case jumpUnlessStartsWith

    // Reading and building.
    /// `a = b.key`, key the string `constants[+word]`; through null or a non-object is a fault (quiet: null)
    case getField
    /// as `getField`, but null through null or a non-object (`?.`)
    case getFieldQuiet
    /// `a = b[c]`: list by int (out of range is a fault), object by string (missing is null)
    case getIndex
    /// `a` = text of registers `b ..< b + c`, joined; null or an aggregate is a fault
    case concatenate
    /// `a` = new list of registers `b ..< b + c`
    case newList
    /// `a` = new object; keys `keyLists[+word]`, which differ from each other, values in registers `b ..< b + c`
    case newObject
    /// `a` = empty list; a list like any other, which `append` extends in place while nobody else has extended it
    case beginList
    /// `a` = list a with b at its end; values copied from a before do not see it
    case append
    /// `a` = list a with every item of list b at its end
    case appendAll
    /// `a` = empty object under construction: `insert` overwrites in place, so a must not be copied before the last one
    case beginObject
    /// set key b (string) to c in the object under construction in a; a later key wins
    case insert
    /// set every entry of object b in the object under construction in a; b null adds nothing
    case insertAll

    // Iteration over lists, objects and ranges.
    /// prepare iteration: state in `a ..< a + 3`, over the value in b
    case iterate
    /// prepare iteration: state in `a ..< a + 3`, over ints from b up to c; `+word` 1 excludes c, 0 includes it
    case iterateRange
    /// next step of the state at a, of a list or object: item (object: value) into b, index (object: key) into c, and
    /// back to `+word`; at the end on. Charges one step of fuel. `b == c` asks for the item alone
    case next
    /// as `next`, of a range
    case nextInt

    // Calls.
    /// `a = functions[+word](b ..)`: arguments stand in registers from b on; charges one step of fuel
    case call
    /// `a = builtins[+word](b ..< b + c)`: the receiver first; the builtin charges by its work
    case callBuiltin
    /// leave the function with the value in a
    case returnValue
    /// leave the function with null
    case returnNull
    /// leave the function with `true` when b is 1, `false` when b is 0
    case returnBool

    // Ends, failures, effects.
    /// end the run: RETRY, with the text in a (null: no reason given)
    case retry
    /// end the run: DROP, with the text in a
    case drop
    /// `a` = failure of class c (a `FailureClass` raw value) with message b and details b + 1
    case newFailure
    /// raise the failure in a; the catch table says where it goes on, else the run fails with it
    case raise
    /// ask for effect `effectSites[+word]`; its reply comes into a, its failure is raised here
    case effect
    /// `a` = b checked against `shapes[+word]`, defaults filled in; what does not fit ends the run as
    /// `invalid` input (c 0), or is a fault (c 1)
    case fit
    /// `a` = b as `fit` would give it, null when it does not fit
    case fitOrNull
    /// `a` = a `response` of status b, body b + 1, headers b + 2
    case newResponse
    /// `a` = list a with one branch more: `functions[+word](b ..)`, which nothing has begun yet
    case branch
    /// begin the branches of list b, wait until all have ended; `a` = list of their values, or raise the first failure
    case join
    /// always a fault: the place cannot be reached (a `match` that no arm fits); `+word` is a constant text
    case unreachable
}
