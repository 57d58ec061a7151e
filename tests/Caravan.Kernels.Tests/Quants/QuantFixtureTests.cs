using Caravan.Testing;

namespace Caravan.Kernels.Tests;

/// <summary>Byte for byte against llama.cpp's own quantiser; see <c>shared/fixtures/quants/README.md</c>.</summary>
public sealed class QuantFixtureTests
{
    /// <summary>Tensor A: 24 rows of 256; tensor B: 8 rows of 512.</summary>
    private static readonly (int Start, int Count, int Row)[] Tensors = [(0, 6144, 256), (6144, 4096, 512)];

    public static TheoryData<DType> Types =>
    [
        .. QuantFormats.All.Select(format => format.DType).Where(type => type is not (DType.F32 or DType.F64 or DType.NF4)),
    ];

    [FixtureTheory]
    [MemberData(nameof(Types))]
    public void Decodes_bit_for_bit(DType type)
    {
        byte[] blocks = File.ReadAllBytes(Fixtures.PathOf("quants", $"{type}.bin"));
        byte[] expected = File.ReadAllBytes(Fixtures.PathOf("quants", $"{type}.f32"));
        using NativeBuffer source = Native.Copy<byte>(blocks);
        using NativeBuffer destination = new(expected.Length);

        QuantFormats.Of(type).Decode(source.Bytes, destination.Bytes.Cast<float>());

        Assert.Equal(expected, destination.Bytes.AsSpan().ToArray());
    }

    [FixtureTheory]
    [MemberData(nameof(Types))]
    public void Encodes_byte_for_byte(DType type)
    {
        byte[] expected = File.ReadAllBytes(Fixtures.PathOf("quants", $"{type}.bin"));
        using NativeBuffer input = Native.Copy<byte>(File.ReadAllBytes(Fixtures.PathOf("quants", "input.f32")));
        using NativeBuffer output = new(expected.Length);

        foreach ((int start, int count, int row) in Tensors)
        {
            NativeSpan<byte> blocks = output.Bytes.Slice(type.Bytes(start), type.Bytes(count));
            QuantFormats.Of(type).Encode(input.Bytes.Cast<float>().Slice(start, count), blocks, row);
        }

        IEnumerable<int> blocksOfFile = Enumerable.Range(0, expected.Length / type.BlockBytes());
        Assert.DoesNotContain(blocksOfFile, block => Differs(block, expected, output, type));
    }

    private static bool Differs(int block, byte[] expected, NativeBuffer output, DType type) =>
        !expected.AsSpan(block * type.BlockBytes(), type.BlockBytes())
            .SequenceEqual(output.Bytes.AsSpan(block * type.BlockBytes(), type.BlockBytes()));
}
