using System.Text.Json;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class StoriesTests
{
    private static readonly string Llama2c = Fixtures.PathOf("real", "tok512.bin");
    private static readonly string SentencePiece = Fixtures.PathOf("real", "stories260K-hf", "tokenizer.model");

    private static IEnumerable<(string Text, int[] Ids)> Cases()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json")));
        foreach (JsonElement item in document.RootElement.GetProperty("tokenizer_encode_cases").EnumerateArray())
            yield return (item.GetProperty("text").GetString()!, [.. item.GetProperty("tokens_with_bos").EnumerateArray().Select(id => id.GetInt32())]);
    }

    private static void AssertCases(Tokenizer tokenizer)
    {
        Assert.Equal(6, Cases().Count());
        foreach ((string text, int[] ids) in Cases())
        {
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(ids[1..], tokenizer.Encode(text, addSpecial: false));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [FixtureFact]
    public void Tokenizer_bin_gives_the_ids_of_llama2c() => AssertCases(Tokenizer.Load(Llama2c));

    [FixtureFact]
    public void Tokenizer_model_gives_the_ids_of_llama2c() => AssertCases(Tokenizer.Load(SentencePiece));

    [FixtureTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Written_gguf_and_json_give_the_ids_of_llama2c(bool llama2c)
    {
        Tokenizer tokenizer = Tokenizer.Load(llama2c ? Llama2c : SentencePiece);
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        AssertCases(Tokenizer.FromGguf(metadata));
        using TemporaryFolder folder = new();
        tokenizer.SaveTo(folder.Path);
        AssertCases(Tokenizer.Load(folder.Path));
    }

    [FixtureFact]
    public void Greedy_continuation_decodes_to_the_golden_text()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json")));
        JsonElement run = document.RootElement.GetProperty("from_bos");
        int[] ids = [1, .. run.GetProperty("greedy_64").EnumerateArray().Select(id => id.GetInt32())];
        Assert.Equal(run.GetProperty("text").GetString(), Tokenizer.Load(Llama2c).Decode(ids));
    }
}
