using System.Collections.Frozen;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>A text to continue, and how.</summary>
public sealed record TextRequest
{
    /// <summary>The text; may be empty when the model has a beginning-of-text token.</summary>
    public required string Prompt { get; init; }

    /// <summary>Pictures, for models that see them; where the prompt does not say where they stand, they stand before it. Empty for none.</summary>
    public IReadOnlyList<Picture> Images { get; init; } = [];

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Texts that end the generation when they appear; they are not part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether end-of-text tokens are ignored, so that the text runs to <see cref="MaxTokens"/>.</summary>
    public bool IgnoreEnd { get; init; }

    /// <summary>Whether the beginning-of-text token is put first where the model expects one.</summary>
    public bool AddSpecial { get; init; } = true;

    /// <summary>Who is served first; see <see cref="GenerationRequest.Priority"/>. Neutral 0.</summary>
    public int Priority { get; init; }

    /// <summary>Who asks; see <see cref="GenerationRequest.Client"/>. Neutral "".</summary>
    public string Client { get; init; } = "";

    /// <summary>How long it may take; see <see cref="GenerationRequest.Timeout"/>. Null for any time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The name of the attached adapter (<see cref="Models.Model.AdapterNames"/>) that it passes through; null for the model alone.</summary>
    public string? Adapter { get; init; }

    /// <summary>Control tokens that are written out in the text instead of being left out.</summary>
    internal IReadOnlySet<int> ShownTokens { get; init; } = FrozenSet<int>.Empty;

    /// <summary>The prompt as tokens, instead of <see cref="Prompt"/>; what a chat template made of a conversation.</summary>
    internal EncodedPrompt? Encoded { get; init; }

    /// <summary>Tokens that end the text besides the tokenizer's own.</summary>
    internal IReadOnlyCollection<int> StopTokens { get; init; } = [];

    /// <summary>Whether control tokens spelled out in the prompt become those tokens; false for text from strangers.</summary>
    public bool ParseSpecial { get; init; }
}
