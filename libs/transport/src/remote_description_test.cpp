#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <rtc/peerconnection.hpp>

namespace p2p::transport {
namespace {

// third_party/libdatachannel/patches/0005: the handshake may run as soon as ICE knows the description, and checks the fingerprint in
// it. A description that ICE rejects shows the order of the two.
TEST(RemoteDescription, IsKnownBeforeIceLearnsOfIt) {
  rtc::Configuration configuration;
  configuration.disableAutoNegotiation = true;
  configuration.bindAddress = "127.0.0.1";
  rtc::PeerConnection offerer{configuration};
  const auto channel = offerer.createDataChannel("control");
  offerer.setLocalDescription(rtc::Description::Type::Offer);
  std::string answer{offerer.localDescription().value()};
  ASSERT_NE(answer.find("a=setup:actpass"), std::string::npos);   // right in an offer only
  EXPECT_THROW(offerer.setRemoteDescription(rtc::Description{answer, rtc::Description::Type::Answer}), std::invalid_argument);
  EXPECT_TRUE(offerer.remoteDescription().has_value());
}

}  // namespace
}  // namespace p2p::transport
