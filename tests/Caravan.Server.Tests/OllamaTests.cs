using System.Text.Json;

namespace Caravan.Server.Tests;

public sealed class OllamaTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Options = "\"options\":{\"num_predict\":6,\"temperature\":0,\"top_k\":5,\"seed\":1}";

    [Fact]
    public async Task AChatComesInLines()
    {
        string asked = $"{{\"model\":\"tiny:latest\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}],\"ignore_eos\":true,{Options}";
        List<JsonElement> lines = await server.LinesAsync("/api/chat", asked + "}");
        JsonElement whole = await server.PostAsync("/api/chat", asked + ",\"stream\":false}");
        Assert.Equal(whole.GetProperty("message").GetProperty("content").GetString(), string.Concat(lines.Select(line => line.GetProperty("message").GetProperty("content").GetString())));
        Assert.All(lines.SkipLast(1), line => Assert.False(line.GetProperty("done").GetBoolean()));
        foreach (JsonElement end in (JsonElement[])[lines[^1], whole])
        {
            Assert.True(end.GetProperty("done").GetBoolean());
            Assert.Equal("length", end.GetProperty("done_reason").GetString());
            Assert.Equal(6, end.GetProperty("eval_count").GetInt32());
            Assert.True(end.GetProperty("total_duration").GetInt64() >= end.GetProperty("eval_duration").GetInt64());
            Assert.True(end.GetProperty("prompt_eval_count").GetInt32() > 0);
            Assert.Equal("assistant", end.GetProperty("message").GetProperty("role").GetString());
        }
    }

    [Fact]
    public async Task APromptIsAnsweredOrContinued()
    {
        List<JsonElement> lines = await server.LinesAsync("/api/generate", $"{{\"model\":\"tiny\",\"prompt\":\"Hello\",\"system\":\"Be brief.\",\"ignore_eos\":true,{Options}}}");
        Assert.All(lines, line => Assert.Equal(JsonValueKind.String, line.GetProperty("response").ValueKind));
        JsonElement raw = await server.PostAsync("/api/generate", $"{{\"model\":\"tiny\",\"prompt\":\"Hello\",\"raw\":true,\"stream\":false,\"ignore_eos\":true,{Options}}}");
        JsonElement same = await server.PostAsync("/v1/completions", "{\"prompt\":\"Hello\",\"max_tokens\":6,\"temperature\":0,\"ignore_eos\":true}");
        Assert.Equal(same.GetProperty("choices")[0].GetProperty("text").GetString(), raw.GetProperty("response").GetString());
        JsonElement gap = await server.PostAsync("/api/generate", $"{{\"model\":\"tiny\",\"prompt\":\"a\",\"suffix\":\"b\",\"stream\":false,{Options}}}");
        Assert.Equal(5, gap.GetProperty("prompt_eval_count").GetInt32());
    }

    [Fact]
    public async Task ModelsAreShown()
    {
        JsonElement model = Assert.Single((await server.GetAsync("/api/tags")).GetProperty("models").EnumerateArray());
        Assert.Equal("tiny", model.GetProperty("name").GetString());
        Assert.Equal(64, model.GetProperty("digest").GetString()!.Length);
        JsonElement page = await server.PostAsync("/api/show", "{\"name\":\"tiny\"}");
        Assert.Equal("llama", page.GetProperty("details").GetProperty("family").GetString());
        Assert.Equal(512, page.GetProperty("model_info").GetProperty("llama.context_length").GetInt32());
        Assert.Contains("insert", page.GetProperty("capabilities").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal("tiny", (await server.GetAsync("/api/ps")).GetProperty("models")[0].GetProperty("model").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", (await server.GetAsync("/api/version")).GetProperty("version").GetString());
    }

    [Fact]
    public async Task TextsHaveVectors()
    {
        JsonElement answer = await server.PostAsync("/api/embed", "{\"model\":\"tiny\",\"input\":[\"a\",\"b\"]}");
        Assert.Equal(2, answer.GetProperty("embeddings").GetArrayLength());
        JsonElement one = await server.PostAsync("/api/embeddings", "{\"model\":\"tiny\",\"prompt\":\"a\"}");
        Assert.Equal(answer.GetProperty("embeddings")[0].GetArrayLength(), one.GetProperty("embedding").GetArrayLength());
    }

    [Fact]
    public async Task ErrorsAreASentence()
    {
        JsonElement unknown = await server.PostAsync("/api/chat", "{\"model\":\"other\",\"messages\":[]}", 404);
        Assert.Equal(JsonValueKind.String, unknown.GetProperty("error").ValueKind);
        await server.PostAsync("/api/chat", "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"options\":{\"top_p\":2}}", 400);
    }

    [Fact]
    public async Task AModelIsLoadedAndUnloadedByARequestWithoutAPrompt()
    {
        JsonElement loaded = await server.PostAsync("/api/generate", "{\"model\":\"tiny\"}");
        Assert.Equal("load", loaded.GetProperty("done_reason").GetString());
        JsonElement unloaded = await server.PostAsync("/api/chat", "{\"model\":\"tiny\",\"messages\":[],\"keep_alive\":0}");
        Assert.Equal("unload", unloaded.GetProperty("done_reason").GetString());
        await server.PostAsync("/api/generate", "{\"model\":\"tiny\"}");
    }
}
