using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>One file inside a zip archive, in place.</summary>
/// <param name="Name">Its path inside the archive.</param>
/// <param name="Method">0 stored, 8 deflated; other methods are not read.</param>
/// <param name="Data">Its bytes as they lie in the archive.</param>
/// <param name="Size">Bytes after decompression.</param>
internal sealed record ZipEntry(string Name, int Method, NativeSpan<byte> Data, long Size)
{
    /// <summary>The method of entries that lie uncompressed.</summary>
    public const int Stored = 0;

    /// <summary>The method of deflated entries.</summary>
    public const int Deflated = 8;
}
