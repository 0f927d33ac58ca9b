import { whyNotHere } from "../../tests/netbox/src/netbox.ts";
import { writeReport } from "../e2e/report.ts";
import { measureInBox } from "./measure.ts";
import { peopleOf, readWorld } from "./world.ts";

const why = whyNotHere();
if (why) {
  console.error(why);
  process.exit(1);
}
const viewersWanted = process.env.VIEWERS ? { viewers: Number(process.env.VIEWERS) } : {};
const { world, ignored } = readWorld(process.argv[2], viewersWanted);
if (ignored.length > 0) console.error(`The box does not act out: ${ignored.join(", ")}.`);
const seed = Number(process.env.SEED ?? 1);
console.log(JSON.stringify({ seed, world }));
const figures = await measureInBox(world, peopleOf(world, seed), seed);
writeReport("netbox", { ...figures, seed, world });
console.log(JSON.stringify(figures, null, 2));
