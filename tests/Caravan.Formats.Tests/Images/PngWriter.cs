using System.Buffers.Binary;
using System.IO.Compression;

namespace Caravan.Formats.Tests;

/// <summary>Writes PNG pictures of every kind for tests; each line is filtered in the next of the five ways.</summary>
internal static class PngWriter
{
    /// <summary>A picture of numbers.</summary>
    /// <param name="width">Pixels of a line.</param>
    /// <param name="height">Lines.</param>
    /// <param name="kind">PNG's colour type.</param>
    /// <param name="depth">Bits of a number.</param>
    /// <param name="numbers">Of each pixel, by line and column.</param>
    /// <param name="palette">For kind 3.</param>
    /// <param name="interlaced">Whether in seven passes.</param>
    public static byte[] Write(int width, int height, int kind, int depth, Func<int, int, int[]> numbers, byte[]? palette = null, bool interlaced = false)
    {
        using MemoryStream lines = new();
        (int, int, int, int)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        int channels = kind switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }, step = Math.Max(1, channels * depth / 8);
        foreach ((int left, int top, int across, int down) in passes)
        {
            byte[] above = [];
            for (int y = top, filter = 0; y < height && left < width; y += down, filter = (filter + 1) % 5)
            {
                byte[] line = Packed([.. Enumerable.Range(0, (width - left + across - 1) / across).SelectMany(x => numbers(left + (x * across), y))], depth);
                if (above.Length == 0) above = new byte[line.Length];
                lines.WriteByte((byte)filter);
                for (int i = 0; i < line.Length; i++)
                {
                    int before = i >= step ? line[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0, guess = before + up - corner;
                    int nearest = new[] { before, up, corner }.MinBy(value => Math.Abs(guess - value));
                    lines.WriteByte((byte)(line[i] - filter switch { 0 => 0, 1 => before, 2 => up, 3 => (before + up) / 2, _ => nearest }));
                }

                above = line;
            }
        }

        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(lines.ToArray());
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)kind, (byte)(interlaced ? 1 : 0));
        byte[] pixels = packed.ToArray();
        // Pixels in two chunks, as large files have them.
        return
        [
            0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. Chunk("IHDR"u8, header), .. palette is null ? [] : Chunk("PLTE"u8, palette),
            .. Chunk("IDAT"u8, pixels.AsSpan(0, pixels.Length / 2)), .. Chunk("IDAT"u8, pixels.AsSpan(pixels.Length / 2)), .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Packed(int[] numbers, int depth)
    {
        byte[] bytes = new byte[((numbers.Length * depth) + 7) / 8];
        for (int i = 0; i < numbers.Length * depth; i++)
            if (((numbers[i / depth] >> (depth - 1 - (i % depth))) & 1) == 1) bytes[i / 8] |= (byte)(128 >> (i % 8));
        return bytes;
    }

    private static byte[] Chunk(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> content)
    {
        byte[] chunk = [0, 0, 0, 0, .. kind, .. content, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        uint crc = uint.MaxValue;
        foreach (byte value in chunk.AsSpan(4, 4 + content.Length))
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), ~crc);
        return chunk;
    }
}
