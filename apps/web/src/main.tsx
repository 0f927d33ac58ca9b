import { startApp } from "./app/startApp";
import { makeClient } from "./app/client";
import { applyTheme } from "./app/theme";

applyTheme();
startApp(makeClient());
