#pragma once
// Loops over fixed blocks. The block boundaries depend on the input only, so a result that is put
// together block by block, in order, has the same bits for every number of threads.

#include <cstdint>
#include <functional>

namespace halqa {

// Calls fn(block) once for each block in [0, blocks), on at most `threads` threads, in no
// particular order. Returns when all calls have returned. fn must not throw. Cost: starts threads-1
// threads.
void ParallelBlocks(int threads, uint64_t blocks, const std::function<void(uint64_t block)>& fn);

// Splits [0, n) into blocks of `grain` and calls fn(begin, end) for each, as ParallelBlocks does.
void ParallelRange(int threads, uint64_t n, uint64_t grain,
                   const std::function<void(uint64_t begin, uint64_t end)>& fn);

}  // namespace halqa
