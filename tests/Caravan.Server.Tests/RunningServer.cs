using System.Text;
using System.Text.Json;
using Caravan.Inference;
using Caravan.Testing;

namespace Caravan.Server.Tests;

/// <summary>A server of a tiny random model called <c>tiny</c>, on a free port.</summary>
public sealed class RunningServer : IAsyncLifetime, IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Func<ServerOptions, TemporaryFolder, ServerOptions> change;
    private CaravanServer? server;

    /// <summary>A server as most tests want it.</summary>
    public RunningServer()
        : this((options, _) => options)
    {
    }

    internal RunningServer(Func<ServerOptions, TemporaryFolder, ServerOptions> change) => this.change = change;

    /// <summary>Talks to it.</summary>
    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Where it is.</summary>
    public string Address => server!.Address;

    internal CaravanServer Server => server!;

    /// <summary>The engine of its model.</summary>
    internal Engine Engine => server!.Models.Find("tiny")!.Loaded!.Loop.Engine;

    /// <summary>Its log.</summary>
    public StringWriter Log { get; } = new();

    /// <summary>Where its models are.</summary>
    public string Folder => folder.Path;

    internal static async Task<RunningServer> StartAsync(Func<ServerOptions, TemporaryFolder, ServerOptions> change)
    {
        RunningServer running = new(change);
        await running.InitializeAsync();
        return running;
    }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        TinyLlama.Write(folder.File("tiny"));
        ServerOptions options = new()
        {
            ModelPath = folder.File("tiny"),
            Port = 0,
            Log = TextWriter.Synchronized(Log),
            DrainTime = TimeSpan.FromSeconds(20),
            Engine = new EngineOptions { Threads = 1, ContextLength = 512, CacheTokens = 4096 },
        };
        server = await CaravanServer.StartAsync(change(options, folder));
        Http.BaseAddress = new Uri(server.Address);
        await server.LoadAsync();
    }

    /// <summary>Sends JSON; the answer has to have a status.</summary>
    public async Task<JsonElement> PostAsync(string path, string body, int status = 200) => JsonDocument.Parse(await PostTextAsync(path, body, status)).RootElement;

    /// <summary>Sends JSON and returns the answer as text; it has to have a status.</summary>
    public async Task<string> PostTextAsync(string path, string body, int status = 200)
    {
        using HttpResponseMessage answer = await Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{path} answered {(int)answer.StatusCode}: {text}");
        return text;
    }

    /// <summary>The error object of a request that has to be refused.</summary>
    public async Task<JsonElement> RefusedAsync(string path, string body, int status = 400) => (await PostAsync(path, body, status)).GetProperty("error");

    /// <summary>Gets JSON.</summary>
    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(path)).RootElement;

    /// <summary>The events of a stream, the last of which has to be the mark of its end.</summary>
    public async Task<List<JsonElement>> EventsAsync(string path, string body)
    {
        string text = await PostTextAsync(path, body);
        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.All(events, line => Assert.StartsWith("data: ", line));
        return [.. events[..^1].Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }

    /// <summary>The lines of a stream.</summary>
    public async Task<List<JsonElement>> LinesAsync(string path, string body) =>
        [.. (await PostTextAsync(path, body)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Waits until nothing runs and no page is used.</summary>
    internal async Task RequireIdleAsync()
    {
        for (int i = 0; i < 1000 && Engine.Status is not { Running: 0, Waiting: 0, PagesUsed: 0 }; i++) await Task.Delay(10);
        Assert.Equal((0, 0, 0), (Engine.Status.Running, Engine.Status.Waiting, Engine.Status.PagesUsed));
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        Http.Dispose();
        if (server is not null) await server.DisposeAsync();
        folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
