using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Server.Tests;

public sealed class ModelTests
{
    [Fact]
    public async Task ModelsSayWhatTheyAre()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, _) => options);
        JsonElement list = await server.GetAsync("/v1/models");
        Assert.Equal("list", list.GetProperty("object").GetString());
        JsonElement model = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(("tiny", "model", "caravan"), (model.GetProperty("id").GetString(), model.GetProperty("object").GetString(), model.GetProperty("owned_by").GetString()));
        JsonElement facts = model.GetProperty("caravan");
        Assert.Equal(("llama", "decoder", 512, 512, 2, 64), (
            facts.GetProperty("family").GetString(), facts.GetProperty("architecture").GetString(), facts.GetProperty("context_length").GetInt32(),
            facts.GetProperty("trained_context_length").GetInt32(), facts.GetProperty("layers").GetInt32(), facts.GetProperty("hidden_size").GetInt32()));
        Assert.True(facts.GetProperty("loaded").GetBoolean());
        Assert.True(facts.GetProperty("memory").GetProperty("pages").GetInt64() > 0);
        Assert.True(facts.GetProperty("supports").GetProperty("fill_in_the_middle").GetBoolean());
        Assert.Equal(model.ToString(), (await server.GetAsync("/v1/models/tiny")).ToString());
        Assert.Equal(404, (int)(await server.Http.GetAsync("/v1/models/org/other")).StatusCode);
        JsonElement status = (await server.GetAsync("/v1/status")).GetProperty("models")[0];
        Assert.Equal(("tiny", 0), (status.GetProperty("id").GetString(), status.GetProperty("running").GetInt32()));
    }

    [Fact]
    public async Task AdaptersAreCalledLikeModels()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, folder) =>
        {
            foreach ((string name, double scale) in ((string, double)[])[("first", 3), ("second", 5)]) TinyAdapter.Write(folder.File(name), layers: 2, scale);
            return options with { Adapters = [new Models.AdapterSource(folder.File("first")), new Models.AdapterSource(folder.File("second"), "renamed")] };
        });
        Assert.Equal(["tiny", "first", "renamed"], server.Server.ModelIds);
        JsonElement[] models = [.. (await server.GetAsync("/v1/models")).GetProperty("data").EnumerateArray()];
        Assert.Equal(["tiny", "first", "renamed"], models.Select(model => model.GetProperty("id").GetString()));
        Assert.False(models[0].TryGetProperty("parent", out _));
        Assert.Equal("tiny", models[2].GetProperty("parent").GetString());
        string[] names = ["tiny", "first", "renamed", "first", "tiny"];
        JsonElement[] answers = await Task.WhenAll(names.Select(name => server.PostAsync("/v1/completions", $$"""{"model":"{{name}}","prompt":"the {","max_tokens":12,"temperature":0,"ignore_eos":true}""")));
        Assert.Equal(names, answers.Select(answer => answer.GetProperty("model").GetString()));
        string[] texts = [.. answers.Select(answer => answer.GetProperty("choices")[0].GetProperty("text").GetString()!)];
        Assert.Equal((texts[0], texts[1]), (texts[4], texts[3]));
        Assert.Equal(3, texts.Distinct().Count());
        double[] scores = [.. await Task.WhenAll(((string[])["tiny", "renamed"]).Select(async name => (await server.PostAsync("/v1/completions", $$"""{"model":"{{name}}","prompt":"the {","max_tokens":1,"echo":true,"logprobs":0}"""))
            .GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs")[1].GetDouble()))];
        Assert.NotEqual(scores[0], scores[1]);
        Assert.Equal("unsupported_operation", (await server.RefusedAsync("/v1/embeddings", "{\"model\":\"first\",\"input\":\"a\"}")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task TwoModelsTakeTurnsInABudgetForOne()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, folder) =>
        {
            foreach (string name in (string[])["one", "two"]) TinyLlama.Write(folder.File($"models/{name}"));
            Directory.CreateDirectory(folder.File("models/broken"));
            File.WriteAllText(folder.File("models/broken/config.json"), "{}");
            return options with { ModelPath = null, ModelsFolder = folder.File("models") };
        });
        Assert.Equal(["broken", "one", "two"], server.Server.ModelIds);
        await AskAsync(server, "one");
        long bytes = server.Server.Models.Find("one")!.KnownBytes;

        await using RunningServer small = await RunningServer.StartAsync((options, _) => options with { ModelPath = null, ModelsFolder = Path.Combine(server.Folder, "models"), MemoryBudget = bytes * 3 / 2 });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => AskAsync(small, i % 2 == 0 ? "one" : "two")));
        Assert.True(small.Server.Models.Slots.Count(slot => slot.Loaded is not null) <= 1);
        Assert.Equal("model_load_failed", (await small.RefusedAsync("/v1/completions", "{\"model\":\"broken\",\"prompt\":\"a\"}", 500)).GetProperty("code").GetString());
        await AskAsync(small, "one");

        await using RunningServer tooSmall = await RunningServer.StartAsync((options, _) => options with { ModelPath = null, ModelsFolder = Path.Combine(server.Folder, "models"), MemoryBudget = bytes / 2 });
        Assert.Equal("model_too_large", (await tooSmall.RefusedAsync("/v1/completions", "{\"model\":\"one\",\"prompt\":\"a\"}", 503)).GetProperty("code").GetString());
        Assert.DoesNotContain(tooSmall.Server.Models.Slots, slot => slot.Loaded is not null);
        Assert.Equal("missing_required_parameter", (await tooSmall.RefusedAsync("/v1/completions", "{\"prompt\":\"a\"}")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task FilesThatComeAndGoAreSeen()
    {
        await using RunningServer server = await RunningServer.StartAsync((options, folder) =>
        {
            Directory.CreateDirectory(folder.File("models"));
            return options with { ModelsFolder = folder.File("models") };
        });
        TinyLlama.Write(Path.Combine(server.Folder, "models", "late"));
        await AskAsync(server, "late");
        // A model that is in use goes on without its files.
        Directory.Delete(Path.Combine(server.Folder, "models", "late"), recursive: true);
        await AskAsync(server, "late");
        await server.PostAsync("/api/generate", "{\"model\":\"late\",\"keep_alive\":0}");
        await server.RefusedAsync("/v1/completions", "{\"model\":\"late\",\"prompt\":\"a\"}", server.Server.ModelIds.Contains("late") ? 500 : 404);
        await AskAsync(server, "tiny");
    }

    [Fact]
    public void FoldersAndFilesAreNamedAndLaterPartsAreNot()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["a.gguf", "b.safetensors", "b.gguf", "c-00001-of-00002.gguf", "c-00002-of-00002.gguf", "notes.txt", "tokenizer.bin"]) folder.Write(name, "x"u8);
        Directory.CreateDirectory(folder.File("empty"));
        Directory.CreateDirectory(folder.File("inside"));
        folder.Write("inside/d.gguf", "x"u8);
        Assert.Equal(["a", "b.gguf", "b.safetensors", "c-00001-of-00002", "d"], ModelSource.In(folder.Path).Select(source => source.Id));
        Assert.Throws<CaravanException>(() => ModelSource.In(folder.File("nowhere")));
    }

    private static Task<JsonElement> AskAsync(RunningServer server, string model) => server.PostAsync("/v1/completions", $"{{\"model\":\"{model}\",\"prompt\":\"a\",\"max_tokens\":3}}");
}
