#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "file_descriptor.hpp"
#include "network.hpp"

namespace p2p::netbox {

/// Why no box can be made on this machine, in a sentence; nothing when it can.
[[nodiscard]] std::optional<Error> why_not_here();

[[nodiscard]] std::string namespace_of(const std::string& run, const HostAddress& host);

/// Makes a host: a network namespace with one TUN device, its address and a default route. The other end of the device is returned.
[[nodiscard]] Result<FileDescriptor> make_host(const std::string& name, Address address);

/// Ends the processes inside of each namespace and removes it. Those that are gone already are passed over.
void remove_namespaces(const std::vector<std::string>& names);

[[nodiscard]] bool namespace_exists(const std::string& name);

}  // namespace p2p::netbox
