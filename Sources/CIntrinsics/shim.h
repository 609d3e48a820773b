// What the compiler knows and Swift does not name. Static inline: each costs one instruction.
#pragma once
#include <stdint.h>

/// Asks the processor to load the cache line at `address`; never faults, whatever the address.
static inline void gyre_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}
