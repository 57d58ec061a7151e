using Caravan.Formats;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>A question and its answer.</summary>
/// <param name="User">What was asked.</param>
/// <param name="Assistant">The answer.</param>
/// <param name="Tokens">How it was generated; null for a turn from a file.</param>
/// <param name="Forgotten">Turns that had to be left out of the conversation from this one on.</param>
internal sealed record ChatTurn(string User, string Assistant, Generation? Tokens, int Forgotten)
{
    /// <summary>What was shown with the question.</summary>
    public IReadOnlyList<Picture> Images { get; init; } = [];
}
