using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class StreamingDecoderTests
{
    [FixtureTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("bert-bge")]
    public void Streamed_text_equals_the_text_at_once_and_never_splits_a_character(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        foreach (string text in Vectors.Texts("gpt-2").Concat(RandomText.Many(seed: 3, count: 100)))
        {
            int[] ids = tokenizer.Encode(text);
            StreamingDecoder decoder = new(tokenizer);
            StringBuilder streamed = new();
            for (int i = 0; i < ids.Length; i++)
            {
                string part = decoder.Append(ids[i]).ToString();
                Assert.Equal(part, RandomText.WithoutLoneSurrogates(part));
                streamed.Append(part);
                // What has come out so far stays as it is, wherever the tokens end.
                Assert.StartsWith(streamed.ToString(), tokenizer.Decode(ids.AsSpan(0, i + 1)), StringComparison.Ordinal);
            }

            streamed.Append(decoder.Flush());
            Assert.Equal(tokenizer.Decode(ids), streamed.ToString());
        }
    }

    [FixtureFact]
    public void Half_a_character_waits_and_broken_bytes_become_one_replacement()
    {
        Tokenizer tokenizer = Vectors.Tokenizer("gpt-2");
        int[] rocket = [.. Encoding.UTF8.GetBytes("🚀").Select(value => tokenizer.TokenToId(ByteAlphabet.CharacterOf(value).ToString())!.Value)];
        StreamingDecoder decoder = new(tokenizer);
        Assert.Equal("", decoder.Append(rocket[0]).ToString());
        Assert.Equal("", decoder.Append(rocket[1]).ToString());
        Assert.Equal("", decoder.Append(rocket[2]).ToString());
        Assert.Equal("🚀", decoder.Append(rocket[3]).ToString());
        decoder.Append(rocket[0]);
        decoder.Append(rocket[1]);
        Assert.Equal("\uFFFD!", decoder.Append(tokenizer.TokenToId("!")!.Value).ToString());
        decoder.Append(rocket[0]);
        Assert.Equal("\uFFFD", decoder.Flush().ToString());
        Assert.Equal("\uFFFD", decoder.Append(rocket[3]).ToString());
        Assert.Equal("", decoder.Append(-1).ToString());
        Assert.Equal("", decoder.Append(int.MaxValue).ToString());
    }

    [FixtureFact]
    public void The_blank_before_the_first_word_goes_unless_the_text_continues()
    {
        Tokenizer tokenizer = Vectors.Tokenizer("llama-spm");
        int hello = tokenizer.TokenToId("\u2581Hello")!.Value;
        StreamingDecoder start = new(tokenizer);
        Assert.Equal("", start.Append(1).ToString());
        Assert.Equal("Hello", start.Append(hello).ToString());
        Assert.Equal(" Hello", start.Append(hello).ToString());
        Assert.Equal(" Hello", new StreamingDecoder(tokenizer, continues: true).Append(hello).ToString());
        Assert.Equal("<s> Hello", tokenizer.Decode([1, hello], skipSpecial: false));
    }

    [FixtureFact]
    public void Appending_allocates_nothing_once_warm()
    {
        Tokenizer tokenizer = Vectors.Tokenizer("gpt-2");
        int[] ids = tokenizer.Encode("Streaming text with 🚀 and 你好, again and again.");
        StreamingDecoder decoder = new(tokenizer);
        foreach (int id in ids) decoder.Append(id);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int length = 0;
        for (int round = 0; round < 100; round++)
            foreach (int id in ids) length += decoder.Append(id).Length;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(length > 0);
    }
}
