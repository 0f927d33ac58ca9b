#include "watch/part_writer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace p2p::app {
namespace {

class PartWriterTest : public ::testing::Test {
 protected:
  PartWriterTest() {
    char pattern[] = "/tmp/p2p-watch-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  ~PartWriterTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file() const { return folder_ / "out.mp4"; }
  [[nodiscard]] std::string content() const {
    std::ifstream in{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  static mesh::PlayRendition rendition(std::uint8_t id, std::string_view init) {
    return {{.id = mesh::RenditionId{id}, .init = Payload::copy_of(as_bytes(init))}};
  }
  static mesh::PlayPart part(std::string_view bytes, bool key, bool discontinuous = false, std::uint8_t rendition = 0) {
    mesh::Part part;
    part.id.rendition = mesh::RenditionId{rendition};
    part.independent = key;
    part.duration = 200ms;
    part.bytes = Payload::copy_of(as_bytes(bytes));
    return {part, discontinuous};
  }

  PartWriter writer() {
    auto output = Mp4Output::open(file());
    CHECK(output.has_value(), "a new file in a new folder");
    return PartWriter{std::move(*output), [](const Error& error) { ADD_FAILURE() << error.text; }};
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(PartWriterTest, TheFileBeginsWithTheHeaderAndAKeyFrame) {
  PartWriter parts = writer();
  parts.put(rendition(0, "init"));
  parts.put(part("[delta]", false));
  parts.put(part("[key]", true));
  parts.put(part("[next]", false));
  parts.finish();
  EXPECT_EQ(content(), "init[key][next]");
  EXPECT_EQ(parts.written().media, 400ms);
}

TEST_F(PartWriterTest, AfterLostPartsItGoesOnWithTheNextKeyFrame) {
  PartWriter parts = writer();
  parts.put(rendition(0, "init"));
  parts.put(part("[key]", true));
  parts.put(part("[broken]", false, true));
  parts.put(part("[broken too]", false));
  parts.put(part("[key 2]", true));
  parts.finish();
  EXPECT_EQ(content(), "init[key][key 2]");
}

TEST_F(PartWriterTest, KeepsToTheRenditionItBeganWith) {
  PartWriter parts = writer();
  parts.put(rendition(1, "init"));
  parts.put(rendition(2, "other"));
  parts.put(part("[key]", true, false, 1));
  parts.put(part("[other]", true, false, 2));
  parts.finish();
  EXPECT_EQ(content(), "init[key]");
}

TEST_F(PartWriterTest, TheRenditionChosenIsWrittenFromItsBeginning) {
  PartWriter parts = writer();
  parts.put(rendition(1, "small"));
  parts.put(part("[small]", true, false, 1));
  parts.put(rendition(2, "large"));
  parts.put(part("[large]", true, false, 2));
  parts.choose(mesh::RenditionId{2});
  parts.put(rendition(1, "small"));
  parts.put(part("[small 2]", true, false, 1));
  parts.put(rendition(2, "large"));
  parts.put(part("[large 2]", true, false, 2));
  parts.finish();
  EXPECT_EQ(content(), "large[large][large 2]");
}

TEST(PartWriter, AReaderThatWentAwayIsToldOnceInASentence) {
  auto output = Mp4Output::open("/dev/full");
  ASSERT_TRUE(output) << output.error().text;
  std::atomic<int> told = 0;
  PartWriter parts{std::move(*output), [&](const Error& error) {
                     ++told;
                     EXPECT_NE(error.text.find("failed"), std::string::npos) << error.text;
                   }};
  parts.put({{.id = {}, .init = Payload::copy_of(as_bytes("init"))}});
  parts.put({{.id = {}, .init = Payload::copy_of(as_bytes("init"))}});
  parts.finish();
  EXPECT_EQ(told, 1);
}

TEST(Mp4Output, AFileThatCannotBeWrittenIsNamed) {
  const auto output = Mp4Output::open("/nowhere/out.mp4");
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().text.find("/nowhere/out.mp4"), std::string::npos);
}

}  // namespace
}  // namespace p2p::app
