import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

// `npm run dev` serves the pages with hot reload and passes signaling on to a server that runs beside it (P2P_SERVER to change).
const server = process.env.P2P_SERVER ?? "http://localhost:3001";

interface Chunk {
  type: "chunk";
  fileName: string;
  imports: string[];
  dynamicImports: string[];
  facadeModuleId: string | null;
  viteMetadata?: { importedCss: Set<string> };
}

/** watch.html fetches at once what its entry loads later: the engine, the player and the page, which the session runs ahead of. */
function fetchWatchPageEarly(): Plugin {
  return {
    name: "fetch-watch-page-early",
    transformIndexHtml: {
      order: "post",
      handler(_html, { path, chunk, bundle }) {
        if (!path.endsWith("/watch.html") || !chunk || !bundle) return [];
        const chunkOf = (name: string) => bundle[name] as unknown as Chunk;
        const withImports = (names: string[], seen = new Set<string>()): Set<string> => {
          for (const name of names) {
            if (seen.has(name)) continue;
            seen.add(name);
            withImports(chunkOf(name).imports, seen);
          }
          return seen;
        };
        const first = withImports([chunk.fileName]);
        const later = withImports([...first].flatMap((name) => chunkOf(name).dynamicImports));
        // Words of other languages are for those who read them, an engine in the page for browsers that cannot have it in a worker.
        const rarely = /\/src\/text\/|\/localPeer\.ts$/;
        const modules = [...later].filter((name) => !first.has(name) && !rarely.test(chunkOf(name).facadeModuleId ?? ""));
        const styles = new Set(modules.flatMap((name) => [...(chunkOf(name).viteMetadata?.importedCss ?? [])]));
        const link = (attrs: Record<string, string | boolean>) => ({
          tag: "link",
          attrs: { crossorigin: true, ...attrs },
          injectTo: "head" as const,
        });
        // Not the simulator, which is the debug page's.
        const engine = Object.keys(bundle).filter((name) => /(^|\/)p2p-stream[^/]*\.wasm$/.test(name));
        return [
          ...engine.map((name) => link({ rel: "preload", as: "fetch", type: "application/wasm", href: `/${name}` })),
          ...modules.map((name) => link({ rel: "modulepreload", href: `/${name}` })),
          ...[...styles].map((name) => link({ rel: "stylesheet", href: `/${name}` })),
        ];
      },
    },
  };
}

/** Pages for an origin of their own are told where the signaling server is: P2P_SIGNALING_URL=https://live.example npm run build. */
function nameServer(): Plugin {
  const url = process.env.P2P_SIGNALING_URL ?? "";
  if (url && !/^https?:\/\/[^/"<>]+$/.test(url)) throw new Error(`P2P_SIGNALING_URL is no origin such as https://live.example: ${url}`);
  return {
    name: "name-server",
    transformIndexHtml: (html) => html.replace('name="p2p-server" content=""', `name="p2p-server" content="${url}"`),
  };
}

export default defineConfig({
  plugins: [react(), fetchWatchPageEarly(), nameServer()],
  // The client from its sources; its package has a build of its own.
  resolve: { conditions: ["p2p-source", ...defaultClientConditions] },
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
