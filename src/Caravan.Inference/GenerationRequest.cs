namespace Caravan.Inference;

/// <summary>What to continue, and how.</summary>
public sealed record GenerationRequest
{
    /// <summary>The tokens to continue, or to answer for a model whose encoder reads them; at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate; the context may end it earlier.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Tokens that end the text when they are chosen; they are not part of it. Empty for none.</summary>
    public IReadOnlyCollection<int> StopTokens { get; init; } = [];
}
