#include "transcode/live_input.hpp"

#include <utility>

#include "av.hpp"
#include "file_input.hpp"
#include "test_pattern.hpp"

namespace p2p::transcode {

Result<std::unique_ptr<LiveInput>> LiveInput::open(const InputOptions& options, std::stop_token stop) {
  av_log_set_level(AV_LOG_FATAL);   // what went wrong is told by our own sentences
  return options.test_pattern ? open_test_pattern(options) : open_file(options, std::move(stop));
}

}  // namespace p2p::transcode
