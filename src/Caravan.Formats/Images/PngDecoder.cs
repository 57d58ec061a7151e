using System.Buffers.Binary;
using System.IO.Compression;

namespace Caravan.Formats;

/// <summary>Reads PNG pictures of all colour types and depths, interlaced or not.</summary>
/// <remarks>Source: the PNG specification (W3C, third edition).</remarks>
internal static class PngDecoder
{
    /// <summary>The first bytes of a file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Bytes that one packed byte can become at most.</summary>
    private const long MostUnpacked = 1032;

    /// <summary>First column and line, and steps, of the seven passes of an interlaced picture.</summary>
    private static readonly (int Left, int Top, int Across, int Down)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The picture in a file.</summary>
    public static Picture Decode(ReadOnlySpan<byte> file, string name)
    {
        PngHeader? header = null;
        byte[] palette = [];
        using MemoryStream compressed = new();
        int at = Signature.Length;
        while (true)
        {
            if (file.Length - at < 12) throw Damaged(name, "it is cut off");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12) throw Damaged(name, "it is cut off");
            ReadOnlySpan<byte> kind = file.Slice(at + 4, 4), content = file.Slice(at + 8, (int)length);
            if (Checksum(file.Slice(at + 4, 4 + (int)length)) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..])) throw Damaged(name, "a checksum is wrong");
            at += 12 + (int)length;
            if (header is null && !kind.SequenceEqual("IHDR"u8)) throw Damaged(name, "it does not begin with a header");
            if (kind.SequenceEqual("IHDR"u8)) header = PngHeader.Read(content, name);
            else if (kind.SequenceEqual("PLTE"u8)) palette = content.ToArray();
            else if (kind.SequenceEqual("IDAT"u8)) compressed.Write(content);
            else if (kind.SequenceEqual("IEND"u8)) break;
        }

        if ((long)header!.Width * header.Height * header.Bits / 8 > MostUnpacked * (compressed.Length + 1)) throw Damaged(name, "it has fewer bytes than its size needs");
        compressed.Position = 0;
        return Pixels(header, palette, compressed, name);
    }

    /// <summary>What is said about a file whose parts contradict each other.</summary>
    internal static CaravanException Damaged(string name, string why) => new($"The PNG picture '{name}' is damaged: {why}.");

    private static Picture Pixels(PngHeader header, byte[] palette, Stream compressed, string name)
    {
        byte[] pixels = new byte[checked(3 * header.Width * header.Height)];
        using ZLibStream stream = new(compressed, CompressionMode.Decompress);
        try
        {
            if (!header.IsInterlaced) ReadPass(header, palette, stream, pixels, (0, 0, 1, 1), name);
            else
                foreach ((int Left, int Top, int Across, int Down) pass in Passes) ReadPass(header, palette, stream, pixels, pass, name);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(name, "its pixels cannot be unpacked");
        }

        return new Picture(header.Width, header.Height, pixels);
    }

    private static void ReadPass(PngHeader header, byte[] palette, ZLibStream stream, byte[] pixels, (int Left, int Top, int Across, int Down) pass, string name)
    {
        int width = (header.Width - pass.Left + pass.Across - 1) / pass.Across, height = (header.Height - pass.Top + pass.Down - 1) / pass.Down;
        if (width <= 0 || height <= 0) return;
        int bytes = checked((int)((((long)width * header.Bits) + 7) / 8)), step = Math.Max(1, header.Bits / 8);
        byte[] line = new byte[bytes], above = new byte[bytes];
        for (int y = 0; y < height; y++)
        {
            int filter = stream.ReadByte();
            if (filter is < 0 or > 4) throw Damaged(name, "a line is filtered in an unknown way");
            stream.ReadExactly(line);
            Unfilter(filter, line, above, step);
            for (int x = 0; x < width; x++)
            {
                int to = 3 * ((((y * pass.Down) + pass.Top) * header.Width) + (x * pass.Across) + pass.Left);
                header.Colour(line, x, palette, pixels.AsSpan(to, 3), name);
            }

            (line, above) = (above, line);
        }
    }

    /// <summary>Every filter adds a guess from the pixel before, the one above, and the one between.</summary>
    private static void Unfilter(int filter, byte[] line, byte[] above, int step)
    {
        for (int i = 0; i < line.Length; i++)
        {
            int before = i >= step ? line[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            line[i] += (byte)(filter switch { 0 => 0, 1 => before, 2 => up, 3 => (before + up) / 2, _ => Nearest(before, up, corner) });
        }
    }

    /// <summary>Which of the three is nearest to before + up − corner (Paeth).</summary>
    private static int Nearest(int before, int up, int corner)
    {
        int guess = before + up - corner, a = Math.Abs(guess - before), b = Math.Abs(guess - up), c = Math.Abs(guess - corner);
        return a <= b && a <= c ? before : b <= c ? up : corner;
    }

    /// <summary>CRC-32 of zlib, bit by bit through a table.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes) crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    private static uint Entry(int index)
    {
        uint crc = (uint)index;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        return crc;
    }
}
