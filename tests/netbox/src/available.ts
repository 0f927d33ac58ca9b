// Says why no box can be made here and ends with 1; says nothing where one can.
import { whyNotHere } from "./netbox.ts";

const why = whyNotHere();
if (why) {
  console.log(why);
  process.exitCode = 1;
}
