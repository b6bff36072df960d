import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatPath, streamPath, streamTarget, type Peer } from "./peer.ts";

// Debian's is in /usr/sbin, which is not in every user's PATH.
export const nginxPath = process.env["NGINX_PATH"] ?? "/usr/sbin/nginx";

/** What reads nothing of an answer, in C. */
export const nginx: Peer = {
  name: "nginx",
  what: "One worker passes on bytes, unbuffered.",
  whyMissing: existsSync(nginxPath) ? undefined : `there is none at ${nginxPath}`,
  async command({ port, upstreamPort }) {
    const folder = await mkdtemp(join(tmpdir(), "gatestream-bench-nginx-"));
    await writeFile(join(folder, "nginx.conf"), configuration(port, upstreamPort));
    return {
      program: nginxPath,
      args: ["-p", folder, "-e", "stderr", "-c", "nginx.conf"],
      cleanUp: () => rm(folder, { recursive: true, force: true }),
    };
  },
  target: ({ port }) => streamTarget(port),
};

function configuration(port: number, upstreamPort: number): string {
  return `
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 20000;
    pid nginx.pid;
    error_log stderr error;
    events { worker_connections 12000; }
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      keepalive_requests 1000000;
      upstream gateway {
        server 127.0.0.1:${upstreamPort};
        keepalive 100;
        keepalive_requests 1000000;
      }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location ${streamPath} {
          proxy_pass http://gateway${chatPath};
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_buffering off;
        }
      }
    }
  `;
}
