#pragma once
// A plain array that is not cleared on creation and asks for huge pages when it is large: random
// gathers over it cost about half of what they cost on 4 KiB pages (PERFORMANCE.md, section 1).

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"

namespace halqa {

// Thread safety: as a std::vector's. Movable, not copyable.
// Invariants: 1. the elements of Array(n) are unspecified until written.
template <typename T>
class Array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Array() = default;
  explicit Array(uint64_t size) : size_(size) { Allocate(); }
  Array(uint64_t size, T value) : Array(size) { fill(value); }
  Array(Array&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Array& operator=(Array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Array() { std::free(data_); }

  void fill(T value) {
    for (uint64_t i = 0; i < size_; ++i) data_[i] = value;
  }
  T* data() { return data_; }
  const T* data() const { return data_; }
  uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  uint64_t bytes() const { return size_ * sizeof(T); }
  T& operator[](uint64_t i) { return data_[i]; }
  const T& operator[](uint64_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  absl::Span<const T> span() const { return {data_, size_}; }
  absl::Span<T> mutable_span() { return {data_, size_}; }

 private:
  void Allocate() {
    if (size_ == 0) return;
    constexpr uint64_t kHuge = uint64_t{1} << 21;
    const uint64_t wanted = size_ * sizeof(T);
    const uint64_t align = wanted >= kHuge ? kHuge : 64;
    data_ = static_cast<T*>(std::aligned_alloc(align, (wanted + align - 1) / align * align));
    if (data_ == nullptr) throw std::bad_alloc();
    if (align == kHuge) ::madvise(data_, wanted, MADV_HUGEPAGE);
  }

  T* data_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace halqa
