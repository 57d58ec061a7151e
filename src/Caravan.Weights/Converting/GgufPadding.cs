using Caravan.Formats;

namespace Caravan.Weights;

/// <summary>
/// llama.cpp wants as many tokens as the embedding has rows. Models whose embedding was rounded up get fillers, named like those of its own
/// converter.
/// </summary>
internal static class GgufPadding
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>GGUF's number for tokens that are never used.</summary>
    private const int Unused = 5;

    /// <summary>Lower than any piece's score, so that nothing merges into a filler.</summary>
    private const float Score = -10_000;

    /// <summary>Adds tokens until there are <paramref name="vocabularySize"/>.</summary>
    /// <exception cref="CaravanException">There are more than that.</exception>
    public static void Fill(GgufMetadata metadata, int vocabularySize, string path)
    {
        if (metadata.Strings(Prefix + "tokens") is not { } tokens || tokens.Length == vocabularySize) return;
        if (tokens.Length > vocabularySize)
        {
            throw new CaravanException(
                $"'{path}': the tokenizer has {tokens.Length} tokens and the model's embedding {vocabularySize} rows; give the tokenizer that belongs to the model.");
        }

        metadata.Set(Prefix + "tokens", Filled(tokens, vocabularySize, i => $"[PAD{i}]"));
        if (metadata.Reals(Prefix + "scores") is { } scores) metadata.Set(Prefix + "scores", Filled(scores, vocabularySize, _ => Score));
        if (metadata.Integers(Prefix + "token_type") is { } types)
            metadata.Set(Prefix + "token_type", Filled(Array.ConvertAll(types, type => (int)type), vocabularySize, _ => Unused));
    }

    private static T[] Filled<T>(T[] items, int count, Func<int, T> filler) =>
        [.. items, .. Enumerable.Range(items.Length, count - items.Length).Select(filler)];
}
