import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, handed, Program } from './program.js';

/** A proxy with the patience that many have by default or by accident: it cuts what takes longer. */
export async function startNginx(target: string, readTimeoutSeconds: number): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'longpoll-nginx-'));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  const configuration = `
    daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
    events {}
    http {
      access_log off; ${paths.join(' ')}
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${target}; proxy_http_version 1.1; proxy_set_header Connection "";
          proxy_read_timeout ${readTimeoutSeconds}s;
        }
      }
    }`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const nginx = new Program('nginx', handed('LONGPOLL_TEST_NGINX'), ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  const url = `http://127.0.0.1:${port}`;
  await nginx.ready(() => fetch(`${url}/health/live`).then((response) => response.ok, () => false));
  return {
    url,
    stop: async () => {
      await nginx.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
