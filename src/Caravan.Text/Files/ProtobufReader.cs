using System.Buffers.Binary;

namespace Caravan.Text;

/// <summary>Reads the fields of one Protocol Buffers message; every length is checked against the bytes that are there.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string file)
{
    private ReadOnlySpan<byte> rest = bytes;
    private int wireType;

    /// <summary>The number of the field last entered.</summary>
    public int Field { get; private set; }

    /// <summary>Enters the next field; false at the end.</summary>
    public bool Next()
    {
        if (rest.IsEmpty) return false;
        ulong tag = Varint();
        (Field, wireType) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        return true;
    }

    /// <summary>The field's bytes.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        if (wireType != 2) throw Broken($"field {Field} has wire type {wireType} where bytes were expected");
        ulong length = Varint();
        if (length > (ulong)rest.Length) throw Broken($"field {Field} claims {length} bytes where {rest.Length} are left");
        ReadOnlySpan<byte> result = rest[..(int)length];
        rest = rest[(int)length..];
        return result;
    }

    /// <summary>The field's whole number.</summary>
    public long Integer() => wireType == 0 ? (long)Varint() : throw Broken($"field {Field} has wire type {wireType} where a number was expected");

    /// <summary>The field's single-precision number.</summary>
    public float Single()
    {
        if (wireType != 5) throw Broken($"field {Field} has wire type {wireType} where a 32-bit number was expected");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    /// <summary>Passes over the field.</summary>
    public void Skip()
    {
        switch (wireType)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            case 5: Take(4); break;
            default: throw Broken($"field {Field} has the unknown wire type {wireType}");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (rest.Length < length) throw Broken($"field {Field} needs {length} bytes where {rest.Length} are left");
        ReadOnlySpan<byte> result = rest[..length];
        rest = rest[length..];
        return result;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (rest.IsEmpty) throw Broken("it ends inside a number");
            byte one = rest[0];
            rest = rest[1..];
            if (shift < 64) value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80) return value;
        }

        throw Broken("a number has more than ten bytes");
    }

    private readonly CaravanException Broken(string what) => new($"'{file}' is not a whole SentencePiece model: {what}; download the file again.");
}
