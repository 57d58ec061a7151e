using System.Text.Json;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class RoundTripTests
{
    /// <summary>Vocabularies with a token for every byte and no normalisation.</summary>
    public static TheoryData<string> Lossless => ["gpt-2", "llama-spm", "deepseek-coder", "deepseek-llm", "baichuan"];

    public static TheoryData<string> All =>
        ["gpt-2", "llama-spm", "deepseek-coder", "deepseek-llm", "baichuan", "falcon", "refact", "starcoder", "phi-3", "mpt", "bert-bge"];

    [FixtureTheory]
    [MemberData(nameof(Lossless))]
    public void Decoding_an_encoding_gives_the_text(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        foreach (string text in Vectors.Texts("gpt-2").Concat(RandomText.Many(seed: 1, count: 300)))
        {
            int[] ids = tokenizer.Encode(text, addSpecial: false);
            string expected = RandomText.WithoutLoneSurrogates(text);
            // SentencePiece itself takes its visible blank for a blank.
            if (tokenizer.Definition.Model == ModelKind.ScoredPair) expected = expected.Replace('\u2581', ' ');
            Assert.Equal(expected, tokenizer.Decode(ids, skipSpecial: false));
        }
    }

    [FixtureTheory]
    [MemberData(nameof(All))]
    public void Written_gguf_tokenizes_identically(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        // That Phi-3's turn tokens swallow blanks is said by the model's name alone, which is not the tokenizer's to write.
        Assert.Equal(name == "phi-3", metadata.Contains(GgufVocabulary.JsonKey));
        AssertSame(tokenizer, Tokenizer.FromGguf(metadata));
    }

    [FixtureTheory]
    [MemberData(nameof(All))]
    public void Written_tokenizer_json_tokenizes_identically(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        using TemporaryFolder folder = new();
        tokenizer.SaveTo(folder.Path);
        AssertSame(tokenizer, Tokenizer.Load(folder.Path));
    }

    [FixtureFact]
    public void Tokenizer_json_survives_gguf()
    {
        Tokenizer tokenizer = Tokenizer.Load(Fixtures.PathOf("tokenizers", "gpt-neox-20b", "tokenizer.json"));
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        Assert.Equal("mpt", metadata.String("tokenizer.ggml.pre"));
        AssertSame(tokenizer, Tokenizer.FromGguf(metadata));
    }

    [FixtureFact]
    public void Vocab_json_and_merges_txt_give_the_golden_ids()
    {
        Tokenizer source = Vectors.Tokenizer("gpt-2");
        using TemporaryFolder folder = new();
        Dictionary<string, int> vocabulary = Enumerable.Range(0, source.VocabularySize).ToDictionary(source.TokenText, id => id);
        File.WriteAllText(folder.File("vocab.json"), JsonSerializer.Serialize(vocabulary));
        File.WriteAllText(
            folder.File("merges.txt"), "#version: 0.2\n" + string.Concat(source.Definition.Merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
        Vectors.AssertAll("gpt-2", Tokenizer.Load(folder.Path));
        Vectors.AssertAll("gpt-2", Tokenizer.Load(folder.File("vocab.json")));
    }

    [FixtureFact]
    public void Vocab_txt_gives_the_golden_ids()
    {
        Tokenizer source = Vectors.Tokenizer("bert-bge");
        using TemporaryFolder folder = new();
        File.WriteAllLines(folder.File("vocab.txt"), Enumerable.Range(0, source.VocabularySize).Select(source.TokenText));
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);
        Vectors.AssertAll("bert-bge", tokenizer);
        Assert.Equal([101, 7592, 2088, 102], tokenizer.Encode("Hello world"));
        Assert.Equal("hello world", tokenizer.Decode([101, 7592, 2088, 102]));
    }

    private static void AssertSame(Tokenizer expected, Tokenizer actual)
    {
        Assert.Equal(expected.VocabularySize, actual.VocabularySize);
        Assert.Equal((expected.BosId, expected.EosId, expected.UnknownId, expected.PadId), (actual.BosId, actual.EosId, actual.UnknownId, actual.PadId));
        Assert.Equal(expected.EndOfGenerationIds.Order(), actual.EndOfGenerationIds.Order());
        Assert.Equal(expected.ChatTemplate, actual.ChatTemplate);
        string special = string.Concat(expected.Definition.Added.Take(5).Select(token => token.Content + " x"));
        foreach (string text in Vectors.Texts("gpt-2").Concat(RandomText.Many(seed: 2, count: 200)).Append(special))
        {
            int[] ids = expected.Encode(text, parseSpecial: true);
            Assert.Equal(ids, actual.Encode(text, parseSpecial: true));
            Assert.Equal(expected.Decode(ids), actual.Decode(ids));
            Assert.Equal(expected.Encode(text), actual.Encode(text));
        }
    }
}
