let made: RTCCertificate | undefined;

/**
 * Has the certificate made that all links of this page use: a connection without one makes its own and holds its offer back until then.
 * Peers know each other by the server's word, not by a certificate, and one page is one peer: nothing is told by using it again.
 */
export function makeCertificate(): void {
  RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256" } as EcKeyGenParams).then(
    (certificate) => (made = certificate),
    () => {}, // each connection makes its own
  );
}

/** Of a connection's configuration: the page's certificate, once it is there and while it holds. */
export function certificate(): Pick<RTCConfiguration, "certificates"> {
  return made && made.expires > Date.now() ? { certificates: [made] } : {};
}
