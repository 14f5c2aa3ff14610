using LongPoll.Server.Admin;
using LongPoll.Server.Bus;
using LongPoll.Server.Callbacks;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Http;
using LongPoll.Server.Jobs;
using LongPoll.Server.Links;
using LongPoll.Server.Mail;
using LongPoll.Server.Orders;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Server.Storage;
using LongPoll.Server.Waiting;
using Microsoft.Extensions.Configuration.Memory;

namespace LongPoll.Server.Hosting;

/// <summary>Puts the features together. Tests build the same application, with other configuration.</summary>
internal static class LongPollApplication
{
    public const string DefaultUrl = "http://localhost:5080";

    /// <summary>Builds it. <paramref name="adjust"/> is for tests that put something else in a part's place.</summary>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, EnvironmentName = DefaultEnvironment(args) });
        builder.Configuration.Sources.Insert(0, Defaults);
        var development = builder.Environment.IsDevelopment();
        StartupRules.Check(builder.Configuration, development);
        var sandbox = SandboxHosting.Included && builder.Configuration.GetValue("Sandbox:Enabled", development);

        AddServices(builder, sandbox);
        adjust?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseThreadsOfItsOwn();
        app.UseExceptionHandler();
        app.UseKnownProxies();

        // Existing pages and provider dashboards call the same paths under /api.
        app.UsePathBase("/api");
        app.UseRouting();

        // Everything that stands between a parked request and its endpoint is held for a minute, thousands of times over:
        // it passes by what is not for it.
        app.UseWhen(DoesNotPark, static others => others.UseSecurityHeaders());
        if (development)
        {
            app.UseDemoShop();
        }

        app.UseWhen(DoesNotPark, static others => others.UseStatusCodePages());
        app.UseWhen(static http => http.Request.Headers.Origin.Count > 0, static crossing => crossing.UseCors());
        app.UseMiddleware<RateLimits>();
        app.UseMiddleware<Access>();
        MapEndpoints(app, sandbox);
        return app;
    }

    private static bool DoesNotPark(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<Parks>() is null;

    // Weaker than every other setting. The host's own lines about each request bring an activity and a logging scope along, held
    // for as long as the request is parked; whoever traces gets activities all the same. A scope of each connection would be held
    // too: 230 bytes that no line of ours shows.
    private static MemoryConfigurationSource Defaults => new()
    {
        InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None"), new("Logging:CaptureScopes", "false")],
    };

    private static void AddServices(WebApplicationBuilder builder, bool sandbox)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SelfAddress>();
        services.AddSingleton<IHttpContextFactory, SecretKeepingContextFactory>();
        services.AddProblemResponses();
        services.AddAccessRules();
        services.AddNetworkRules(configuration);
        services.AddApiDescription();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<SandboxSettings>(options => options.Enabled = sandbox);
        services.Configure<LongPollOptions>(configuration.GetSection("LongPoll"));
        services.Configure<SecurityOptions>(configuration.GetSection("Security"));
        services.Configure<RetentionOptions>(configuration.GetSection("Retention"));
        services.Configure<AdminOptions>(configuration.GetSection("Admin"));
        services.Configure<JobsOptions>(configuration.GetSection("Jobs"));
        services.PostConfigure<JobsOptions>(options => options.CronSecret = string.IsNullOrEmpty(options.CronSecret) ? configuration["CRON_SECRET"] : options.CronSecret);
        services.Configure<OrdersOptions>(configuration.GetSection("Orders"));
        services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.GetValue("LongPoll:DrainTime", new LongPollOptions().DrainTime) + TimeSpan.FromSeconds(20));
        if (string.IsNullOrEmpty(configuration["ASPNETCORE_URLS"]) && string.IsNullOrEmpty(configuration["urls"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        if (builder.Environment.IsDevelopment())
        {
            services.AddDevelopmentDefaults();
        }

        services.AddStorage(configuration, builder.Environment);
        services.AddStatusBus(configuration);

        // The core.
        services.AddSingleton<PaymentMetrics>();
        services.AddSingleton<PaymentsUnderWay>();
        services.AddSingleton<SettlePayment>();
        services.AddBackground<Announcements>();
        services.AddSingleton<OutboxSignals>();
        services.AddSingleton<DoorLoad>();
        services.AddBackground<OutboxWorker>();

        // The providers.
        services.AddProviders(configuration, sandbox);
        services.AddSingleton<IOutboxHandler>(s => s.GetRequiredService<AskProvider>());
        services.AddSingleton<IOutboxHandler>(s => s.GetRequiredService<AskRefund>());

        // The flows.
        services.AddSingleton<OrderRules>();
        services.AddSingleton<CreateOrder>();
        services.AddSingleton<ChargeBuyer>();
        services.AddSingleton<RetryPayment>();
        services.AddSingleton<VerifyPayment>();
        services.AddSingleton<WaitMetrics>();
        services.AddSingleton<Waiters>();
        services.AddSingleton<IStatusListener>(s => s.GetRequiredService<Waiters>());
        services.AddSingleton<WaitDeadlines>();
        services.AddSingleton<WaitForOrder>();
        services.AddSingleton<WaitEndpoint>();
        services.AddBackground<ParkedOrdersSweep>();
        services.AddHostedService<Drain>();
        services.AddSingleton<ReceiveCallback>();
        services.AddBackground<MatchCallbacks>();
        services.AddBackground<Reconcile>();
        services.AddSingleton<IJob>(s => s.GetRequiredService<Reconcile>());
        services.AddSingleton<JobPlans>();
        services.AddSingleton<JobRunner>();
        services.AddBackground<JobScheduler>();
        services.AddBackground<Purge>();
        services.AddSingleton<MoneyInbox>();
        services.AddLinks();
        services.AddFulfilment(configuration);
        services.AddMails(configuration);
        services.AddSingleton<MarkRefund>();
        if (sandbox)
        {
            SandboxHosting.AddSandboxServices(services);
        }
    }

    private static void MapEndpoints(WebApplication app, bool sandbox)
    {
        app.MapOrders();
        app.MapWaiting();
        app.MapLinks();
        app.MapLinkPages();
        app.MapCallbacks();
        app.MapWallet();
        app.MapGate();
        app.MapAdmin();
        app.MapJobs();
        app.MapCustomers();
        app.MapHealth();
        app.MapApiDescription();
        if (app.Environment.IsDevelopment())
        {
            app.MapDemoShop();
        }

        if (sandbox)
        {
            SandboxHosting.MapSandboxRoutes(app);
        }
    }

    private static void AddBackground<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(s => s.GetRequiredService<T>());
    }

    // Run from source it is a development build unless somebody says otherwise; a published build has no sandbox and
    // starts in Production, which refuses unsafe settings.
    private static string? DefaultEnvironment(string[] args)
    {
        var named = new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args).Build()["environment"];
        return named ?? (SandboxHosting.Included ? Environments.Development : null);
    }
}
