using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>Where PayHero is, and where it finds us.</summary>
internal sealed class PayHeroAddresses(IOptions<PayHeroOptions> options, IOptions<SandboxSettings> sandbox, SelfAddress self)
{
    private const string PayHero = "https://backend.payhero.co.ke";

    /// <summary>The API, ending in <c>/api/v2/</c> whichever way it was written.</summary>
    public Uri Api
    {
        get
        {
            var fallback = sandbox.Value.Enabled ? self.Local + "/sandbox/payhero" : PayHero;
            var address = (string.IsNullOrEmpty(options.Value.BaseUrl) ? fallback : options.Value.BaseUrl).TrimEnd('/');
            return new Uri(address.EndsWith("/api/v2", StringComparison.OrdinalIgnoreCase) ? address + "/" : address + "/api/v2/");
        }
    }

    /// <summary>The callback address of one attempt.</summary>
    public string Callback(string token) =>
        $"{(string.IsNullOrEmpty(options.Value.CallbackUrl) ? self.Public + "/payhero/callback" : options.Value.CallbackUrl.TrimEnd('/'))}/{token}";
}
