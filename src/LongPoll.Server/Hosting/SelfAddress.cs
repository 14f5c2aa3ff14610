using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LongPoll.Server.Hosting;

/// <summary>Where this node can be reached: by the world, and by itself.</summary>
internal sealed class SelfAddress(IServer server, IConfiguration configuration)
{
    /// <summary><c>PublicUrl</c>, or in its absence the node's own address, without a slash at the end.</summary>
    public string Public => configuration["PublicUrl"]?.TrimEnd('/') is { Length: > 0 } configured ? configured : Local;

    /// <summary>The first address that this node listens on. Known once it listens.</summary>
    public string Local
    {
        get
        {
            var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? LongPollApplication.DefaultUrl;
            var address = BindingAddress.Parse(bound);
            var host = address.Host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : address.Host;
            return $"{address.Scheme}://{host}:{address.Port}";
        }
    }
}
