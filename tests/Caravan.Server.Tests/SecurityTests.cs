using System.Net.Http.Headers;
using System.Text;
using Caravan.Testing;

namespace Caravan.Server.Tests;

public sealed class SecurityTests
{
    private const string Question = "{\"messages\":[{\"role\":\"user\",\"content\":\"my secret question\"}],\"max_tokens\":2}";

    [Fact]
    public async Task OnlyAKeyLetsIn()
    {
        string key = "";
        await using RunningServer server = await RunningServer.StartAsync((options, folder) =>
        {
            key = ApiKeyFile.Add(folder.File("keys.json"), "alice");
            ApiKeyFile.Add(folder.File("keys.json"), "bob");
            return options with { ApiKeys = folder.File("keys.json") };
        });
        Assert.DoesNotContain(key, File.ReadAllText(Path.Combine(server.Folder, "keys.json")));
        foreach (string path in (string[])["/v1/models", "/api/tags", "/metrics"])
        {
            using HttpResponseMessage refused = await server.Http.GetAsync(path);
            Assert.Equal(401, (int)refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        foreach (string path in (string[])["/health", "/ready", "/openapi.json"]) (await server.Http.GetAsync(path)).EnsureSuccessStatusCode();
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key + "x");
        Assert.Equal("invalid_api_key", (await server.RefusedAsync("/v1/chat/completions", Question, 401)).GetProperty("code").GetString());
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await server.PostAsync("/v1/chat/completions", Question);
        string log = server.Log.ToString();
        Assert.Contains("alice", log);
        Assert.DoesNotContain("secret", log);
        Assert.DoesNotContain(key, log);
    }

    [Fact]
    public async Task PromptsAreLoggedWhenAsked()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { LogPrompts = true });
        await server.PostAsync("/v1/chat/completions", Question);
        Assert.Contains("my secret question", server.Log.ToString());
    }

    [Fact]
    public async Task AKeyHasItsLimits()
    {
        string key = "";
        await using RunningServer server = await RunningServer.StartAsync((options, folder) =>
        {
            key = ApiKeyFile.Add(folder.File("keys.json"), "alice", requestsPerMinute: 2);
            return options with { ApiKeys = folder.File("keys.json") };
        });
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await server.GetAsync("/v1/models");
        await server.GetAsync("/v1/models");
        using HttpResponseMessage refused = await server.Http.GetAsync("/v1/models");
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("rate_limit_exceeded", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public void LimitsAreOfAMinuteAndOfAMoment()
    {
        ManualTime time = new();
        KeyUsage usage = new(new ApiKey("a", "", RequestsPerMinute: 3, ConcurrentRequests: 2), time);
        usage.Enter();
        usage.Enter();
        Assert.Equal(1, Assert.Throws<ApiException>(usage.Enter).RetryAfter);
        usage.Leave();
        time.Now += TimeSpan.FromSeconds(20);
        usage.Enter();
        usage.Leave();
        Assert.Equal(40, Assert.Throws<ApiException>(usage.Enter).RetryAfter);
        time.Now += TimeSpan.FromSeconds(40);
        usage.Enter();
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"sha256\":\"12\"}]}", "64 hexadecimal digits")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"sha256\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"concurrent_requests\":0}]}", "limit below 1")]
    [InlineData("{}", "no list")]
    public void ABrokenFileOfKeysIsRefused(string content, string expected)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("keys.json", Encoding.UTF8.GetBytes(content));
        Assert.Contains(expected, Assert.Throws<CaravanException>(() => ApiKeyFile.Read(path)).Message);
    }

    [Fact]
    public async Task LargeBodiesAndLongPromptsAreRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { BodyLimit = 1 << 20, PromptLimit = 20 });
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(new byte[10 << 20]) };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage answer = await server.Http.SendAsync(request);
        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Contains("request_too_large", await answer.Content.ReadAsStringAsync());
        string prompt = new('q', 50);
        Assert.Equal("context_length_exceeded", (await server.RefusedAsync("/v1/chat/completions", $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}]}}")).GetProperty("code").GetString());
        Assert.Equal("context_length_exceeded", (await server.RefusedAsync("/v1/completions", $"{{\"prompt\":\"{prompt}\"}}")).GetProperty("code").GetString());
        await server.RequireIdleAsync();
    }

    [Fact]
    public async Task OtherOriginsAreLetInOnlyWhenListed()
    {
        await using RunningServer closed = await RunningServer.StartAsync((options, _) => options);
        await using RunningServer open = await RunningServer.StartAsync((options, _) => options with { CorsOrigins = ["https://example.org"] });
        foreach ((RunningServer server, string origin, bool allowed) in ((RunningServer, string, bool)[])[(closed, "https://example.org", false), (open, "https://example.org", true), (open, "https://example.com", false)])
        {
            using HttpRequestMessage question = new(HttpMethod.Options, "/v1/chat/completions");
            question.Headers.Add("Origin", origin);
            question.Headers.Add("Access-Control-Request-Method", "POST");
            question.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
            using HttpResponseMessage answer = await server.Http.SendAsync(question);
            Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task EveryAnswerHasSafeHeaders()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        foreach (string path in (string[])["/health", "/v1/models", "/nowhere"])
        {
            using HttpResponseMessage answer = await server.Http.GetAsync(path);
            foreach (string header in (string[])["X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "X-Request-Id"]) Assert.True(answer.Headers.Contains(header), header);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1:80", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("llm.example.org", 200)]
    [InlineData("evil.example.com", 403)]
    public async Task NamesThatPointHereFromOutsideAreRefused(string host, int status)
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options with { AllowedHosts = ["llm.example.org"] });
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;
        using HttpResponseMessage answer = await server.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 403) Assert.Contains("\"host_not_allowed\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
