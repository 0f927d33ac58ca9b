import { startApp } from "./app/startApp";
import { makeClient } from "./app/client";
import { applyTheme } from "./app/theme";
import { speakChosen } from "./text/languages";

applyTheme();
const client = makeClient();
await speakChosen();
startApp(client);
