export { Chat } from "./chat/chat";
export { chatNameMax, chatReactions, chatTextMax, isChatName } from "./chat/types";
export type { ChatMessage, ChatRules, ChatSnapshot, OwnMessage, SayResult } from "./chat/types";
export { StreamList } from "./signaling/streamList";
export { Signaling, SignalingError } from "./signaling/signaling";
export { thumbnailUrl } from "./signaling/thumbnailUrl";
export { streamCategories } from "./signaling/messages";
export type { Consent, LiveStream, MeshPeer, MeshSample, Role, StreamCategory, StreamFilter } from "./signaling/messages";
export type { EngineStats, Latency, NeighborStats, PeerId, RenditionStats } from "./engine/engine";
export type { CandidateType, LinkStats } from "./links/linkStats";
export { WatchSession } from "./watch";
export type { Sharing, WatchOptions, WatchProblem, WatchSnapshot, WatchState, WatchStats } from "./watch";
export { defaultInset, insetWidthMax, insetWidthMin, pictureFor, placeInset, placeWhole, snapInset } from "./source/scene";
export type { Card, Inset, Rect, Scene, Size } from "./source/scene";
export { inputsOf, type BroadcastInputs } from "./source/inputs";
export { broadcastMemory, type SavedBroadcast, type SavedProgress } from "./source/savedBroadcast";
export { BroadcastSession } from "./source/broadcast";
export type {
  BroadcastDetails,
  BroadcastOptions,
  BroadcastProblem,
  BroadcastSnapshot,
  BroadcastState,
  BroadcastStats,
  QualityChange,
} from "./source/broadcast";
export { canBroadcast, defaultQualities, qualitiesBelow, type Quality } from "./source/encoders";
export type { PlaybackStats } from "./player/playback";
