#include "juice_internals.h"

#include <stun.h>
#include <string.h>

bool juice_read_check(void *datagram, size_t size, struct juice_check *check) {
  stun_message_t message;
  memset(&message, 0, sizeof(message));
  if (!is_stun_datagram(datagram, size) || stun_read(datagram, size, &message) <= 0) return false;
  if (message.has_integrity) (void)stun_check_integrity(datagram, size, &message, "password");
  check->ice_controlling = message.ice_controlling;
  check->ice_controlled = message.ice_controlled;
  return true;
}
