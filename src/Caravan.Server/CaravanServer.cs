using System.Net;
using Caravan.Inference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Caravan.Server;

/// <summary>
/// Models behind HTTP: OpenAI's API, what Ollama's clients need of its API, and a web page. Nothing outside the options, such as environment
/// variables or settings files, has a say.
/// </summary>
internal sealed class CaravanServer : IAsyncDisposable
{
    private readonly ServerOptions options;
    private readonly WebApplication app;
    private readonly ModelHost host;
    private bool stopped;

    private CaravanServer(ServerOptions options)
    {
        this.options = options;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        builder.Services.AddRoutingCore();
        if (options.Log is { } log) builder.Logging.AddProvider(new LineLog(log)).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddCors();
        AddServices(builder.Services);
        app = builder.Build();
        // Keys are read and models found now, so that what is wrong with them is told at once.
        _ = app.Services.GetRequiredService<Doorman>();
        _ = app.Services.GetRequiredService<PrometheusExposition>();
        _ = app.Services.GetRequiredService<ServerClock>();
        host = app.Services.GetRequiredService<ModelHost>();
        Use<AccessLog>((log, context, next) => log.RunAsync(context, next));
        app.Use(next => context => SecurityHeaders.RunAsync(context, next));
        Use<ErrorAnswers>((errors, context, next) => errors.RunAsync(context, next));
        Use<HostGuard>((guard, context, next) => guard.RunAsync(context, next));
        if (options.CorsOrigins.Count > 0)
            app.UseCors(policy => _ = (options.CorsOrigins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins([.. options.CorsOrigins])).AllowAnyHeader().WithMethods("GET", "POST"));
        Use<Draining>((draining, context, next) => draining.RunAsync(context, next));
        Use<WebPage>((page, context, next) => page.RunAsync(context, next));
        Use<Doorman>((doorman, context, next) => doorman.RunAsync(context, next));
        app.UseRouting();
        Routes.Map(app);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:8080</c>.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLocal => options.Host == "localhost" || (IPAddress.TryParse(options.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>The names of its models and of their adapters.</summary>
    public IReadOnlyList<string> ModelIds => [.. host.Slots.Select(slot => slot.Source.Id), .. host.Adapters];

    /// <summary>What the API can be asked, such as <c>GET /v1/models</c>.</summary>
    internal IEnumerable<string> Addresses => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint =>
        $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single()} {endpoint.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal)}");

    /// <summary>Its models.</summary>
    internal ModelHost Models => host;

    /// <summary>Begins to listen. The default model is loaded by <see cref="LoadAsync"/>.</summary>
    /// <exception cref="CaravanException">The address cannot be listened at, or an option is wrong.</exception>
    public static async Task<CaravanServer> StartAsync(ServerOptions options)
    {
        CaravanServer server = new(options);
        try
        {
            await server.app.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new CaravanException($"The server cannot listen at {options.Host}, port {options.Port}: {(exception.InnerException ?? exception).Message}", exception);
        }
    }

    /// <summary>Loads the default model, if there is one.</summary>
    /// <exception cref="CaravanException">It cannot be loaded.</exception>
    public async Task LoadAsync(CancellationToken cancellation = default)
    {
        if (host.DefaultId is not { } id) return;
        try
        {
            using ModelLease lease = await host.LeaseAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (ApiException exception)
        {
            throw new CaravanException(exception.Message, exception);
        }
    }

    /// <summary>Takes no more requests, lets those that run end within <see cref="ServerOptions.DrainTime"/>, and stops.</summary>
    public async Task StopAsync()
    {
        if (stopped) return;
        stopped = true;
        await app.Services.GetRequiredService<Draining>().DrainAsync(options.DrainTime).ConfigureAwait(false);
        // What still runs is told why it ends, and has a moment to tell its client.
        await Task.Run(host.Dispose).ConfigureAwait(false);
        using CancellationTokenSource moment = new(TimeSpan.FromSeconds(2));
        await app.StopAsync(moment.Token).ConfigureAwait(false);
    }

    /// <summary>Stops at once, if need be, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        host.Dispose();
        await app.DisposeAsync().ConfigureAwait(false);
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.BodyLimit;
        if (options.Host is "localhost" && options.Port != 0) kestrel.ListenLocalhost(options.Port);
        else if (options.Host is "*" or "+") kestrel.ListenAnyIP(options.Port);
        else kestrel.Listen(Address(options.Host), options.Port);

        static IPAddress Address(string host) => host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host, out IPAddress? address) ? address
            : throw new CaravanException($"'{host}' is no address to listen at; take an IP address, localhost, or * for all.");
    }

    private void AddServices(IServiceCollection services)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ModelHost>();
        services.AddSingleton<GrammarCache>();
        services.AddSingleton<ServerClock>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<PrometheusExposition>();
        services.AddSingleton<AccessLog>();
        services.AddSingleton<ErrorAnswers>();
        services.AddSingleton<Draining>();
        services.AddSingleton<Doorman>();
        services.AddSingleton<HostGuard>();
        services.AddSingleton<WebPage>();
    }

    private void Use<T>(Func<T, HttpContext, RequestDelegate, Task> run)
        where T : notnull
    {
        T step = app.Services.GetRequiredService<T>();
        app.Use(next => context => run(step, context, next));
    }
}
