using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Reads the operands of pickle instructions; every length is checked against the bytes that remain.</summary>
internal sealed class PickleCursor(string path, NativeSpan<byte> bytes)
{
    // Names and numbers on lines of their own are short; a missing line end must not make a name of the whole file.
    private const int MaximumLine = 1024;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Two bytes, unsigned.</summary>
    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>Four bytes, signed.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Four bytes, unsigned.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Eight bytes, unsigned.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A float64, which pickle keeps in big-endian order.</summary>
    public double Real() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Passes over a number of bytes.</summary>
    public void Skip(ulong count)
    {
        CheckRemaining(count);
        Position += (long)count;
    }

    /// <summary>A text of a given length; bytes that are not UTF-8 become replacement characters.</summary>
    public string Text(ulong count)
    {
        CheckRemaining(count);
        return Encoding.UTF8.GetString(Take((int)count));
    }

    /// <summary>A two's complement number of any length; null when it does not fit 64 bits.</summary>
    public long? Integer(ulong count)
    {
        CheckRemaining(count);
        if (count > 8)
        {
            Skip(count);
            return null;
        }

        ReadOnlySpan<byte> span = Take((int)count);
        long value = span.Length > 0 && (sbyte)span[^1] < 0 ? -1 : 0;
        for (int i = span.Length - 1; i >= 0; i--) value = (value << 8) | span[i];
        return value;
    }

    /// <summary>The text up to the next line end, which is passed over.</summary>
    public string Line()
    {
        int available = (int)Math.Min(bytes.Length - Position, MaximumLine);
        int length = bytes.AsSpan(Position, available).IndexOf((byte)'\n');
        if (length < 0) throw Malformed(available < MaximumLine ? "ends inside a line of text" : $"holds a name of more than {MaximumLine} bytes");
        string line = Encoding.UTF8.GetString(Take(length + 1)[..length]);
        return line.EndsWith('\r') ? line[..^1] : line;
    }

    /// <summary>A memo index on a line of its own.</summary>
    public uint LineIndex()
    {
        string line = Line();
        return uint.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out uint index)
            ? index
            : throw Malformed("holds a memo index that is not a number");
    }

    /// <summary>Throws unless that many bytes remain.</summary>
    public void CheckRemaining(ulong count)
    {
        long remaining = bytes.Length - Position;
        if (count > (ulong)remaining) throw Malformed($"ends after {bytes.Length} bytes where {count} more follow byte {Position}", at: false);
    }

    /// <summary>The failure of a damaged pickle, with the place.</summary>
    public CaravanException Malformed(string what, bool at = true) =>
        new($"'{path}' cannot be read: its pickle {what}{(at ? $" (byte {Math.Max(0, Position - 1)})" : "")}; " +
            "fetch it again, or convert it to safetensors.");

    private ReadOnlySpan<byte> Take(int count)
    {
        CheckRemaining((ulong)count);
        ReadOnlySpan<byte> span = bytes.AsSpan(Position, count);
        Position += count;
        return span;
    }
}
