using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Caravan.Hub;

/// <summary>
/// The hash that the hub names files by: SHA-256 of those in its large-file storage (64 digits), and git's SHA-1 of the others (40 digits; the
/// length is hashed before the content).
/// </summary>
internal sealed class ContentHash : IDisposable
{
    private const int GitDigits = 40;
    private const int Sha256Digits = 64;

    private readonly IncrementalHash hash;

    /// <summary>Begins a hash of the kind that <paramref name="expected"/> is.</summary>
    public ContentHash(string expected, long size)
    {
        bool git = expected.Length == GitDigits;
        hash = IncrementalHash.CreateHash(git ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (git) hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
    }

    /// <summary>Whether a text is a hash of one of both kinds.</summary>
    public static bool IsOne(string text) => text.Length is GitDigits or Sha256Digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a text is a commit of git.</summary>
    public static bool IsCommit(string text) => text.Length == GitDigits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Takes the next bytes of the content.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    /// <summary>The digits.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}
