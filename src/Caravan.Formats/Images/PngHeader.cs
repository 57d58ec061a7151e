using System.Buffers.Binary;

namespace Caravan.Formats;

/// <summary>What a PNG picture's header says.</summary>
/// <param name="Width">Pixels of a line.</param>
/// <param name="Height">Lines.</param>
/// <param name="Depth">Bits of a number.</param>
/// <param name="Kind">0 grey, 2 colours, 3 palette, 4 grey with alpha, 6 colours with alpha.</param>
/// <param name="IsInterlaced">Whether pixels come in seven passes.</param>
internal sealed record PngHeader(int Width, int Height, int Depth, int Kind, bool IsInterlaced)
{
    /// <summary>Bits of a pixel.</summary>
    public int Bits => Depth * Kind switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>The header in a chunk.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> content, string name)
    {
        if (content.Length != 13) throw PngDecoder.Damaged(name, "its header has a wrong length");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(content), height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        Picture.RequireSize(width, height, name);
        (int depth, int kind) = (content[8], content[9]);
        bool possible = kind switch { 0 => depth is 1 or 2 or 4 or 8 or 16, 3 => depth is 1 or 2 or 4 or 8, 2 or 4 or 6 => depth is 8 or 16, _ => false };
        if (!possible || content[10] != 0 || content[11] != 0 || content[12] > 1) throw PngDecoder.Damaged(name, $"colour type {kind} with {depth} bits is not known");
        return new PngHeader((int)width, (int)height, depth, kind, content[12] == 1);
    }

    /// <summary>The colour of a line's pixel. Of 16 bits the upper 8 are kept.</summary>
    public void Colour(ReadOnlySpan<byte> line, int x, byte[] palette, Span<byte> colour, string name)
    {
        int size = Depth / 8;
        switch (Kind)
        {
            case 2 or 6:
                int at = x * Bits / 8;
                (colour[0], colour[1], colour[2]) = (line[at], line[at + size], line[at + (2 * size)]);
                break;
            case 3:
                int entry = 3 * Number(line, x);
                if (entry + 3 > palette.Length) throw PngDecoder.Damaged(name, "a pixel has a colour outside the palette");
                palette.AsSpan(entry, 3).CopyTo(colour);
                break;
            default:
                int grey = size > 0 ? line[x * Bits / 8] : Number(line, x) * 255 / ((1 << Depth) - 1);
                colour.Fill((byte)grey);
                break;
        }
    }

    /// <summary>A number of at most 8 bits.</summary>
    private int Number(ReadOnlySpan<byte> line, int x)
    {
        int bit = x * Depth;
        return (line[bit / 8] >> (8 - Depth - (bit % 8))) & ((1 << Depth) - 1);
    }
}
