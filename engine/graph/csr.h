#pragma once
// The graph that owns its rows.

#include <cstdint>
#include <utility>

#include "engine/graph/array.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// One direction of a graph: row v is values[offsets[v], offsets[v + 1]).
struct CsrRows {
  Array<uint64_t> offsets;
  Array<VertexIndex> values;
  Array<float> weights;  // empty = all 1

  uint64_t arcs() const { return values.size(); }
  uint64_t bytes() const { return offsets.bytes() + values.bytes() + weights.bytes(); }
};

// An immutable graph and the memory it lives in. Movable.
//
// Thread safety: immutable.
// Invariants: those of CsrView; a symmetric graph stores its rows once and shows them both ways.
class Csr {
 public:
  Csr() = default;
  // A directed graph; `in` may be empty (no in-rows). REQUIRES: both halves keep CsrView's
  // invariants.
  Csr(CsrRows out, CsrRows in) : out_(std::move(out)), in_(std::move(in)) {}
  // A symmetric graph. REQUIRES: u's row names v with weight w exactly when v's names u with w.
  static Csr Symmetric(CsrRows rows) {
    Csr csr(std::move(rows), {});
    csr.symmetric_ = true;
    return csr;
  }

  // Valid as long as this object stays where its arrays are (moving the Csr keeps them).
  CsrView View() const {
    CsrView view;
    view.vertices = out_.offsets.empty() ? 0 : static_cast<uint32_t>(out_.offsets.size() - 1);
    view.out_offsets = out_.offsets.span();
    view.out_targets = out_.values.span();
    view.out_weights = out_.weights.span();
    const CsrRows& in = symmetric_ ? out_ : in_;
    view.in_offsets = in.offsets.span();
    view.in_sources = in.values.span();
    view.in_weights = in.weights.span();
    view.symmetric = symmetric_;
    return view;
  }
  uint64_t bytes() const { return out_.bytes() + in_.bytes(); }

 private:
  CsrRows out_;
  CsrRows in_;
  bool symmetric_ = false;
};

}  // namespace halqa
