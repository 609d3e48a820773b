// Blocks of LZ4, with sizes as Swift has them.
#pragma once
#include <lz4.h>
#include <stddef.h>

/// Compresses `count` bytes into at most `room`; the size, or 0 where it does not fit.
static inline size_t gyre_lz4_compress(
    const void *bytes, size_t count, void *target, size_t room) {
    if (count > LZ4_MAX_INPUT_SIZE) return 0;
    int limit = room > 0x7FFFFFFF ? 0x7FFFFFFF : (int)room;
    int size = LZ4_compress_default((const char *)bytes, (char *)target, (int)count, limit);
    return size > 0 ? (size_t)size : 0;
}

/// Decompresses a block that must yield exactly `count` bytes; whether it does.
static inline int gyre_lz4_decompress(
    const void *block, size_t size, void *target, size_t count) {
    if (size > 0x7FFFFFFF || count > 0x7FFFFFFF) return 0;
    int made = LZ4_decompress_safe((const char *)block, (char *)target, (int)size, (int)count);
    return made >= 0 && (size_t)made == count;
}
