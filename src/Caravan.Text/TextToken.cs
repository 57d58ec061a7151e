using System.Text;

namespace Caravan.Text;

/// <summary>A token and the part of the text it stands for.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Piece">The vocabulary's spelling of the token.</param>
/// <param name="Start">Where its text begins, in UTF-16 units of the string that was encoded.</param>
/// <param name="End">Where its text ends; equal to <paramref name="Start"/> for special tokens that were added.</param>
public readonly record struct TextToken(int Id, string Piece, int Start, int End)
{
    /// <summary>The same range in UTF-8 bytes of <paramref name="source"/>, the string that was encoded.</summary>
    public (int Start, int End) Utf8Range(string source)
    {
        int start = Encoding.UTF8.GetByteCount(source.AsSpan(0, Start));
        return (start, start + Encoding.UTF8.GetByteCount(source.AsSpan(Start, End - Start)));
    }
}
