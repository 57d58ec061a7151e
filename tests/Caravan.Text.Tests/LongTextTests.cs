using System.Diagnostics;
using Caravan.Testing;
using Xunit.Abstractions;

namespace Caravan.Text.Tests;

public class LongTextTests(ITestOutputHelper output)
{
    private const int Megabyte = 1 << 20;

    public static TheoryData<string> Vocabularies => ["gpt-2", "llama-spm", "bert-bge", "deepseek-llm", "falcon", "mpt", "starcoder"];

    /// <summary>Would take hours if any step were quadratic in the length.</summary>
    [FixtureTheory]
    [MemberData(nameof(Vocabularies))]
    public void A_megabyte_of_one_letter_of_blanks_or_of_ideographs_is_encoded_whole(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        Random random = new(5);
        string ideographs = string.Create(Megabyte / 3, random, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = (char)source.Next(0x4E00, 0x9FFF);
        });
        foreach ((string kind, string text) in new[] { ("letters", new string('a', Megabyte)), ("blanks", new string(' ', Megabyte)), ("digits", new string('7', Megabyte)), ("ideographs", ideographs) })
        {
            long start = Stopwatch.GetTimestamp();
            int[] ids = tokenizer.Encode(text, addSpecial: false);
            output.WriteLine($"{name} {kind}: {ids.Length} tokens in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
            if (name is "gpt-2" or "llama-spm") Assert.Equal(text, tokenizer.Decode(ids));
        }
    }
}
