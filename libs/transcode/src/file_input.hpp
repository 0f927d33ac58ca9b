#pragma once

#include <memory>
#include <stop_token>

#include "base/error.hpp"
#include "transcode/live_input.hpp"

namespace p2p::transcode {

/// Whatever libav opens: files, network streams, devices.
[[nodiscard]] Result<std::unique_ptr<LiveInput>> open_file(const InputOptions& options, std::stop_token stop);

}  // namespace p2p::transcode
