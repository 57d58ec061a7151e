using System.Text.Json;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class RwkvTests
{
    [FixtureFact]
    public void World_vocabulary_gives_the_golden_ids_and_survives_gguf()
    {
        Tokenizer tokenizer = Tokenizer.Load(Fixtures.PathOf("tokenizers", "rwkv-world", "rwkv_vocab_v20230424.txt"));
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        Assert.Equal("rwkv", metadata.String("tokenizer.ggml.model"));
        Tokenizer written = Tokenizer.FromGguf(metadata);
        int count = 0;
        foreach ((string text, int[] ids) in Cases())
        {
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(ids, written.Encode(text));
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.Equal(text, written.Decode(ids));
            count++;
        }

        Assert.Equal(47, count);
        using TemporaryFolder folder = new();
        Assert.EndsWith(
            "holds RWKV's longest-match vocabulary, which a tokenizer.json cannot say; write GGUF instead.",
            Assert.Throws<CaravanException>(() => tokenizer.SaveTo(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_line_is_refused()
    {
        const string expected = "has in line 2 no id, Python literal and number of its bytes, as in RWKV's vocabulary; download the file again.";
        foreach (string line in new[] { "2 'ab' 1", "2 ab 2", "x 'a' 1", "2 '\\x' 1", "2", "2 '\\ud800' 3" })
            Assert.Equal($"'rwkv_vocab.txt' {expected}", Small.Refusal("rwkv_vocab.txt", System.Text.Encoding.UTF8.GetBytes("1 'a' 1\n" + line)));
    }

    private static IEnumerable<(string Text, int[] Ids)> Cases()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("tokenizers", "rwkv-world", "cases.json")));
        JsonElement root = document.RootElement;
        foreach (JsonElement item in (root.ValueKind == JsonValueKind.Array ? root : root.GetProperty("cases")).EnumerateArray())
            yield return (item.GetProperty("text").GetString()!, [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
    }
}
