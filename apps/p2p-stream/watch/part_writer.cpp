#include "watch/part_writer.hpp"

#include <utility>

namespace p2p::app {
namespace {

std::size_t size_of(const mesh::PlayPart& play) { return play.part.bytes.size(); }
std::size_t size_of(const mesh::PlayRendition&) { return 0; }

}  // namespace

PartWriter::PartWriter(Mp4Output output, std::function<void(Error)> failed)
    : output_{std::move(output)}, failed_{std::move(failed)}, thread_{[this] { run(); }} {}

PartWriter::~PartWriter() { finish(); }

void PartWriter::choose(mesh::RenditionId rendition) {
  const std::lock_guard lock{mutex_};
  chosen_ = rendition;
  changed_.notify_one();
}

void PartWriter::put(const mesh::PlayRendition& play) {
  const std::lock_guard lock{mutex_};
  if (finishing_) return;
  waiting_.emplace_back(play);
  changed_.notify_one();
}

void PartWriter::put(const mesh::PlayPart& play) {
  const std::lock_guard lock{mutex_};
  if (finishing_) return;
  if (waiting_bytes_ + size_of(play) > kWaitingBytesMax) {
    ++written_.parts_left_out;
    left_out_ = true;
    return;
  }
  mesh::PlayPart next = play;
  next.discontinuous = next.discontinuous || std::exchange(left_out_, false);
  waiting_bytes_ += size_of(next);
  waiting_.emplace_back(std::move(next));
  changed_.notify_one();
}

void PartWriter::finish() {
  {
    const std::lock_guard lock{mutex_};
    finishing_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

PartWriter::Written PartWriter::written() const {
  const std::lock_guard lock{mutex_};
  return written_;
}

void PartWriter::run() {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return finishing_ || (chosen_ && !waiting_.empty()); });
    if (waiting_.empty()) return;
    const Item item = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= std::visit([](const auto& play) { return size_of(play); }, item);
    const std::optional<mesh::RenditionId> chosen = chosen_;
    lock.unlock();
    std::optional<Error> error = write(item, chosen);
    lock.lock();
    written_.bytes = output_.bytes();
    written_.media = output_.media_written();
    if (std::holds_alternative<mesh::PlayPart>(item)) ++written_.parts;
    if (!error) continue;
    finishing_ = true;
    waiting_.clear();
    lock.unlock();
    failed_(std::move(*error));
    return;
  }
}

std::optional<Error> PartWriter::write(const Item& item, std::optional<mesh::RenditionId> chosen) {
  if (const auto* play = std::get_if<mesh::PlayRendition>(&item)) {
    return chosen && play->rendition.id != *chosen ? std::nullopt : output_.begin(play->rendition);
  }
  const auto& play = std::get<mesh::PlayPart>(item);
  return output_.add(play.part, play.discontinuous);
}

}  // namespace p2p::app
