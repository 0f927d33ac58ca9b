import { lazy, Suspense, type ComponentType } from "react";
import { BrowserRouter, Link, Route, Routes } from "react-router";
import { HomePage } from "../features/home/HomePage";
import { text } from "../text/text";
import type { Client } from "./client";
import { ClientProvider } from "./ClientProvider";
import { Header } from "./Header";

// The player and the encoder are large; who only looks at the list does not load them.
const LazyWatchPage = lazy(() => import("../features/watch/WatchPage").then(({ WatchPage }) => ({ default: WatchPage })));
const BroadcastPage = lazy(() =>
  import("../features/broadcast/BroadcastPage").then(({ BroadcastPage }) => ({ default: BroadcastPage })),
);

const DebugPage = lazy(() => import("../features/debug/DebugPage").then(({ DebugPage }) => ({ default: DebugPage })));

export function App({ client, WatchPage = LazyWatchPage }: { client: Client; WatchPage?: ComponentType | undefined }) {
  return (
    <BrowserRouter>
      <ClientProvider client={client}>
        <a className="skip-link" href="#content">
          {text.skip}
        </a>
        <Header />
        <div id="content">
          <Suspense fallback={null}>
            <Routes>
              <Route path="/" element={<HomePage />} />
              <Route path="/watch/:streamId" element={<WatchPage />} />
              <Route path="/broadcast" element={<BroadcastPage />} />
              <Route path="/debug" element={<DebugPage />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </div>
      </ClientProvider>
    </BrowserRouter>
  );
}

function NotFound() {
  return (
    <main className="page column">
      <h1 className="title-m">{text.notFound.what}</h1>
      <p>
        <Link className="button" to="/">
          {text.notFound.action}
        </Link>
      </p>
    </main>
  );
}
