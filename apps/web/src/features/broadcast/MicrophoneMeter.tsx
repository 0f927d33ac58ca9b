import { useEffect, useRef, useState } from "react";
import { text } from "../../text/text";

const lookEveryMs = 100;
const silentAfterMs = 5_000;
/** Full scale is 0 dB; a room without a voice is at -50 or so, a microphone that is not connected below this. */
const silentBelowDb = -75;
const quietestDb = -60;

/** How loud the microphone is, so that one sees that it works, and says when nothing comes of it. */
export function MicrophoneMeter({ track, muted }: { track: MediaStreamTrack; muted: boolean }) {
  const words = text.broadcast;
  const meter = useRef<HTMLMeterElement>(null);
  const figure = useRef<HTMLSpanElement>(null);
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let heardMs = performance.now();
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const db = 10 * Math.log10(power + 1e-12);
      if (meter.current) meter.current.value = Math.max(0, 1 - db / quietestDb);
      if (figure.current) figure.current.textContent = `${Math.round(Math.max(db, quietestDb))} dB`;
      // A context that the browser holds back hears nothing, which says nothing of the microphone.
      if (db > silentBelowDb || context.state !== "running") heardMs = performance.now();
      setSilent(performance.now() - heardMs > silentAfterMs);
    }, lookEveryMs);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [track]);
  return (
    <div className="column meter-block">
      <div className="row">
        <meter ref={meter} className="level grow" min={0} max={1} aria-label={words.meter} />
        <span ref={figure} className="tiny faint level-figure" aria-hidden />
      </div>
      {muted ? (
        <p className="small muted">{words.mutedNow}</p>
      ) : (
        silent && (
          <p className="small warn" role="status">
            {words.silent(track.label)}
          </p>
        )
      )}
    </div>
  );
}
