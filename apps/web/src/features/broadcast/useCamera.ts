import { useCallback, useEffect, useRef, useState } from "react";

export type CameraProblem = "permission-denied" | "device-missing" | "device-busy" | "insecure-context";

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

export interface Choice {
  /** A device id, "default", or "none". */
  camera: string;
  microphone: string;
}

const noDevices: Devices = { cameras: [], microphones: [] };

function problemOf(error: unknown): CameraProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "permission-denied";
  if (name === "NotReadableError" || name === "AbortError") return "device-busy";
  return "device-missing";
}

function constraint(device: string, more: MediaTrackConstraints = {}): MediaTrackConstraints | false {
  if (device === "none") return false;
  return device === "default" ? more : { ...more, deviceId: { exact: device } };
}

/** Camera and microphone as chosen: asked for by open(), closed when the component goes. */
export function useCamera() {
  const [media, setMedia] = useState<MediaStream>();
  const [devices, setDevices] = useState(noDevices);
  const [problem, setProblem] = useState<CameraProblem>();
  const current = useRef<MediaStream>(undefined);

  const close = useCallback(() => {
    for (const track of current.current?.getTracks() ?? []) track.stop();
    current.current = undefined;
    setMedia(undefined);
  }, []);

  const open = useCallback(
    async ({ camera, microphone }: Choice) => {
      setProblem(undefined);
      if (!navigator.mediaDevices) return setProblem("insecure-context");
      const video = constraint(camera, { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } });
      const audio = constraint(microphone);
      if (!video && !audio) return close();
      try {
        const opened = await openWhatIsThere(video, audio);
        close();
        current.current = opened;
        setMedia(opened);
        const all = await navigator.mediaDevices.enumerateDevices();
        setDevices({
          cameras: all.filter(({ kind }) => kind === "videoinput"),
          microphones: all.filter(({ kind }) => kind === "audioinput"),
        });
      } catch (error) {
        setProblem(problemOf(error));
      }
    },
    [close],
  );

  useEffect(() => close, [close]);
  return { media, devices, problem, open, close };
}

/** Both if there are both; a machine without a microphone can still show its camera. */
async function openWhatIsThere(video: MediaTrackConstraints | false, audio: MediaTrackConstraints | false): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    if (problemOf(error) !== "device-missing" || !video || !audio) throw error;
    return await navigator.mediaDevices
      .getUserMedia({ video, audio: false })
      .catch(() => navigator.mediaDevices.getUserMedia({ video: false, audio }));
  }
}
