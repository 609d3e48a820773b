// What the compiler knows and Swift does not name, and C's widest floating-point type. Static
// inline.
#pragma once
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/// Asks the processor to load the cache line at `address`; never faults, whatever the address.
static inline void gyre_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// The platform's `long double`: 80 bits on x86-64, 128 on AArch64. Swift has no type for both.
typedef struct {
    long double value;
} gyre_decimal;

/// Reads the whole of `text`, which ends with a NUL at `length`, as a decimal number. Returns 0
/// where it is none: leading space, anything left over, not a number, or out of range.
static inline int gyre_decimal_parse(const char *text, size_t length, gyre_decimal *number) {
    char *end;
    errno = 0;
    number->value = strtold(text, &end);
    if (length == 0 || isspace((unsigned char)text[0]) || (size_t)(end - text) != length) return 0;
    if (errno == ERANGE && (isinf(number->value) || number->value == 0)) return 0;
    return !isnan(number->value);
}

static inline void gyre_decimal_add(gyre_decimal *number, const gyre_decimal *increment) {
    number->value += increment->value;
}

/// The least whole number that is no less than a thousand times `number`, or INT64_MIN where that
/// is no 64-bit integer.
static inline int64_t gyre_decimal_thousandfold(const gyre_decimal *number) {
    long double product = ceill(number->value * 1000);
    if (!(product > -9223372036854775808.0L && product < 9223372036854775808.0L)) return INT64_MIN;
    return (int64_t)product;
}

static inline int gyre_decimal_is_finite(const gyre_decimal *number) {
    return isfinite(number->value) != 0;
}

/// Writes the number with up to 17 digits behind the point and no trailing zeros into `text`, which
/// has room for `size` bytes; returns the length without the NUL, or 0 where it does not fit.
static inline size_t gyre_decimal_write(const gyre_decimal *number, char *text, size_t size) {
    int written = snprintf(text, size, "%.17Lf", number->value);
    if (written <= 0 || (size_t)written >= size) return 0;
    size_t length = (size_t)written;
    while (text[length - 1] == '0') length--;
    if (text[length - 1] == '.') length--;
    if (length == 2 && text[0] == '-' && text[1] == '0') {
        text[0] = '0';
        length = 1;
    }
    return length;
}

/// Reads the whole of `text`, which ends with a NUL at `length`, as a number: a score. Returns 0
/// where it is none, as gyre_decimal_parse does.
static inline int gyre_double_parse(const char *text, size_t length, double *number) {
    char *end;
    errno = 0;
    *number = strtod(text, &end);
    if (length == 0 || isspace((unsigned char)text[0]) || (size_t)(end - text) != length) return 0;
    if (errno == ERANGE && (isinf(*number) || *number == 0)) return 0;
    return !isnan(*number);
}

/// Reads all of `text` up to its NUL as a bound of scores: nothing is 0, space may come first, and
/// what is out of range is infinite or 0. Returns 0 where it is no number.
static inline int gyre_double_parse_bound(const char *text, double *number) {
    char *end;
    *number = strtod(text, &end);
    return *end == 0 && !isnan(*number);
}

/// As gyre_double_parse_bound, but what is out of range is no number either.
static inline int gyre_double_parse_sort(const char *text, double *number) {
    char *end;
    errno = 0;
    *number = strtod(text, &end);
    return *end == 0 && errno != ERANGE && !isnan(*number);
}

/// Writes a number with 17 significant digits, or "inf" or "-inf"; `text` has room for `size`
/// bytes, 32 being enough. Returns the length without the NUL.
static inline size_t gyre_double_write(double number, char *text, size_t size) {
    int written = snprintf(text, size, "%.17g", number);
    return written < 0 ? 0 : (size_t)written;
}

/// Writes a finite number with so many digits, at most 8, behind the point; `text` has room for
/// `size` bytes, 340 being enough for any. Returns the length without the NUL.
static inline size_t gyre_fixed_write(double number, int digits, char *text, size_t size) {
    int written = snprintf(text, size, "%.*f", digits, number);
    return written < 0 || (size_t)written >= size ? 0 : (size_t)written;
}

static inline gyre_decimal gyre_decimal_of(double number) {
    gyre_decimal decimal = {number};
    return decimal;
}
