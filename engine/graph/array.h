#pragma once
// A plain array that is not cleared on creation and asks for huge pages when it is large: random
// gathers over it cost about half of what they cost on 4 KiB pages (PERFORMANCE.md, section 1).

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace halqa {

namespace internal {

// Memory that asks for huge pages when it is large; freed by std::free.
inline void* AllocateLarge(uint64_t bytes) {
  constexpr uint64_t kHuge = uint64_t{1} << 21;
  const uint64_t align = bytes >= kHuge ? kHuge : 64;
  void* memory = nullptr;
  if (::posix_memalign(&memory, align, bytes) != 0) throw std::bad_alloc();
  if (align == kHuge) ::madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

template <typename T>
struct LargeAllocator {
  using value_type = T;
  LargeAllocator() = default;
  template <typename U>
  LargeAllocator(const LargeAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(AllocateLarge(n * sizeof(T))); }
  void deallocate(T* p, size_t) { std::free(p); }
  template <typename U>
  bool operator==(const LargeAllocator<U>&) const {
    return true;
  }
};

}  // namespace internal

// A std::vector that asks for huge pages when it is large. Room that is reserved and never written
// costs nothing.
template <typename T>
using LargeVector = std::vector<T, internal::LargeAllocator<T>>;

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
    data_ = static_cast<T*>(internal::AllocateLarge(size_ * sizeof(T)));
  }

  T* data_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace halqa
