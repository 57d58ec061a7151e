using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Embeddings of virtual tokens are learnt (Lester et al. 2021, "The Power of Scale for Parameter-Efficient Prompt Tuning").</summary>
internal static class PromptTuning
{
    /// <summary>Virtual tokens that begin as tokens drawn from the vocabulary (§3.2, "sampled vocab").</summary>
    public static VirtualTokens Random(Model model, int count, ulong seed) =>
        Of(model, [.. Enumerable.Range(0, count).Select(number => (int)(Noise.Uniform(seed, (ulong)number) * model.Spec.VocabularySize))]);

    /// <summary>Virtual tokens that begin as a text, repeated or cut to their number.</summary>
    /// <exception cref="CaravanException">The text has no tokens.</exception>
    public static VirtualTokens FromText(Model model, int count, IReadOnlyList<int> text) => text.Count == 0
        ? throw new CaravanException("The text that virtual tokens should begin as has no tokens; give some words, or let them begin at random.")
        : Of(model, [.. Enumerable.Range(0, count).Select(number => text[number % text.Count])]);

    private static VirtualTokens Of(Model model, ReadOnlySpan<int> tokens)
    {
        using Device device = new(1);
        using Pass pass = new(device);
        Tensor embeddings = Embedding.Forward(pass, model.Adapters.Embedding, tokens), rows = Tensor.Allocate(embeddings.Shape);
        embeddings.Bytes.CopyTo(rows.Bytes);
        return new VirtualTokens(new LearntRows(rows), PromptPlace.Embeddings);
    }
}
