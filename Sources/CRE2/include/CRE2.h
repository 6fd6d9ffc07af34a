// CRE2.h: as much of RE2 as Patchbay uses, in C.
//
// Built from the system's libre2. No exception leaves it; what a pattern may cost in memory is said when it is made.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CRE2Pattern CRE2Pattern;

/// Why a pattern could not be compiled; both texts end with a zero and are cut where they are too long.
typedef struct {
  char message[160];
  /// The part of the pattern that is to blame; may be all of it, or empty.
  char part[256];
} CRE2Problem;

/// A stretch of a text; `start` is -1 for a group that took no part.
typedef struct {
  int64_t start;
  int64_t count;
} CRE2Group;

/// A compiled pattern, or null with `problem` filled in. May be used by several threads at once.
CRE2Pattern *cre2_compile(const char *text, size_t count, int64_t memory_bytes_max, CRE2Problem *problem);
void cre2_free(CRE2Pattern *pattern);

/// How many groups there are, the whole match not counted.
int32_t cre2_group_count(const CRE2Pattern *pattern);
/// The name of group `number` (from 1), written with a zero at the end; no when it has none that fits.
bool cre2_group_name(const CRE2Pattern *pattern, int32_t number, char *name, size_t capacity);

/// Does the pattern occur in the text? Linear in the text's length.
bool cre2_matches(const CRE2Pattern *pattern, const char *text, size_t count);
/// As above, and where groups 1...`group_count` lie in the leftmost match.
bool cre2_capture(const CRE2Pattern *pattern, const char *text, size_t count, CRE2Group *groups, int32_t group_count);

#ifdef __cplusplus
}
#endif
