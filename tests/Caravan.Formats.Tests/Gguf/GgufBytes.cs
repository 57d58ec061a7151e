using System.Text;

namespace Caravan.Formats.Tests;

/// <summary>Puts GGUF files together number by number, so that tests can lie in any of them.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> bytes = [];

    public GgufBytes(ulong tensors = 0, ulong pairs = 0, uint version = 3, string magic = "GGUF")
    {
        Raw(Encoding.ASCII.GetBytes(magic)).UInt32(version).UInt64(tensors).UInt64(pairs);
    }

    public GgufBytes Text(string text) => UInt64((ulong)Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    public GgufBytes UInt32(uint value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes UInt64(ulong value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes Raw(params byte[] values)
    {
        bytes.AddRange(values);
        return this;
    }

    /// <summary>A metadata pair of type UInt32.</summary>
    public GgufBytes Pair(string key, uint value) => Text(key).UInt32((uint)GgufValueType.UInt32).UInt32(value);

    /// <summary>A tensor's description; dimensions innermost first, as in the file.</summary>
    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        Text(name).UInt32((uint)dimensions.Length);
        foreach (ulong dimension in dimensions) UInt64(dimension);
        return UInt32(type).UInt64(offset);
    }

    /// <summary>Zeros up to the next multiple of 32 and then <paramref name="count"/> bytes of tensor data.</summary>
    public GgufBytes Data(int count) => Raw(new byte[((32 - (bytes.Count % 32)) % 32) + count]);

    public byte[] ToArray() => [.. bytes];
}
