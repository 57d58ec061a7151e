namespace Caravan.Formats;

/// <summary>The bits of a scan, from the highest of each byte; a byte 255 is followed by a 0 that does not count, or by a marker that ends them.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> file, int start, string name)
{
    private readonly ReadOnlySpan<byte> file = file;
    private readonly string name = name;
    private int current, left;

    /// <summary>Where the next byte is.</summary>
    public int Position { get; private set; } = start;

    /// <summary>The next bit.</summary>
    public int Bit()
    {
        if (left == 0)
        {
            current = Byte();
            left = 8;
        }

        return (current >> --left) & 1;
    }

    /// <summary>So many bits as a number.</summary>
    public int Bits(int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++) value = (value << 1) | Bit();
        return value;
    }

    /// <summary>A signed number of so many bits: those that begin with 0 are negative.</summary>
    public int Signed(int count)
    {
        int value = Bits(count);
        return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
    }

    /// <summary>Goes on behind a restart marker.</summary>
    public void Restart()
    {
        left = 0;
        if (Position + 2 > file.Length || file[Position] != 0xFF || file[Position + 1] is < 0xD0 or > 0xD7) throw JpegDecoder.Damaged(name, "a restart marker is missing");
        Position += 2;
    }

    private int Byte()
    {
        if (Position >= file.Length) throw JpegDecoder.Damaged(name, "it is cut off");
        int value = file[Position++];
        if (value != 0xFF) return value;
        if (Position >= file.Length || file[Position] != 0) throw JpegDecoder.Damaged(name, "a scan ends too early");
        Position++;
        return value;
    }
}
