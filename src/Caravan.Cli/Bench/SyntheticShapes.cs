namespace Caravan.Cli;

/// <summary>The shapes that <c>--synthetic</c> knows.</summary>
internal static class SyntheticShapes
{
    /// <summary>All shapes.</summary>
    public static IReadOnlyList<SyntheticShape> All { get; } =
    [
        // Zhang et al. 2024, "TinyLlama: An Open-Source Small Language Model".
        new()
        {
            Name = "tinyllama-1.1b", Layers = 22, Hidden = 2048, Heads = 32, KeyValueHeads = 4, FeedForward = 5632, Vocabulary = 32_000, Context = 2048,
        },

        // Touvron et al. 2023, "Llama 2: Open Foundation and Fine-Tuned Chat Models".
        new()
        {
            Name = "llama-7b", Layers = 32, Hidden = 4096, Heads = 32, KeyValueHeads = 32, FeedForward = 11_008, Vocabulary = 32_000, Context = 4096,
        },

        // A quarter of the width of Mixtral 8x7B (Jiang et al. 2024, table 1) and 12 of its 32 layers: 1.2 billion parameters, 0.3 of them for a token.
        new()
        {
            Name = "mixtral-small", Layers = 12, Hidden = 1024, Heads = 16, KeyValueHeads = 4, FeedForward = 3584, Vocabulary = 32_000, Context = 4096,
            Experts = 8, ExpertsPerToken = 2,
        },
    ];

    /// <summary>The names, as <c>--help</c> lists them.</summary>
    public static string Names => string.Join('|', All.Select(shape => shape.Name));

    /// <summary>The shape of a name.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static SyntheticShape Parse(string name) =>
        All.FirstOrDefault(shape => string.Equals(shape.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(
            $"--synthetic takes {string.Join(", ", All.Select(shape => shape.Name))}, not '{name}'.{Suggestion.DidYouMean(name, All.Select(shape => shape.Name))}");
}
