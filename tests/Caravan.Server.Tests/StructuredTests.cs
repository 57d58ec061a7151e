using System.Text.Json;

namespace Caravan.Server.Tests;

public sealed class StructuredTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":100";
    private const string Schema = "{\"type\":\"object\",\"properties\":{\"name\":{\"enum\":[\"ann\",\"bob\"]},\"ok\":{\"type\":\"boolean\"}},\"required\":[\"name\",\"ok\"],\"additionalProperties\":false}";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ASchemaIsKept(int seed)
    {
        string asked = $"{{{Messages},\"seed\":{seed},\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"person\",\"schema\":{Schema}}}}}";
        JsonElement choice = (await server.PostAsync("/v1/chat/completions", asked + "}")).GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        JsonElement person = JsonDocument.Parse(choice.GetProperty("message").GetProperty("content").GetString()!).RootElement;
        Assert.Contains(person.GetProperty("name").GetString(), (string[])["ann", "bob"]);
        Assert.True(person.GetProperty("ok").ValueKind is JsonValueKind.True or JsonValueKind.False);
        List<JsonElement> events = await server.EventsAsync("/v1/chat/completions", asked + ",\"stream\":true}");
        string streamed = string.Concat(events.Select(next => next.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement text) ? text.GetString() : ""));
        Assert.Equal(choice.GetProperty("message").GetProperty("content").GetString(), streamed);
    }

    [Fact]
    public async Task AGrammarAndAPatternAreKept()
    {
        JsonElement grammar = await server.PostAsync("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":50,\"grammar\":\"root ::= \\\"yes\\\" | \\\"no\\\"\"}");
        Assert.Contains(grammar.GetProperty("choices")[0].GetProperty("text").GetString(), (string[])["yes", "no"]);
        JsonElement pattern = await server.PostAsync("/v1/chat/completions", $"{{{Messages},\"regex\":\"[0-9]{{3}}-[a-f]{{2}}\"}}");
        Assert.Matches("^[0-9]{3}-[a-f]{2}$", pattern.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        JsonElement ollama = await server.PostAsync("/api/chat", $"{{\"model\":\"tiny\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}],\"stream\":false,\"format\":{Schema}}}");
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(ollama.GetProperty("message").GetProperty("content").GetString()!).RootElement.ValueKind);
    }

    [Theory]
    [InlineData("\"grammar\":\"root ::= (\"", "grammar")]
    [InlineData("\"regex\":\"(a\"", "regex")]
    [InlineData("\"grammar\":\"root ::= \\\"a\\\"\",\"regex\":\"a\"", "regex")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"nothing\"}}}", "response_format")]
    public async Task AFormThatIsNoneIsNamed(string field, string param) =>
        Assert.Equal(param, (await server.RefusedAsync("/v1/chat/completions", $"{{{Messages},{field}}}")).GetProperty("param").GetString());
}
