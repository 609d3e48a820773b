// XXH3 compiled into the caller: a call into the shared library would cost more than hashing a
// short key.
#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>

/// The 64-bit XXH3 hash of `count` bytes under `seed`.
static inline uint64_t gyre_xxh3(const void *bytes, size_t count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, count, seed);
}
