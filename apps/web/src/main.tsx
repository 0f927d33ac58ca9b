import { startApp } from "./app/startApp";
import { makeClient } from "./app/client";

startApp(makeClient());
