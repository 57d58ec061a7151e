using System.Security.Cryptography;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>An answer that is being generated. Functions to call come out whole, text as it becomes certain.</summary>
internal sealed class ChatStream(TextStream text, ToolCallReader? reader, bool namesCalls, bool dropsBlank) : IAsyncEnumerable<ChatDelta>
{
    /// <summary>Letters of a call's name; nine of them, since templates of Mistral take no other number.</summary>
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private int calls;

    /// <summary>The tokens behind it, how it ended and how fast it went.</summary>
    public Generation Tokens => text.Tokens;

    /// <summary>The stop string that ended it, or null.</summary>
    public string? StopString => text.StopString;

    /// <summary>Whether it wants functions called.</summary>
    public bool HasCalls => calls > 0;

    /// <summary>The pieces, once; leaving early ends the generation.</summary>
    public async IAsyncEnumerator<ChatDelta> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        bool isFirst = dropsBlank;
        await foreach (TextDelta piece in text.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            string shown = isFirst && piece.Text.StartsWith(' ') ? piece.Text[1..] : piece.Text;
            isFirst &= piece.Text.Length == 0;
            if (reader is null)
            {
                yield return new ChatDelta(shown, [], piece.Token, piece.Alternatives);
                continue;
            }

            (string certain, IReadOnlyList<ToolCall> found) = reader.Push(shown);
            yield return new ChatDelta(certain, Identified(found), piece.Token, piece.Alternatives);
        }

        if (reader is null) yield break;
        (string rest, IReadOnlyList<ToolCall> last) = reader.Finish();
        if (rest.Length > 0 || last.Count > 0) yield return new ChatDelta(rest, Identified(last), null, []);
    }

    private IReadOnlyList<IdentifiedCall> Identified(IReadOnlyList<ToolCall> found) => found.Count == 0 ? [] : [.. found.Select(call => new IdentifiedCall(calls, Name(call, calls++), call))];

    private string Name(ToolCall call, int index) => namesCalls ? $"functions.{call.Name}:{index}" : RandomNumberGenerator.GetString(Letters, 9);
}
