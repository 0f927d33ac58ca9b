import { readFileSync, readdirSync } from "node:fs";

/** Since the start of the machine or of each process. `own`: of the programs that this process started. */
export interface ProcessorTime {
  busyS: number;
  allS: number;
  ownS: number;
  /** How long the programs' threads stood ready and got no processor, and how often they ran. */
  waitedS: number;
  turns: number;
}

const ticksPerS = 100; // USER_HZ, as Linux shows it to programs everywhere

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
};

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Every process below this one, with the processor time it has used. */
function descendants(): { pid: number; usedS: number }[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      // After the name, which may hold anything: state, parent, and from the twelfth on utime and stime.
      const fields = (read(`/proc/${name}/stat`).split(") ").at(-1) ?? "").split(" ");
      return { pid: Number(name), parent: Number(fields[1]), usedS: (Number(fields[11]) + Number(fields[12])) / ticksPerS };
    });
  const below = new Set([process.pid]);
  for (let grew = true; grew;) {
    const found = all.filter(({ pid, parent }) => below.has(parent) && !below.has(pid));
    found.forEach(({ pid }) => below.add(pid));
    grew = found.length > 0;
  }
  return all.filter(({ pid }) => below.has(pid) && pid !== process.pid);
}

export function processorTime(): ProcessorTime {
  const fields = (read("/proc/stat").split("\n")[0] ?? "").trim().split(/\s+/).slice(1, 9).map(Number);
  const all = fields.reduce((sum, field) => sum + field, 0);
  const time = { busyS: (all - (fields[3] ?? 0) - (fields[4] ?? 0)) / ticksPerS, allS: all / ticksPerS, ownS: 0, waitedS: 0, turns: 0 };
  for (const { pid, usedS } of descendants()) {
    time.ownS += usedS;
    for (const thread of threadsOf(pid)) {
      const [, waitedNs = 0, turns = 0] = read(`/proc/${pid}/task/${thread}/schedstat`).split(" ").map(Number);
      time.waitedS += waitedNs / 1e9;
      time.turns += turns;
    }
  }
  return time;
}

/** What a run took of the machine, and what others took meanwhile. */
export function processorUse(before: ProcessorTime, after: ProcessorTime) {
  const all = after.allS - before.allS;
  const percent = (seconds: number) => Math.round((100 * seconds) / all);
  return {
    processors_busy_percent: percent(after.busyS - before.busyS),
    processors_own_percent: percent(after.ownS - before.ownS),
    processor_wait_ms: Number(((1000 * (after.waitedS - before.waitedS)) / Math.max(1, after.turns - before.turns)).toFixed(3)),
  };
}
