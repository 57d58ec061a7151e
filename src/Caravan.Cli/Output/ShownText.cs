using System.Text;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>Takes a generated text piece by piece: shows it at once where it is watched or piped on, and keeps it.</summary>
/// <param name="shown">Where it is shown; null for nowhere.</param>
/// <param name="skipsBlanks">Whether white space at its beginning is left out.</param>
internal sealed class ShownText(TextWriter? shown, bool skipsBlanks = false)
{
    private readonly StringBuilder text = new();
    private readonly List<(GeneratedToken Token, TokenLogProbability[] Alternatives)> tokens = [];

    /// <summary>The text so far.</summary>
    public string Text => text.ToString();

    /// <summary>The tokens so far with their most probable alternatives.</summary>
    public IReadOnlyList<(GeneratedToken Token, TokenLogProbability[] Alternatives)> Tokens => tokens;

    /// <summary>Whether the next thing printed would stand behind the text on its line.</summary>
    public bool IsInLine => text.Length > 0 && text[^1] != '\n';

    /// <summary>Takes the next piece; see <see cref="TextReceiver"/>.</summary>
    public void Receive(ReadOnlySpan<char> piece, GeneratedToken? token, ReadOnlySpan<TokenLogProbability> alternatives)
    {
        if (token is { } chosen) tokens.Add((chosen, alternatives.ToArray()));
        Show(piece);
    }

    /// <summary>Adds text that was not generated, such as the prompt.</summary>
    public void Show(ReadOnlySpan<char> piece)
    {
        if (skipsBlanks && text.Length == 0) piece = piece.TrimStart();
        if (piece.Length == 0) return;
        text.Append(piece);
        shown?.Write(piece);
        shown?.Flush();
    }
}
