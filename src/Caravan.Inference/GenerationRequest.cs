using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>What to continue, and how.</summary>
public sealed record GenerationRequest
{
    /// <summary>The tokens to continue, or to answer for a model whose encoder reads them; at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>
    /// Pictures, for models that see them: in the order of the prompt's image tokens, of which there must be one for each, or as many as it has rows.
    /// Empty for none.
    /// </summary>
    public IReadOnlyList<Picture> Images { get; init; } = [];

    /// <summary>What there is to say of the prompt where it is an object of texts; null for a text.</summary>
    internal StructuredPrompt? Structured { get; init; }

    /// <summary>The slot of the adapter that the sequence passes through; −1 for none.</summary>
    internal int Adapter { get; init; } = -1;

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate; the context may end it earlier.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Tokens that end the text when they are chosen; they are not part of it. Empty for none.</summary>
    public IReadOnlyCollection<int> StopTokens { get; init; } = [];

    /// <summary>Who is served first when not all can be: lower numbers before higher ones, which give way even when they run. Neutral 0.</summary>
    public int Priority { get; init; }

    /// <summary>Who asks, for a fair share: among waiting requests of one priority, the client that was served least comes next. Neutral "".</summary>
    public string Client { get; init; } = "";

    /// <summary>How long it may take from submission, waiting included; null for any time.</summary>
    public TimeSpan? Timeout { get; init; }
}
