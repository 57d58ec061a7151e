using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Caravan.Server.Tests;

public sealed class LifecycleTests
{
    private const string Endless = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":200,\"ignore_eos\":true,\"stream\":true}";

    [Fact]
    public async Task WhoeverGoesFreesTheirPages()
    {
        const int Many = 20_000;
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { Engine = options.Engine with { ContextLength = 2 * Many, CacheTokens = 8 * Many } });
        for (int i = 0; i < 4; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Endless.Replace("200", $"{Many}", StringComparison.Ordinal)) };
            using HttpResponseMessage answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using Stream stream = await answer.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[10]);
        }

        // Nobody waits any more for an answer that would have come whole.
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Http.PostAsync("/v1/completions", new StringContent($"{{\"prompt\":\"a\",\"max_tokens\":{Many},\"ignore_eos\":true}}"), patience.Token));
        await server.RequireIdleAsync();
        Assert.True(server.Engine.Status.GeneratedTokens < 5 * Many);
    }

    [Fact]
    public async Task ManyClientsLeaveNothingBehind()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(client => Task.Run(async () =>
        {
            for (int round = 0; round < 3; round++)
            {
                List<JsonElement> events = await server.EventsAsync("/v1/chat/completions", $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{client} asks\"}}],\"max_tokens\":20,\"ignore_eos\":true,\"stream\":true,\"stream_options\":{{\"include_usage\":true}}}}");
                Assert.Equal(20, events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
            }
        })));
        await server.RequireIdleAsync();
    }

    [Fact]
    public async Task AFullQueueSaysWhenToComeBack()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { QueueLength = 0, Engine = options.Engine with { Sequences = 1 } });
        using HttpResponseMessage answer = await server.Http.PostAsync("/v1/chat/completions", new StringContent(Endless));
        Assert.Equal(429, (int)answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("rate_limit_exceeded", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task AServerThatStopsLetsAnswersEndAndTakesNoMore()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Endless) };
        using HttpResponseMessage running = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Task stop = server.Server.StopAsync();
        // The answer may have ended before the next question comes.
        try
        {
            using HttpResponseMessage refused = await server.Http.PostAsync("/v1/chat/completions", new StringContent(Endless));
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.Contains("server_shutting_down", await refused.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
        }

        Assert.EndsWith("data: [DONE]\n\n", await running.Content.ReadAsStringAsync());
        await stop;
    }

    [Fact]
    public async Task WhatDoesNotEndInTimeIsToldSo()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { DrainTime = TimeSpan.Zero });
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Endless.Replace("200", "250", StringComparison.Ordinal).Replace("}],", "}],\"n\":8,", StringComparison.Ordinal)) };
        using HttpResponseMessage running = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using Stream stream = await running.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[10]);
        await server.Server.StopAsync();
        using StreamReader reader = new(stream);
        string rest = await reader.ReadToEndAsync();
        Assert.True(rest.Contains("\"error\"", StringComparison.Ordinal) || rest.EndsWith("[DONE]\n\n", StringComparison.Ordinal), rest[Math.Max(0, rest.Length - 300)..]);
    }

    [Fact]
    public async Task ASlowReaderHoldsUpNobody()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        using TcpClient slow = new("127.0.0.1", new Uri(server.Address).Port) { ReceiveBufferSize = 1024 };
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Endless.Length}\r\n\r\n{Endless}"));
        for (int i = 0; i < 5; i++) await server.PostAsync("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":5,\"ignore_eos\":true}");
        await server.RequireIdleAsync();
    }

    [Fact]
    public async Task AThousandConnectionsAreServed()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        TcpClient[] clients = [.. await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            TcpClient client = new();
            await client.ConnectAsync("127.0.0.1", new Uri(server.Address).Port);
            return client;
        }))];
        try
        {
            await server.PostAsync("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":5}");
            foreach (TcpClient client in clients) await client.GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            foreach (TcpClient client in clients)
            {
                byte[] answer = new byte[12];
                await client.GetStream().ReadExactlyAsync(answer);
                Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(answer));
            }
        }
        finally
        {
            foreach (TcpClient client in clients) client.Dispose();
        }
    }

    [Fact]
    public async Task PriorityAndDeadlineReachTheEngine()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { Engine = options.Engine with { Sequences = 1 } });
        Task<JsonElement>[] waiting = [.. Enumerable.Range(0, 6).Select(i => server.PostAsync("/v1/completions", $"{{\"prompt\":\"{i}\",\"max_tokens\":60,\"ignore_eos\":true}}"))];
        await server.RefusedAsync("/v1/completions", "{\"prompt\":\"b\",\"max_tokens\":200,\"ignore_eos\":true,\"deadline_ms\":1,\"priority\":5}", 408);
        await server.PostAsync("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":1,\"priority\":-1}");
        await Task.WhenAll(waiting);
        await server.RequireIdleAsync();
    }

    [Fact]
    public async Task ReadinessFollowsTheModel()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        Assert.Equal("ok", (await server.GetAsync("/health")).GetProperty("status").GetString());
        Assert.Equal("ok", (await server.GetAsync("/ready")).GetProperty("status").GetString());
        await server.PostAsync("/api/generate", "{\"model\":\"tiny\",\"keep_alive\":0}");
        Assert.Equal(503, (int)(await server.Http.GetAsync("/ready")).StatusCode);
    }

    [Fact]
    public async Task ATakenPortIsASentence()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        CaravanException refused = await Assert.ThrowsAsync<CaravanException>(() => CaravanServer.StartAsync(new ServerOptions { ModelPath = Path.Combine(server.Folder, "tiny"), Port = new Uri(server.Address).Port }));
        Assert.Contains("cannot listen", refused.Message);
        await Assert.ThrowsAsync<CaravanException>(() => CaravanServer.StartAsync(new ServerOptions { Host = "no address" }));
        await using CaravanServer broken = await CaravanServer.StartAsync(new ServerOptions { ModelPath = "/nowhere/model.gguf", Port = 0 });
        Assert.Contains("could not be loaded", (await Assert.ThrowsAsync<CaravanException>(() => broken.LoadAsync())).Message);
    }
}
