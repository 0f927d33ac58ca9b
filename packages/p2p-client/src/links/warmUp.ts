import { makeCertificate } from "./certificate";

/**
 * Starts what a browser starts with its first connection only (network process, certificate, the list of interfaces), so that the first
 * real one finds it running. Meant for the time in which the server is asked for peers.
 */
export function warmUp(): void {
  makeCertificate();
  const connection = new RTCPeerConnection();
  connection.createDataChannel("warm-up");
  void connection
    .setLocalDescription()
    .catch(() => {})
    .then(() => setTimeout(() => connection.close(), closeAfterMs));
}

const closeAfterMs = 1_000;
