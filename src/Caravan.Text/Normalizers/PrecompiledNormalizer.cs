using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>
/// SentencePiece's compiled character map: the longest prefix found in a double-array trie is replaced by the text the trie's leaf points to.
/// </summary>
/// <remarks>
/// Layout: little-endian trie size in bytes, the trie's 32-bit units, then the replacements, each ended by a zero byte. A unit holds its label
/// in bits 0-7, "has a leaf" in bit 8, its offset from bit 10 on (times 256 when bit 9 is set); a leaf's value is in bits 0-30 with bit 31 set.
/// Source: SentencePiece's normalizer and the Darts-clone double array.
/// </remarks>
internal sealed record PrecompiledNormalizer : Normalizer
{
    private readonly byte[] map;
    private readonly uint[] units;
    private readonly int replacements;

    /// <summary>Takes the map as found in a file.</summary>
    /// <exception cref="CaravanException">The sizes do not fit.</exception>
    public PrecompiledNormalizer(byte[] map, string place)
    {
        this.map = map;
        long size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : 0;
        if (size % 4 != 0 || size + 4 > map.Length)
            throw new CaravanException(
                $"{place} holds a character map of {map.Length} bytes whose trie claims {size}; the map is cut off, so download the file again.");
        units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + i * 4));
        replacements = (int)size + 4;
    }

    /// <summary>The map as found in a file.</summary>
    public ReadOnlySpan<byte> Map => map;

    /// <summary>Reads the fields of the object.</summary>
    public static PrecompiledNormalizer ReadFields(JsonField field)
    {
        JsonField text = field.Required("precompiled_charsmap");
        try
        {
            return new PrecompiledNormalizer(Convert.FromBase64String(text.String()), text.Place);
        }
        catch (FormatException)
        {
            throw text.Mismatch("base64");
        }
    }

    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        if (units.Length == 0) return;
        text.Begin();
        for (int i = 0, length; i < text.Length; i += length)
        {
            ReadOnlySpan<byte> replacement = Longest(text.Span, i, out length);
            if (length == 0)
            {
                UnicodeProperties.CodePointAt(text.Span, i, out length);
                text.Put(text.Span.Slice(i, length), i, i + length);
            }
            else text.Put(Encoding.UTF8.GetString(replacement), i, i + length);
        }

        text.End();
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Precompiled");
        writer.WriteString("precompiled_charsmap", Convert.ToBase64String(map));
        writer.WriteEndObject();
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    private ReadOnlySpan<byte> Longest(ReadOnlySpan<char> text, int start, out int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        length = 0;
        uint node = Offset(units[0]);
        int value = -1;
        for (int i = start, units16; i < text.Length; i += units16)
        {
            int count = new Rune(UnicodeProperties.CodePointAt(text, i, out units16)).EncodeToUtf8(bytes);
            bool leaf = false;
            foreach (byte one in bytes[..count])
            {
                node ^= one;
                if (one == 0 || node >= (uint)units.Length || (units[node] & 0x800000FF) != one) return Replacement(value);
                leaf = (units[node] & 0x100) != 0;
                node ^= Offset(units[node]);
            }

            if (!leaf || node >= (uint)units.Length) continue;
            value = (int)(units[node] & 0x7FFFFFFF);
            length = i + units16 - start;
        }

        return Replacement(value);
    }

    private ReadOnlySpan<byte> Replacement(int value)
    {
        if (value < 0 || value >= map.Length - replacements) return [];
        ReadOnlySpan<byte> rest = map.AsSpan(replacements + value);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }
}
