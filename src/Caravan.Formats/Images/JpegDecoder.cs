using System.Buffers.Binary;

namespace Caravan.Formats;

/// <summary>Reads JPEG pictures of 8 bits, baseline and progressive, grey or in colours.</summary>
/// <remarks>Source: ITU T.81, and T.871 (JFIF) for colours.</remarks>
internal sealed class JpegDecoder
{
    /// <summary>Progressive pictures have a few scans; a file of thousands is meant to keep a reader busy.</summary>
    private const int MostScans = 256;

    private readonly string name;
    private readonly ushort[]?[] tables = new ushort[4][];
    private readonly JpegCodes?[] first = new JpegCodes[4], others = new JpegCodes[4];
    private JpegComponent[] components = [];
    private int width, height, interval, scans;
    private bool isProgressive;
    private int? adobe;

    private JpegDecoder(string name) => this.name = name;

    /// <summary>The first bytes of a file.</summary>
    public static ReadOnlySpan<byte> Signature => [0xFF, 0xD8, 0xFF];

    /// <summary>The picture in a file.</summary>
    public static Picture Decode(ReadOnlySpan<byte> file, string name) => new JpegDecoder(name).Decode(file);

    /// <summary>What is said about a file whose parts contradict each other.</summary>
    internal static CaravanException Damaged(string name, string why) => new($"The JPEG picture '{name}' is damaged: {why}.");

    private Picture Decode(ReadOnlySpan<byte> file)
    {
        int at = 2;
        while (true)
        {
            int marker = Marker(file, ref at);
            if (marker == 0xD9) break;
            if (file.Length - at < 2) throw Damaged(name, "it is cut off");
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || length > file.Length - at) throw Damaged(name, "it is cut off");
            ReadOnlySpan<byte> content = file.Slice(at + 2, length - 2);
            at += length;
            switch (marker)
            {
                case 0xC4: ReadCodes(content); break;
                case 0xDB: ReadTables(content); break;
                case 0xDD: interval = content.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(content) : throw Damaged(name, "a restart interval has no length"); break;
                case 0xEE: if (content.Length >= 12 && content.StartsWith("Adobe"u8)) adobe = content[11]; break;
                case 0xC0 or 0xC1 or 0xC2: ReadFrame(content, marker == 0xC2, file.Length); break;
                case 0xDA: at = ReadScan(file, content, at); break;
                case >= 0xC3 and <= 0xCF: throw new CaravanException($"The JPEG picture '{name}' is coded without loss or arithmetically, which is not supported; save it as a baseline or progressive JPEG.");
                default: break;
            }
        }

