import { useEffect, useRef } from "react";
import { text } from "../../text/text";

/** How loud the microphone is, so that one sees that it works before going live. */
export function LevelMeter({ media }: { media: MediaStream }) {
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    if (media.getAudioTracks().length === 0) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(media).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // -60 dB is silence, 0 dB the loudest.
      if (meter.current) meter.current.value = Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60);
    }, 100);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [media]);
  return <meter ref={meter} className="level" min={0} max={1} aria-label={text.broadcast.meter} />;
}
