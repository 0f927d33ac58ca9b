import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the pages with hot reload and passes signaling on to a server that runs beside it (P2P_SERVER to change).
const server = process.env.P2P_SERVER ?? "http://localhost:3001";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // The program compresses and embeds the files; small ones as data URLs would be blocked by the page's Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The server answers /watch/<id> with watch.html, which loads all that playing needs at once.
    rolldownOptions: { input: ["index.html", "watch.html"] },
  },
  server: { proxy: { "/socket.io": { target: server, ws: true } } },
});
