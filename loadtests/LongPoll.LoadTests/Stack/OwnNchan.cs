using System.Globalization;
using System.Net;

namespace LongPoll.LoadTests.Stack;

/// <summary>
/// nginx with its long-polling module nchan, in the way that is kindest to it: one worker, because runner and server share
/// the cores, no access log, nothing stored.
/// </summary>
internal sealed class OwnNchan : IDisposable
{
    private const string Module = "/usr/lib/nginx/modules/ngx_nchan_module.so";

    private readonly string _directory = Directory.CreateTempSubdirectory("longpoll-nchan-").FullName;

    public OwnNchan(Uri listen, IPEndPoint? redis)
    {
        if (!File.Exists(Module))
            throw new RunImpossibleException("nginx's module nchan is not installed (Debian: apt-get install nginx libnginx-mod-nchan).");
        string file = Path.Combine(_directory, "nginx.conf");
        File.WriteAllText(file, Configuration(listen, redis));
        Process = new OwnProcess("nginx", ["-e", Path.Combine(_directory, "error.log"), "-p", _directory, "-c", file]);
    }

    public OwnProcess Process { get; }

    public void Dispose()
    {
        Process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Configuration(Uri listen, IPEndPoint? redis) => string.Create(CultureInfo.InvariantCulture, $$"""
        load_module {{Module}};
        daemon off;
        pid {{_directory}}/nginx.pid;
        worker_processes 1;
        worker_rlimit_nofile 20000;
        events { worker_connections 19900; }
        http {
          access_log off;
          error_log {{_directory}}/error.log warn;
          client_body_temp_path {{_directory}}/body;
          proxy_temp_path {{_directory}}/proxy;
          fastcgi_temp_path {{_directory}}/fastcgi;
          uwsgi_temp_path {{_directory}}/uwsgi;
          scgi_temp_path {{_directory}}/scgi;
          keepalive_requests 100000000;
          keepalive_timeout 300s;
          nchan_shared_memory_size 512M;
          {{(redis is null ? "" : $"upstream redis {{ nchan_redis_server redis://{redis}; }}")}}
          server {
            listen {{listen.Host}}:{{listen.Port}} backlog=4096;
            location = /health { return 200; }
            location ~ ^/publish/(.+)$ {
              nchan_publisher;
              nchan_channel_id $1;
              nchan_store_messages off;
              {{(redis is null ? "" : "nchan_redis_pass redis;")}}
            }
            location ~ ^/wait/(.+)$ {
              nchan_subscriber longpoll;
              nchan_channel_id $1;
              nchan_store_messages off;
              {{(redis is null ? "" : "nchan_redis_pass redis;")}}
            }
          }
        }
        """);
}
