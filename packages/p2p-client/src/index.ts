export { StreamList } from "./signaling/streamList";
export { Signaling, SignalingError } from "./signaling/signaling";
export type { LiveStream, Role } from "./signaling/messages";
export type { EngineStats, Latency, NeighborStats, PeerId } from "./engine/engine";
export { WatchSession } from "./watch";
export type { WatchOptions, WatchProblem, WatchSnapshot, WatchState, WatchStats } from "./watch";
export { BroadcastSession } from "./source/broadcast";
export type { BroadcastOptions, BroadcastProblem, BroadcastSnapshot, BroadcastState, BroadcastStats } from "./source/broadcast";
export type { PlaybackStats } from "./player/playback";
