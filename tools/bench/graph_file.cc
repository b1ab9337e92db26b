#include "tools/bench/graph_file.h"

#include <cstdint>
#include <cstdio>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"

namespace halqa::bench {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

template <typename T>
void Put(std::FILE* file, const T* values, uint64_t count) {
  std::fwrite(values, sizeof(T), count, file);
}

void WriteSerialized(const CsrView& view, std::FILE* file) {
  const uint8_t directed = view.symmetric ? 0 : 1;
  const int64_t sizes[] = {static_cast<int64_t>(view.arcs()), view.vertices};
  Put(file, &directed, 1);
  Put(file, sizes, 2);
  Put(file, view.out_offsets.data(), view.out_offsets.size());
  Put(file, view.out_targets.data(), view.out_targets.size());
  if (directed == 0) return;
  Put(file, view.in_offsets.data(), view.in_offsets.size());
  Put(file, view.in_sources.data(), view.in_sources.size());
}

void WriteLines(const CsrView& view, std::FILE* file) {
  std::string text;
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      if (view.symmetric && view.out_targets[a] < u) continue;
      absl::StrAppend(&text, u, " ", view.out_targets[a]);
      if (view.weighted()) absl::StrAppend(&text, " ", view.out_weights[a]);
      text += '\n';
    }
    if (text.size() < (1 << 16)) continue;
    Put(file, text.data(), text.size());
    text.clear();
  }
  Put(file, text.data(), text.size());
}

}  // namespace

absl::Status WriteGraphFile(const CsrView& view, const std::string& path) {
  const bool serialized = absl::EndsWith(path, ".sg");
  if (serialized && view.vertices > 0x7fffffffu) {
    return FieldError("TOO_MANY_VERTICES", "output", "ids of a .sg file are signed 32-bit");
  }
  if (serialized && !view.has_in()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                     "a .sg file holds both directions");
  }
  const File file(std::fopen(path.c_str(), "wb"));
  if (file != nullptr) {
    serialized ? WriteSerialized(view, file.get()) : WriteLines(view, file.get());
    if (std::fflush(file.get()) == 0 && std::ferror(file.get()) == 0) return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": cannot be written"));
}

}  // namespace halqa::bench
