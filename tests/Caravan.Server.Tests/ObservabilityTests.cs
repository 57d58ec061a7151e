using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Inference;

namespace Caravan.Server.Tests;

public sealed class ObservabilityTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Gauge = "caravan_pages_used{gen_ai_provider_name=\"caravan\",gen_ai_request_model=\"twice\"}";

    [Fact]
    public async Task MetricsAreInPrometheusText()
    {
        await server.PostAsync("/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":5,\"ignore_eos\":true}");
        await server.RefusedAsync("/v1/chat/completions", "{\"messages\":[]}");
        string text = await server.Http.GetStringAsync("/metrics");
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches("^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{([a-z_]+=\"([^\"\\\\]|\\\\.)*\",?)+\\})? -?[0-9.E+-]+)$", line);
        Assert.Contains("# TYPE gen_ai_server_time_to_first_token_seconds histogram", text);
        Assert.Contains("# TYPE caravan_tokens_generated_total counter", text);
        Assert.Contains("# TYPE caravan_pages_used gauge", text);
        Assert.Matches("gen_ai_server_request_duration_seconds_count\\{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"caravan\",gen_ai_request_model=\"tiny\",error_type=\"empty_array\"\\} [1-9]", text);
        // Buckets count upwards, and the last one counts all.
        long[] buckets = [.. Regex.Matches(text, "^gen_ai_server_time_to_first_token_seconds_bucket\\{.*le=\"([^\"]+)\"\\} (\\d+)$", RegexOptions.Multiline).Select(match => long.Parse(match.Groups[2].Value)).Take(19)];
        Assert.Equal(buckets.Order(), buckets);
        Assert.True(buckets[^1] > 0);
    }

    [Fact]
    public void AGaugeStaysWhileOneOfTwoWithItsLabelsIsThere()
    {
        using PrometheusExposition exposition = new();
        using EngineMetrics stays = new("twice", () => new EngineStatus());
        using (EngineMetrics goes = new("twice", () => new EngineStatus())) Assert.Contains(Gauge, exposition.Write(), StringComparison.Ordinal);
        Assert.Contains(Gauge, exposition.Write(), StringComparison.Ordinal);
        stays.Dispose();
        Assert.DoesNotContain(Gauge, exposition.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequestIsASpan()
    {
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == ServerMetrics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans) spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        string mark = "tiny";
        await server.PostAsync("/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":7,\"ignore_eos\":true}");
        Activity span;
        lock (spans) span = spans.Find(one => one.GetTagItem("gen_ai.usage.output_tokens") is 7)!;
        Assert.Equal($"chat {mark}", span.OperationName);
        Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal(mark, span.GetTagItem("gen_ai.request.model"));
        Assert.Equal(["length"], (string[])span.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.True((int)span.GetTagItem("gen_ai.usage.input_tokens")! > 0);
    }

    [Fact]
    public async Task UnknownAddressesAreErrorsOfTheApi()
    {
        using HttpResponseMessage unknown = await server.Http.GetAsync("/v1/nothing");
        Assert.Equal(404, (int)unknown.StatusCode);
        Assert.Contains("unknown_url", await unknown.Content.ReadAsStringAsync());
        using HttpResponseMessage method = await server.Http.GetAsync("/v1/chat/completions");
        Assert.Equal(405, (int)method.StatusCode);
        Assert.Contains("method_not_allowed", await method.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task TheDocumentListsEveryAddress()
    {
        JsonElement document = await server.GetAsync("/openapi.json");
        IEnumerable<string> listed = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(server.Server.Addresses.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }
}
