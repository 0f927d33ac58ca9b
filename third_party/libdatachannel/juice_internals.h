#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What libjuice keeps to itself, for tests and fuzzing of its parser; its own header is for C alone. */
#ifdef __cplusplus
extern "C" {
#endif

struct juice_check {
  uint64_t ice_controlling; /* 0: absent */
  uint64_t ice_controlled;
};

/* Reads a datagram as an agent does: false for what is no STUN message. `datagram` may be written to. */
bool juice_read_check(void *datagram, size_t size, struct juice_check *check);

#ifdef __cplusplus
}
#endif
