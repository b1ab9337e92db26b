#include "tests/support/memory_meter.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HALQA_METERED 0
#else
#define HALQA_METERED 1
#endif

namespace {

std::atomic<uint64_t> live{0}, peak{0};

#if HALQA_METERED
// Large blocks with the size that was asked for: what malloc maps for an aligned one is larger, but
// nobody touches the rest. A table that never grows, as nothing here may allocate.
constexpr size_t kLarge = 1 << 16;
constexpr size_t kSlots = 1 << 14;
struct Block {
  void* memory = nullptr;
  uint64_t bytes = 0;
};
Block blocks[kSlots];
std::atomic_flag locked = ATOMIC_FLAG_INIT;

class Lock {
 public:
  Lock() {
    while (locked.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Lock() { locked.clear(std::memory_order_release); }
};

// Blocks of one home stand behind each other; a freed one keeps its slot until the next takes it.
void Remember(void* memory, uint64_t bytes) {
  const Lock lock;
  size_t slot = (reinterpret_cast<uintptr_t>(memory) >> 12) % kSlots;
  while (blocks[slot].bytes != 0) slot = (slot + 1) % kSlots;
  blocks[slot] = {memory, bytes};
}

// The bytes of a large block that is given back, 0 when it is none.
uint64_t Forget(void* memory) {
  const Lock lock;
  size_t slot = (reinterpret_cast<uintptr_t>(memory) >> 12) % kSlots;
  for (size_t i = 0; i < kSlots && blocks[slot].memory != nullptr; ++i) {
    if (blocks[slot].memory == memory && blocks[slot].bytes != 0) {
      const uint64_t bytes = blocks[slot].bytes;
      blocks[slot].bytes = 0;
      return bytes;
    }
    slot = (slot + 1) % kSlots;
  }
  return 0;
}

void* Count(void* memory, size_t asked) {
  if (memory == nullptr) return memory;
  uint64_t bytes = malloc_usable_size(memory);
  if (bytes >= kLarge) {
    bytes = asked == 0 ? 1 : asked;
    Remember(memory, bytes);
  }
  const uint64_t now = live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  uint64_t most = peak.load(std::memory_order_relaxed);
  while (now > most && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
  }
  return memory;
}

void Uncount(void* memory) {
  if (memory == nullptr) return;
  uint64_t bytes = malloc_usable_size(memory);
  if (bytes >= kLarge) bytes = Forget(memory);
  live.fetch_sub(bytes, std::memory_order_relaxed);
}
#endif

}  // namespace

#if HALQA_METERED
// The names are those of the C library, which leads its own names to the same functions.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t align, size_t size);
void __libc_free(void* memory);

void* malloc(size_t size) { return Count(__libc_malloc(size), size); }
void* calloc(size_t count, size_t size) { return Count(__libc_calloc(count, size), count * size); }
void* memalign(size_t align, size_t size) { return Count(__libc_memalign(align, size), size); }
void* aligned_alloc(size_t align, size_t size) { return Count(__libc_memalign(align, size), size); }
int posix_memalign(void** memory, size_t align, size_t size) {
  *memory = Count(__libc_memalign(align, size), size);
  return *memory == nullptr ? ENOMEM : 0;
}
void* realloc(void* memory, size_t size) {
  Uncount(memory);
  return Count(__libc_realloc(memory, size), size);
}
void free(void* memory) {
  Uncount(memory);
  __libc_free(memory);
}
}
#endif

namespace halqa::testing {

bool MemoryIsMetered() { return HALQA_METERED != 0; }
uint64_t LiveBytes() { return live.load(std::memory_order_relaxed); }
uint64_t PeakBytes() { return peak.load(std::memory_order_relaxed); }
void ResetPeak() { peak.store(LiveBytes(), std::memory_order_relaxed); }

}  // namespace halqa::testing
