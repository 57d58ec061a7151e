using System.Buffers.Binary;
using System.Text;
using Caravan.Kernels;

namespace Caravan.Formats.Tests;

/// <summary>Writes pickles instruction by instruction, as Python's pickler does for torch.save (protocol 2 unless told).</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> bytes = [];

    public PickleWriter(byte protocol = 2) => Raw(0x80, protocol);

    public static IReadOnlyDictionary<DType, string> StorageNames { get; } = new Dictionary<DType, string>
    {
        [DType.F32] = "FloatStorage",
        [DType.F16] = "HalfStorage",
        [DType.BF16] = "BFloat16Storage",
        [DType.F64] = "DoubleStorage",
        [DType.I64] = "LongStorage",
        [DType.I32] = "IntStorage",
        [DType.I16] = "ShortStorage",
        [DType.I8] = "CharStorage",
        [DType.U8] = "ByteStorage",
        [DType.Bool] = "BoolStorage",
    };

    public byte[] Bytes() => [.. bytes];

    public byte[] Stop() => Raw('.').Bytes();

    public PickleWriter Raw(params ReadOnlySpan<byte> more)
    {
        bytes.AddRange(more);
        return this;
    }

    public PickleWriter Raw(char opcode) => Raw((byte)opcode);

    public PickleWriter Line(string text) => Raw(Encoding.UTF8.GetBytes(text + "\n"));

    public PickleWriter Text(string text)
    {
        byte[] encoded = Encoding.UTF8.GetBytes(text);
        return Raw('X').UInt32((uint)encoded.Length).Raw(encoded);
    }

    public PickleWriter UInt32(uint number)
    {
        Span<byte> encoded = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(encoded, number);
        return Raw(encoded);
    }

    /// <summary>A number in the shortest of BININT1, BININT2, BININT and LONG1, as Python chooses.</summary>
    public PickleWriter Number(long number)
    {
        if (number is >= 0 and < 256) return Raw((byte)'K', (byte)number);
        if (number is >= 0 and < 65536) return Raw((byte)'M', (byte)number, (byte)(number >> 8));
        if (number is >= int.MinValue and <= int.MaxValue) return Raw('J').UInt32((uint)number);
        byte[] encoded = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(encoded, number);
        return Raw(0x8a, 8).Raw(encoded);
    }

    public PickleWriter Global(string module, string name) => Raw('c').Line(module).Line(name);

    public PickleWriter Tuple(params long[] numbers)
    {
        Raw('(');
        foreach (long number in numbers) Number(number);
        return Raw('t');
    }

    /// <summary><c>('storage', torch.XStorage, key, 'cpu', elements)</c> and BINPERSID; the legacy format appends None.</summary>
    public PickleWriter Storage(string type, string key, long elements, bool legacy = false, string module = "torch")
    {
        Raw('(').Text("storage").Global(module, type).Text(key).Text("cpu").Number(elements);
        return (legacy ? Raw('N') : this).Raw('t').Raw('Q');
    }

    /// <summary>The call of <c>_rebuild_tensor_v2</c> on one storage.</summary>
    public PickleWriter Tensor(DType type, string key, long elements, long offset, long[] shape, long[] strides, bool legacy = false) =>
        Global("torch._utils", "_rebuild_tensor_v2").Raw('(').Storage(StorageNames[type], key, elements, legacy)
            .Number(offset).Tuple(shape).Tuple(strides).Raw(0x89).EmptyOrderedDict().Raw('t').Raw('R');

    public PickleWriter EmptyOrderedDict() => Global("collections", "OrderedDict").Raw(')').Raw('R');

    /// <summary>A contiguous float32 tensor that fills its storage.</summary>
    public PickleWriter Vector(string key, long elements) => Tensor(DType.F32, key, elements, 0, [elements], [1]);
}