        if (scans == 0) throw Damaged(name, "it has no pixels");
        return JpegPixels.Of(components, tables, width, height, ToRgb(), name);
    }

    /// <summary>Three components are brightness and differences of colour, unless the file says, or calls them, red, green and blue.</summary>
    private bool ToRgb() => adobe is { } transform ? transform != 0 : !components.Select(component => component.Id).SequenceEqual("RGB".Select(letter => (int)letter));

    private int Marker(ReadOnlySpan<byte> file, ref int at)
    {
        while (at + 1 < file.Length)
        {
            if (file[at++] != 0xFF) continue;
            while (at < file.Length && file[at] == 0xFF) at++;
            if (at < file.Length && file[at] is not 0 and not (>= 0xD0 and <= 0xD7) and not 1) return file[at++];
        }

        return scans > 0 ? 0xD9 : throw Damaged(name, "it is cut off");
    }

    private void ReadCodes(ReadOnlySpan<byte> content)
    {
        while (content.Length > 0)
        {
            if (content.Length < 17 || (content[0] & 15) > 3 || content[0] >> 4 > 1) throw Damaged(name, "a table of codes is broken");
            int count = 0;
            foreach (byte codes in content.Slice(1, 16)) count += codes;
            if (count > 256 || content.Length < 17 + count) throw Damaged(name, "a table of codes is broken");
            (content[0] >> 4 == 0 ? first : others)[content[0] & 15] = new JpegCodes(content.Slice(1, 16), content.Slice(17, count));
            content = content[(17 + count)..];
        }
    }

    private void ReadTables(ReadOnlySpan<byte> content)
    {
        while (content.Length > 0)
        {
            int size = content[0] >> 4 == 0 ? 1 : 2;
            if ((content[0] & 15) > 3 || content[0] >> 4 > 1 || content.Length < 1 + (64 * size)) throw Damaged(name, "a table of quantization is broken");
            ushort[] table = new ushort[64];
            for (int i = 0; i < 64; i++)
                table[JpegScan.Diagonal[i]] = size == 1 ? content[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(content[(1 + (2 * i))..]);
            tables[content[0] & 15] = table;
            content = content[(1 + (64 * size))..];
        }
    }

    private void ReadFrame(ReadOnlySpan<byte> content, bool progressive, int fileLength)
    {
        if (components.Length > 0 || content.Length < 6 || content.Length < 6 + (3 * content[5])) throw Damaged(name, "its header is broken");
        if (content[0] != 8 || content[5] is not (1 or 3))
            throw new CaravanException($"The JPEG picture '{name}' has {content[5]} components of {content[0]} bits; 1 or 3 of 8 bits are supported: save it as grey or RGB.");
        (height, width, isProgressive) = (BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]), progressive);
        Picture.RequireSize(width, height, name);
        JpegComponent[] found = new JpegComponent[content[5]];
        for (int i = 0; i < found.Length; i++)
        {
            ReadOnlySpan<byte> one = content.Slice(6 + (3 * i), 3);
            found[i] = new JpegComponent { Id = one[0], Across = one[1] >> 4, Down = one[1] & 15, Table = one[2] };
            if (found[i].Across is < 1 or > 4 || found[i].Down is < 1 or > 4 || found[i].Table > 3) throw Damaged(name, "its header is broken");
        }

        int across = found.Max(one => one.Across), down = found.Max(one => one.Down);
        // Each block takes a bit at least.
        if ((long)Part(width, 8 * across) * Part(height, 8 * down) * found.Sum(one => one.Across * one.Down) > 8L * fileLength) throw Damaged(name, "it has fewer bytes than its size needs");
        foreach (JpegComponent one in found)
        {
            one.Width = Part(width * one.Across, across);
            one.Height = Part(height * one.Down, down);
            one.BlocksAcross = Part(width, 8 * across) * one.Across;
            one.Coefficients = new short[checked(one.BlocksAcross * Part(height, 8 * down) * one.Down * 64)];
        }

        components = found;
    }

    /// <returns>Where the scan ends.</returns>
    private int ReadScan(ReadOnlySpan<byte> file, ReadOnlySpan<byte> content, int at)
    {
        if (components.Length == 0 || content.Length < 1 || content.Length < 4 + (2 * content[0]) || ++scans > MostScans) throw Damaged(name, "a scan is broken");
        List<JpegComponent> chosen = [];
        for (int i = 0; i < content[0]; i++)
        {
            int id = content[1 + (2 * i)], codes = content[2 + (2 * i)];
            JpegComponent one = components.FirstOrDefault(component => component.Id == id) ?? throw Damaged(name, "a scan is of an unknown component");
            if (codes >> 4 > 3 || (codes & 15) > 3 || chosen.Contains(one)) throw Damaged(name, "a scan is broken");
            (one.First, one.Others, one.Predicted) = (first[codes >> 4], others[codes & 15], 0);
            chosen.Add(one);
        }

        ReadOnlySpan<byte> range = content[(1 + (2 * content[0]))..];
        (int from, int to, int high, int low) = isProgressive ? (range[0], range[1], range[2] >> 4, range[2] & 15) : (0, 63, 0, 0);
        if (chosen.Count == 0 || from > to || to > 63 || low > 13 || (isProgressive && from == 0 && to > 0) || (from > 0 && chosen.Count > 1)) throw Damaged(name, "a scan is broken");
        JpegBits bits = new(file, at, name);
        ReadBlocks(ref bits, new JpegScan(isProgressive, from, to, high, low, name), chosen);
        return bits.Position;
    }

    /// <summary>A component alone comes block by block; several come in units that hold some blocks of each.</summary>
    private void ReadBlocks(ref JpegBits bits, JpegScan scan, List<JpegComponent> chosen)
    {
        bool alone = chosen.Count == 1;
        int across = alone ? Part(chosen[0].Width, 8) : Part(width, 8 * components.Max(one => one.Across));
        int down = alone ? Part(chosen[0].Height, 8) : Part(height, 8 * components.Max(one => one.Down));
        for (int unit = 0; unit < across * down; unit++)
        {
            if (interval > 0 && unit > 0 && unit % interval == 0)
            {
                bits.Restart();
                scan.Restart();
                foreach (JpegComponent one in chosen) one.Predicted = 0;
            }

            foreach (JpegComponent one in chosen)
            {
                (int wide, int high) = alone ? (1, 1) : (one.Across, one.Down);
                for (int i = 0; i < wide * high; i++)
                {
                    int block = (((unit / across * high) + (i / wide)) * one.BlocksAcross) + (unit % across * wide) + (i % wide);
                    scan.Read(ref bits, one, one.Coefficients.AsSpan(64 * block, 64));
                }
            }
        }
    }

    private static int Part(int whole, int of) => (whole + of - 1) / of;
}
