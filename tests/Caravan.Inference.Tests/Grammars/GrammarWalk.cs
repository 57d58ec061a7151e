using System.Text;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Generates with a model that finds every token equally probable, so that only the grammar decides.</summary>
internal static class GrammarWalk
{
    private static readonly Dictionary<string, Tokenizer> Loaded = [];

    /// <summary>Vocabularies of both kinds: byte-level pairs, and SentencePiece with and without bytes of its own.</summary>
    public static string[] Vocabularies => ["ggml-vocab-gpt-2.gguf", "ggml-vocab-llama-spm.gguf", "tok512.bin"];

    public static Tokenizer Vocabulary(string name)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(name, out Tokenizer? tokenizer))
                Loaded.Add(name, tokenizer = Tokenizer.Load(Fixtures.PathOf(name == "tok512.bin" ? "real" : "tokenizers", name)));
            return tokenizer;
        }
    }

    /// <summary>
    /// One text of the grammar. Shorter tokens are as likely as longer ones; after some tokens whatever ends the text soonest is preferred by
    /// <paramref name="patience"/>, so that walks through recursion end.
    /// </summary>
    /// <returns>The text, or null when it did not end in time.</returns>
    public static string? Text(Grammar grammar, Tokenizer tokenizer, int seed, int mostTokens = 400, int patience = 60, bool continues = true, string closers = "\"]}0")
    {
        int[] ends = [.. tokenizer.EndOfGenerationIds];
        GrammarCursor cursor = new(grammar.For(tokenizer), ends, continues);
        StreamingDecoder decoder = new(tokenizer, continues: continues);
        Random random = new(seed);
        StringBuilder text = new();
        float[] logits = new float[tokenizer.VocabularySize];
        // Random logits rather than equal ones: the walk then prefers some ways, another with each seed.
        foreach (ref float logit in logits.AsSpan()) logit = 4 * random.NextSingle();
        Sampler sampler = new(new SamplingOptions { Seed = (ulong)seed, Temperature = 1 }, logits.Length, null, cursor);
        for (int i = 0; i < mostTokens; i++)
        {
            if (cursor.MustEnd) break;
            if (i == patience) Hurry(logits, tokenizer, closers);
            SampledToken sampled = sampler.Sample(logits);
            if (sampled.Fault == SamplingFault.GrammarEnded) break;
            Assert.Equal(SamplingFault.None, sampled.Fault);
            if (ends.Contains(sampled.Id))
            {
                Assert.True(cursor.CanEnd);
                break;
            }

            sampler.Accept(sampled.Id);
            text.Append(decoder.Append(sampled.Id));
        }

        text.Append(decoder.Flush());
        return cursor.CanEnd ? text.ToString() : null;
    }

    /// <summary>Makes what closes strings, arrays and objects, and ends texts, far more probable than the rest.</summary>
    private static void Hurry(float[] logits, Tokenizer tokenizer, string closers)
    {
        for (int id = 0; id < logits.Length; id++)
        {
            ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
            if (bytes.Length == 1 && closers.Contains((char)bytes[0])) logits[id] += 30;
        }

        foreach (int id in tokenizer.EndOfGenerationIds) logits[id] += 40;
    }
}
