using System.IO.Compression;

namespace Caravan.Text;

/// <summary>
/// Combining classes, decompositions and compositions of Unicode 14.0.0, read once from the resource that
/// <c>generate_normalization.py</c> beside this file wrote.
/// </summary>
internal sealed class NormalizationData
{
    private static readonly Lazy<NormalizationData> Loaded = new(() => new NormalizationData());
    private readonly Dictionary<int, byte> classes = [];
    private readonly Dictionary<int, int[]> canonical;
    private readonly Dictionary<int, int[]> compatible;
    private readonly Dictionary<long, int> compositions = [];

    private NormalizationData()
    {
        using Stream resource = typeof(NormalizationData).Assembly.GetManifestResourceStream("Caravan.Text.normalization.bin")!;
        using ZLibStream inflated = new(resource, CompressionMode.Decompress);
        using BinaryReader reader = new(inflated);
        int codePoint = 0;
        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            codePoint += reader.Read7BitEncodedInt();
            classes[codePoint] = (byte)reader.Read7BitEncodedInt();
        }

        canonical = Decompositions(reader);
        compatible = Decompositions(reader);
        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            long key = ((long)reader.Read7BitEncodedInt() << 32) | (uint)reader.Read7BitEncodedInt();
            compositions[key] = reader.Read7BitEncodedInt();
        }
    }

    /// <summary>The data.</summary>
    public static NormalizationData Instance => Loaded.Value;

    /// <summary>The canonical combining class; 0 for starters.</summary>
    public int CombiningClass(int codePoint) => codePoint < 0x300 ? 0 : classes.GetValueOrDefault(codePoint);

    /// <summary>The full decomposition, or null when the code point stands for itself.</summary>
    public int[]? Decomposition(int codePoint, bool compatibility)
    {
        if (codePoint < 0xA0) return null;
        if (compatibility && compatible.TryGetValue(codePoint, out int[]? parts)) return parts;
        return canonical.GetValueOrDefault(codePoint);
    }

    /// <summary>The primary composite of two code points, or -1.</summary>
    public int Compose(int first, int second) => compositions.GetValueOrDefault(((long)first << 32) | (uint)second, -1);

    private static Dictionary<int, int[]> Decompositions(BinaryReader reader)
    {
        Dictionary<int, int[]> result = [];
        int codePoint = 0;
        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            codePoint += reader.Read7BitEncodedInt();
            int[] parts = new int[reader.Read7BitEncodedInt()];
            for (int i = 0; i < parts.Length; i++) parts[i] = reader.Read7BitEncodedInt();
            result[codePoint] = parts;
        }

        return result;
    }
}
