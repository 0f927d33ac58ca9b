// embed_assets FOLDER FALLBACK OUT: writes OUT/embedded_assets.cpp, which holds the files of FOLDER, and the files that it includes.
// They are named by their content's hash: what did not change is neither compressed nor compiled again.
#include <brotli/encode.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kMimeTypes{{{".html", "text/html; charset=utf-8"},
                                                                                   {".js", "text/javascript; charset=utf-8"},
                                                                                   {".mjs", "text/javascript; charset=utf-8"},
                                                                                   {".css", "text/css; charset=utf-8"},
                                                                                   {".json", "application/json"},
                                                                                   {".map", "application/json"},
                                                                                   {".webmanifest", "application/manifest+json"},
                                                                                   {".txt", "text/plain; charset=utf-8"},
                                                                                   {".xml", "application/xml"},
                                                                                   {".svg", "image/svg+xml"},
                                                                                   {".png", "image/png"},
                                                                                   {".jpg", "image/jpeg"},
                                                                                   {".jpeg", "image/jpeg"},
                                                                                   {".webp", "image/webp"},
                                                                                   {".avif", "image/avif"},
                                                                                   {".gif", "image/gif"},
                                                                                   {".ico", "image/vnd.microsoft.icon"},
                                                                                   {".wasm", "application/wasm"},
                                                                                   {".woff2", "font/woff2"},
                                                                                   {".woff", "font/woff"},
                                                                                   {".mp4", "video/mp4"},
                                                                                   {".mp3", "audio/mpeg"}}};

[[noreturn]] void stop(const std::string& sentence) {
  std::cerr << "embed_assets: " << sentence << '\n';
  std::exit(1);
}

std::string read(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) stop("cannot read " + path.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Leaves the file and its date alone when it says this already.
void write_if_new(const fs::path& path, const std::string& text) {
  if (fs::exists(path) && read(path) == text) return;
  const fs::path part = path.string() + ".part";
  std::ofstream out{part, std::ios::binary};
  out << text;
  out.close();
  if (!out) stop("cannot write " + path.string());
  fs::rename(part, path);
}

std::string hash_of(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::ostringstream hex;
  for (std::size_t i = 0; i < 10; ++i) hex << "0123456789abcdef"[digest[i] >> 4] << "0123456789abcdef"[digest[i] & 15];
  return hex.str();
}

std::string brotli(const std::string& text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 16;
  std::string out(size, '\0');
  const int ok = BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_DEFAULT_MODE, text.size(),
                                       reinterpret_cast<const std::uint8_t*>(text.data()), &size, reinterpret_cast<std::uint8_t*>(out.data()));
  if (ok != BROTLI_TRUE) stop("Brotli failed");
  out.resize(size);
  return out;
}

std::string gzip(const std::string& text) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK) stop("gzip failed");
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) stop("gzip failed");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Whether the last part of the name before its ending is a hash of the content, as bundlers write it: "index-BkQ3x9Zt.js".
bool is_hashed(const fs::path& relative) {
  if (!relative.string().starts_with("assets/")) return false;
  const std::string stem = relative.stem().string();
  constexpr std::size_t kHashLength = 8;
  return stem.size() > kHashLength && stem[stem.size() - kHashLength - 1] == '-';
}

std::string_view mime_of(const fs::path& path) {
  const auto found = std::ranges::find(kMimeTypes, std::string_view{path.extension().string()}, &std::pair<std::string_view, std::string_view>::first);
  return found == kMimeTypes.end() ? "application/octet-stream" : found->second;
}

class Writer {
 public:
  explicit Writer(fs::path out) : out_{std::move(out)} {}

  void add(const fs::path& folder, const fs::path& file) {
    const fs::path relative = fs::relative(file, folder);
    const std::string content = read(file);
    const std::string hash = hash_of(content);
    const std::string identity = blob(hash + ".raw", [&] { return content; });
    const auto compressed = [&](const char* ending, std::string (*compress)(const std::string&)) {
      const std::string name = hash + ending;
      if (!fs::exists(out_ / name)) write_if_new(out_ / name, compress(content));
      // A tenth less is worth the header and the decoding.
      return fs::file_size(out_ / name) + content.size() / 10 < content.size() ? blob(name, nullptr) : std::string{"{}"};
    };
    list_ << "    {.path = \"/" << relative.generic_string() << "\", .mime = \"" << mime_of(relative) << "\", .etag = \"" << hash
          << "\", .identity = " << identity << ", .brotli = " << compressed(".br", brotli) << ", .gzip = " << compressed(".gz", gzip)
          << ", .immutable = " << (is_hashed(relative) ? "true" : "false") << "},\n";
  }

  void finish() {
    std::ostringstream text;
    text << "// Written by embed_assets.\n#include \"assets/embedded_assets.hpp\"\n\n"
         << blobs_.str() << "\nnamespace p2p {\n\nstd::span<const net::StaticAsset> embedded_assets() {\n"
         << "  static const net::StaticAsset kAssets[] = {\n" << list_.str() << "  };\n  return kAssets;\n}\n\n}  // namespace p2p\n";
    write_if_new(out_ / "embedded_assets.cpp", text.str());
  }

 private:
  template <typename Make>
  std::string blob(const std::string& name, Make make) {
    if constexpr (requires { make(); }) {
      if (!fs::exists(out_ / name)) write_if_new(out_ / name, make());
    }
    const std::string symbol = "p2p_asset_" + std::to_string(count_++);
    blobs_ << "asm(\".section .rodata\\n.balign 16\\n" << symbol << ":\\n.incbin \\\"" << (out_ / name).string() << "\\\"\\n" << symbol
           << "_end:\\n.byte 0\\n.previous\\n\");\nextern \"C\" const char " << symbol << "[] __asm__(\"" << symbol << "\");\nextern \"C\" const char " << symbol
           << "_end[] __asm__(\"" << symbol << "_end\");\n";
    return "{" + symbol + ", " + symbol + "_end}";
  }

  fs::path out_;
  std::ostringstream blobs_;
  std::ostringstream list_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) stop("usage: embed_assets FOLDER FALLBACK OUT");
  fs::path folder = argv[1];
  if (folder.empty() || !fs::exists(folder / "index.html")) folder = argv[2];
  const fs::path out = fs::absolute(argv[3]);
  fs::create_directories(out);
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with(".")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Writer writer{out};
  for (const fs::path& file : files) writer.add(folder, file);
  writer.finish();
}
