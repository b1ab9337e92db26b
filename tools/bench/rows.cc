#include "tools/bench/rows.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"

namespace halqa::bench {
namespace {

std::string ValueText(double value) {
  if (std::abs(value) >= 1000) return WithThousands(static_cast<uint64_t>(std::llround(value)));
  return absl::StrFormat(std::abs(value) >= 100 ? "%.0f" : "%.2f", value);
}

}  // namespace

std::string Render(const std::vector<Figure>& figures, bool json) {
  if (json) {
    JsonWriter w;
    w.BeginArray();
    for (const Figure& f : figures) {
      w.BeginObject().Key("what").String(f.what).Key("value").Number(f.value);
      w.Key("unit").String(f.unit).Key("goal").String(f.goal).Key("note").String(f.note).End();
    }
    w.End();
    return absl::StrCat(w.text(), "\n");
  }
  Table table({{"figure"},
               {"value", Table::Align::kRight},
               {"unit"},
               {"goal"},
               {"note", Table::Align::kLeft, 90}});
  for (const Figure& f : figures) {
    table.AddRow({f.what, ValueText(f.value), f.unit, f.goal, f.note});
  }
  return table.Render();
}

}  // namespace halqa::bench
