using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Every JSON document has exactly the fields that docs/cli.md shows.</summary>
public sealed class DocumentTests
{
    /// <summary>Objects whose keys are data.</summary>
    private static readonly string[] FreeForm = ["metadata", "types", "bytes", "skills"];

    [FixtureTheory]
    [InlineData("generate", "generate {stories} --prompt Once --max-tokens 3 --json --logprobs 2")]
    [InlineData("chat", "chat {stories} --max-tokens 3 --json")]
    [InlineData("info", "info {stories} --json --tensors --metadata --verify")]
    [InlineData("logits", "logits {stories} --json --tokens 1,2,3 --generate 2")]
    [InlineData("tokenize", "tokenize {stories} --json --text Once")]
    [InlineData("detokenize", "detokenize --model {stories} --json 1 403")]
    [InlineData("convert", "convert {stories} {target} --json --type q4_0")]
    [InlineData("quantize", "quantize {stories} {target} --json --type q4_k_m --imatrix {text} --compare {text}")]
    [InlineData("adapter_info", "adapter info {adapter} --model {stories} --json")]
    [InlineData("adapter_merge", "adapter merge {stories} {adapter} {target} --json")]
    [InlineData("bench", "bench {stories} --json --prompt 8 --generate 4 --repeat 1 --threads 2")]
    [InlineData("eval_perplexity", "eval perplexity {text} --model {stories} --json")]
    [InlineData("eval_loss", "eval loss {text} --model {stories} --json")]
    [InlineData("eval_skills", "eval skills {questions} --model caravan-tiny --limit 1 --json")]
    [InlineData("data_synth", "data synth --count 20 --output {target} --json")]
    [InlineData("data_tokenizer", "data tokenizer {text} --vocabulary 280 --output {target} --json")]
    [InlineData("catalog_list", "catalog list --kind moe-model --json")]
    [InlineData("catalog_search", "catalog search dolly --json")]
    [InlineData("catalog_show", "catalog show vicuna --json")]
    [InlineData("error", "info nope --json")]
    public void FieldsAreAsDocumented(string name, string line)
    {
        using TemporaryFolder folder = new();
        string[] words = [.. line.Split(' ').Select(word => word switch { "{stories}" => CliRunner.Stories, "{target}" => folder.File("a.gguf"), "{adapter}" => Adapter(folder), "{questions}" => Questions(folder), "{text}" => folder.Write("text.txt", "Once upon a time, there was a little dog. He liked to run."u8), _ => word })];
        Check(name, CliRunner.RunWithInput("Hello\n", words).Json);
    }

    private static string Questions(TemporaryFolder folder)
    {
        Assert.Equal(0, CliRunner.Run("data", "synth", "--count", "10", "--output", folder.File("questions.jsonl")).ExitCode);
        return folder.File("questions.jsonl");
    }

    private static string Adapter(TemporaryFolder folder)
    {
        TinyAdapter.Write(folder.File("mine"), layers: 5, scale: 1);
        return folder.File("mine");
    }

    [Fact]
    public void EveryVerbIsDocumented()
    {
        Dictionary<string, JsonElement> documented = Documented();
        Assert.Equal(VerbCatalog.Create().Select(verb => verb.FullName.Replace(' ', '_')).Append("error").Order(), documented.Keys.Order());
    }

    /// <summary>Fails unless a document has the fields that are documented under a name.</summary>
    internal static void Check(string name, JsonElement document) => CompareObjects(Documented()[name], document, name);

    private static Dictionary<string, JsonElement> Documented()
    {
        string page = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", "cli.md"));
        return Regex.Matches(page, "```json (\\w+)\n(.*?)```", RegexOptions.Singleline)
            .ToDictionary(match => match.Groups[1].Value, match => JsonDocument.Parse(match.Groups[2].Value).RootElement);
    }

    private static void Compare(JsonElement documented, JsonElement actual, string where)
    {
        // What is null on one side says nothing about the other's form.
        if (documented.ValueKind == JsonValueKind.Null || actual.ValueKind == JsonValueKind.Null) return;
        JsonValueKind Kind(JsonElement element) => element.ValueKind == JsonValueKind.False ? JsonValueKind.True : element.ValueKind;
        Assert.True(Kind(documented) == Kind(actual), $"{where} is {actual.ValueKind}, documented as {documented.ValueKind}");
        if (documented.ValueKind == JsonValueKind.Object && !(FreeForm.Contains(where.Split('.')[^1]))) CompareObjects(documented, actual, where);
        if (documented.ValueKind == JsonValueKind.Array && documented.GetArrayLength() > 0)
            foreach (JsonElement item in actual.EnumerateArray()) Compare(documented[0], item, where + "[]");
    }

    private static void CompareObjects(JsonElement documented, JsonElement actual, string where)
    {
        Assert.Equal(documented.EnumerateObject().Select(field => field.Name), actual.EnumerateObject().Select(field => field.Name));
        foreach (JsonProperty field in documented.EnumerateObject()) Compare(field.Value, actual.GetProperty(field.Name), $"{where}.{field.Name}");
    }
}
