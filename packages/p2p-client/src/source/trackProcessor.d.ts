/** https://w3c.github.io/mediacapture-transform/ : not in TypeScript's DOM library yet. */
declare class MediaStreamTrackProcessor<Frame extends VideoFrame | AudioData> {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<Frame>;
}
