import type { FeedView, PeerView } from "../simulation/module";

export interface Node {
  peer: PeerView;
  x: number;
  y: number;
}

export interface Column {
  x: number;
  /** Links from the source; undefined: nobody feeds them yet. */
  hop: number | undefined;
  count: number;
}

export interface Edge {
  feed: FeedView;
  from: Node;
  to: Node;
  /** Stripes that reach the selected peer through it. */
  hot: number;
}

export interface MeshLayout {
  nodes: Node[];
  columns: Column[];
  edges: Edge[];
}

export interface Frame {
  width: number;
  height: number;
  margin: number;
}

/** mesh::kStripes. */
export const stripes = 8;

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Links from the source in `stripe`, or the median of all; undefined while nobody feeds it. */
export function hopOf(peer: PeerView, stripe?: number): number | undefined {
  if (peer.number === 0) return 0;
  if (stripe !== undefined) return (peer.stripeHops[stripe] ?? -1) > 0 ? peer.stripeHops[stripe] : undefined;
  const fed = peer.stripeHops.filter((hop) => hop > 0).toSorted((a, b) => a - b);
  return fed[Math.floor((fed.length - 1) / 2)];
}

const passes = (feed: FeedView, stripe: number | undefined) => (stripe === undefined ? feed.stripes !== 0 : (feed.stripes & (1 << stripe)) !== 0);

/** How many stripes come to `selected` over each feed: up from parent to parent, each stripe on its own way. */
export function feedingPaths(feeds: readonly FeedView[], selected: number, stripe: number | undefined): Map<FeedView, number> {
  const into = groupBy(feeds, ({ to }) => to);
  const hot = new Map<FeedView, number>();
  for (let each = 0; each < stripes; ++each) {
    if (stripe !== undefined && each !== stripe) continue;
    const seen = new Set<number>();
    for (let at = selected; !seen.has(at);) {
      seen.add(at);
      const feed = into.get(at)?.find((one) => passes(one, each));
      if (!feed) break;
      hot.set(feed, (hot.get(feed) ?? 0) + 1);
      at = feed.from;
    }
  }
  return hot;
}

/** A little aside, the same for the same peer: a column of dots reads better than a line of them. */
const aside = (number: number) => ((number * 2_654_435_761) % 17) / 16 - 0.5;

/** Columns by hop from left to right, who is not fed in the last one; in a column in the order of joining, so that nobody jumps about. */
export function meshLayout(peers: readonly PeerView[], feeds: readonly FeedView[], frame: Frame, stripe?: number, selected?: number): MeshLayout {
  const byHop = groupBy(peers, (peer) => hopOf(peer, stripe));
  const hops = [...byHop.keys()].toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity));
  const step = (frame.width - 2 * frame.margin) / Math.max(hops.length - 1, 1);
  const nodes = new Map<number, Node>();
  const columns = hops.map((hop, index): Column => {
    const members = byHop.get(hop) ?? [];
    const x = frame.margin + step * index;
    members.forEach((peer, place) =>
      nodes.set(peer.number, {
        peer,
        x: x + (members.length > 6 ? aside(peer.number) * Math.min(step * 0.28, 26) : 0),
        y: (frame.height * (place + 0.5)) / members.length,
      }),
    );
    return { x, hop, count: members.length };
  });
  const hot = selected === undefined ? new Map<FeedView, number>() : feedingPaths(feeds, selected, stripe);
  const edges = feeds.flatMap((feed): Edge[] => {
    const from = nodes.get(feed.from);
    const to = nodes.get(feed.to);
    return from && to && passes(feed, stripe) ? [{ feed, from, to, hot: hot.get(feed) ?? 0 }] : [];
  });
  return { nodes: [...nodes.values()], columns, edges };
}

/** Nearer than this, two peers are in one column. */
const oneColumn = 40;

/** A curve that leaves and arrives level; within a column, and back, around on the left. */
export function curve({ from, to }: Pick<Edge, "from" | "to">): string {
  const onward = to.x - from.x > oneColumn;
  const middle = onward ? (from.x + to.x) / 2 : Math.min(from.x, to.x) - oneColumn;
  const [x1, y1, x2, y2, bend] = [from.x, from.y, to.x, to.y, middle].map((value) => value.toFixed(1));
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}

export type Step = "left" | "right" | "up" | "down";

/** The next peer that way, for the arrow keys; without a selection the source. */
export function neighborOf({ nodes }: MeshLayout, selected: number | undefined, step: Step): number | undefined {
  const here = nodes.find(({ peer }) => peer.number === selected);
  if (!here) return nodes.find(({ peer }) => peer.number === 0)?.peer.number;
  const columnOf = (node: Node) => Math.round(node.x / oneColumn);
  const sameColumn = (node: Node) => Math.abs(node.x - here.x) < oneColumn;
  const candidates = nodes.filter((node) => {
    if (node === here) return false;
    if (step === "up") return sameColumn(node) && node.y < here.y;
    if (step === "down") return sameColumn(node) && node.y > here.y;
    return step === "left" ? columnOf(node) < columnOf(here) && !sameColumn(node) : columnOf(node) > columnOf(here) && !sameColumn(node);
  });
  const distance = (node: Node) => Math.abs(node.y - here.y) + 3 * Math.abs(node.x - here.x);
  return candidates.toSorted((a, b) => distance(a) - distance(b))[0]?.peer.number;
}
