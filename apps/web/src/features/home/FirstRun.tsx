import { Copy } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { serverUrl } from "../../app/server";
import { text } from "../../text/text";

/** Nothing is live: the two ways to change that. */
export function FirstRun() {
  const command = `p2p-stream publish video.mp4 --loop --server ${serverUrl} --title "My stream"`;
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(command).then(() => setCopied(true));
  return (
    <div className="first-run">
      <p className="title-m">{text.home.none}</p>
      <div className="ways">
        <section className="column">
          <h2 className="title-s">{text.home.fromBrowser}</h2>
          <p className="muted">{text.home.fromBrowserHow}</p>
          <p>
            <Link className="button red" to="/broadcast">
              {text.nav.goLive}
            </Link>
          </p>
        </section>
        <section className="column">
          <h2 className="title-s">{text.home.fromShell}</h2>
          <p className="muted">{text.home.fromShellHow}</p>
          <pre className="command" tabIndex={0}>
            {command}
          </pre>
          <p>
            <button className="button" onClick={copy}>
              <Copy size={18} strokeWidth={1.75} aria-hidden />
              <span aria-live="polite">{copied ? text.home.copied : text.home.copy}</span>
            </button>
          </p>
        </section>
      </div>
    </div>
  );
}
