import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort, makeCertificate, whenListening } from "./programs.js";

const deploy = (name) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");

/** `text` with what an operator would change; what is no longer there to be changed fails the test. */
function changed(text, changes) {
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`deploy/: there is no "${from}" to change`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const proxies = {
  nginx: {
    program: process.env.P2P_NGINX ?? "/usr/sbin/nginx",
    configure(folder, { upstream, ports, certificate, key }) {
      const site = changed(deploy("nginx.conf"), [
        ["127.0.0.1:3001", `127.0.0.1:${upstream}`],
        ["listen [::]:80;", ""],
        ["listen [::]:443 ssl http2;", ""],
        ["listen 80;", `listen ${ports.http};`],
        ["listen 443 ssl http2;", `listen ${ports.https} ssl http2;`],
        ["/etc/letsencrypt/live/live.example/fullchain.pem", certificate],
        ["/etc/letsencrypt/live/live.example/privkey.pem", key],
        ["server_name live.example;", "server_name localhost;"],
      ]);
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
      writeFileSync(
        path.join(folder, "nginx.conf"),
        `${process.getuid() === 0 ? "user root;" : ""}
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${temporary.join("\n  ")}
  ${site}
}`,
      );
      return ["-p", folder, "-c", path.join(folder, "nginx.conf"), "-e", "stderr", "-g", "daemon off;"];
    },
  },
  Caddy: {
    program: process.env.P2P_CADDY ?? "/usr/bin/caddy",
    configure(folder, { upstream, ports, certificate, key }) {
      const site = changed(deploy("Caddyfile"), [
        ["127.0.0.1:3001", `127.0.0.1:${upstream}`],
        ["live.example {", `localhost:${ports.https}, 127.0.0.1:${ports.https} {\n\ttls ${certificate} ${key}`],
      ]);
      writeFileSync(path.join(folder, "Caddyfile"), `{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_sni localhost\n}\n${site}`);
      return ["run", "--config", path.join(folder, "Caddyfile"), "--adapter", "caddyfile"];
    },
  },
};

export const proxyNames = Object.keys(proxies);

/** Why this proxy cannot be tried here, if so. */
export function lacking(name) {
  return existsSync(proxies[name].program) ? undefined : `${proxies[name].program} is not installed`;
}

/** The real proxy with the configuration of deploy/, in front of a server on this machine. */
export async function startProxy(name, folder, upstream) {
  mkdirSync(folder, { recursive: true });
  const { certificate, key } = makeCertificate(folder);
  const ports = { http: await freePort(), https: await freePort() };
  const flags = proxies[name].configure(folder, { upstream, ports, certificate, key });
  const child = spawn(proxies[name].program, flags, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const { exited } = await whenListening(child, ports.https, () => log);
  return {
    url: `https://localhost:${ports.https}`,
    port: ports.https,
    ca: readFileSync(certificate, "utf8"),
    caFile: certificate,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      return log;
    },
  };
}
