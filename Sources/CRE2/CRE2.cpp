// CRE2.cpp: the C face of RE2. Neighbours: include/CRE2.h (what each function promises).
#include "CRE2.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include <re2/re2.h>

namespace {
const RE2 *regex(const CRE2Pattern *pattern) { return reinterpret_cast<const RE2 *>(pattern); }

void copy(const std::string &text, char *room, size_t capacity) {
  const size_t count = std::min(text.size(), capacity - 1);
  std::memcpy(room, text.data(), count);
  room[count] = 0;
}
}  // namespace

CRE2Pattern *cre2_compile(const char *text, size_t count, int64_t memory_bytes_max, CRE2Problem *problem) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory_bytes_max);
  RE2 *made = new (std::nothrow) RE2(re2::StringPiece(text, count), options);
  if (made != nullptr && made->ok()) return reinterpret_cast<CRE2Pattern *>(made);
  copy(made == nullptr ? "out of memory" : made->error(), problem->message, sizeof problem->message);
  copy(made == nullptr ? "" : made->error_arg(), problem->part, sizeof problem->part);
  delete made;
  return nullptr;
}

void cre2_free(CRE2Pattern *pattern) { delete regex(pattern); }

int32_t cre2_group_count(const CRE2Pattern *pattern) { return regex(pattern)->NumberOfCapturingGroups(); }

bool cre2_group_name(const CRE2Pattern *pattern, int32_t number, char *name, size_t capacity) {
  const auto &names = regex(pattern)->CapturingGroupNames();
  const auto found = names.find(number);
  if (found == names.end() || found->second.size() >= capacity) return false;
  copy(found->second, name, capacity);
  return true;
}

bool cre2_matches(const CRE2Pattern *pattern, const char *text, size_t count) {
  return regex(pattern)->Match(re2::StringPiece(text, count), 0, count, RE2::UNANCHORED, nullptr, 0);
}

bool cre2_capture(const CRE2Pattern *pattern, const char *text, size_t count, CRE2Group *groups, int32_t group_count) {
  std::vector<re2::StringPiece> found(group_count + 1);
  if (!regex(pattern)->Match(re2::StringPiece(text, count), 0, count, RE2::UNANCHORED, found.data(), group_count + 1))
    return false;
  for (int32_t number = 1; number <= group_count; number++) {
    const auto &piece = found[number];
    groups[number - 1] = piece.data() == nullptr ? CRE2Group{-1, 0}
                                                 : CRE2Group{piece.data() - text, static_cast<int64_t>(piece.size())};
  }
  return true;
}
