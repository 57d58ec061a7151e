using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Caravan.Text;

/// <summary>
/// Turns tokens into text one by one and gives out whole characters only: bytes that begin a character wait for the rest, bytes that cannot
/// be part of one become U+FFFD. The texts joined equal <see cref="Tokenizer.Decode"/>. Allocates nothing once its buffers have grown.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly DecodeTable table;
    private readonly bool skipSpecial;
    private readonly bool continues;
    private byte[] bytes = new byte[64];
    private char[] characters = new char[128];
    private int waiting;
    private TokenJoint joint;

    /// <summary>Creates a decoder at the start of a text.</summary>
    /// <param name="tokenizer">The tokenizer whose tokens come.</param>
    /// <param name="skipSpecial">Whether control tokens are left out.</param>
    /// <param name="continues">Whether the tokens continue a text: then a first blank that encoding put there is not taken away.</param>
    public StreamingDecoder(Tokenizer tokenizer, bool skipSpecial = true, bool continues = false)
    {
        table = tokenizer.DecodeTable;
        this.skipSpecial = skipSpecial;
        this.continues = continues;
        Reset();
    }

    /// <summary>Control tokens that are not left out.</summary>
    internal IReadOnlySet<int> Shown { get; init; } = FrozenSet<int>.Empty;

    /// <summary>Forgets everything and starts a new text.</summary>
    public void Reset()
    {
        waiting = 0;
        joint = new TokenJoint(table, continues);
    }

    /// <summary>Takes a token and returns the characters that are complete now; valid until the next call.</summary>
    public ReadOnlySpan<char> Append(int id)
    {
        if (skipSpecial && table.IsSpecial(id) && !Shown.Contains(id)) return [];
        ReadOnlySpan<byte> added = joint.Join(id, out bool blankBefore);
        if (bytes.Length < waiting + added.Length + 1) Array.Resize(ref bytes, (waiting + added.Length + 1) * 2);
        if (blankBefore) bytes[waiting++] = (byte)' ';
        added.CopyTo(bytes.AsSpan(waiting));
        return Complete(bytes.AsSpan(0, waiting + added.Length), final: false);
    }

    /// <summary>Ends the text: what still waits for more bytes comes out as U+FFFD; valid until the next call.</summary>
    public ReadOnlySpan<char> Flush()
    {
        ReadOnlySpan<char> rest = Complete(bytes.AsSpan(0, waiting), final: true);
        Reset();
        return rest;
    }

    private ReadOnlySpan<char> Complete(Span<byte> source, bool final)
    {
        if (characters.Length < source.Length) characters = new char[source.Length * 2];
        int written = 0;
        ReadOnlySpan<byte> rest = source;
        while (rest.Length > 0)
        {
            OperationStatus status = Rune.DecodeFromUtf8(rest, out Rune rune, out int consumed);
            if (status == OperationStatus.NeedMoreData && !final) break;
            written += rune.EncodeToUtf16(characters.AsSpan(written));
            rest = rest[consumed..];
        }

        waiting = rest.Length;
        rest.CopyTo(bytes);
        return characters.AsSpan(0, written);
    }
}
