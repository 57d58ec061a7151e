using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Block types in GGUF files.</summary>
public sealed class BlockTypeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<DType> Types => [.. WeightTypes.Gguf];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_is_encoded_kept_and_decoded(DType type)
    {
        string source = TinyModel.Write(folder, "source"), gguf = folder.File("x.gguf"), copy = folder.File("y.gguf"), back = folder.File("back");
        ConvertReport report = Converter.Convert(source, gguf, new ConvertOptions { Type = type, Threads = 3 });
        Assert.Equal(type == DType.F32 ? 21 : 16, report.Types[type]);
        float[] expected = Cast(TensorBytes.Interleaved(TensorBytes.Values(source, "model.layers.1.self_attn.k_proj.weight"), 256, 64), type);
        Assert.Equal(expected, TensorBytes.Values(gguf, "blk.1.attn_k.weight"));
        Assert.Equal(Cast(TensorBytes.Values(source, "lm_head.weight"), type), TensorBytes.Values(gguf, "output.weight"));
        using (Model model = Model.Load(gguf))
        {
            Assert.Equal(2, model.Checkpoint.Metadata!.Integer("general.quantization_version"));
            Assert.Equal(GgufFileTypes.Of(type), model.Checkpoint.Metadata.Integer("general.file_type"));
        }

        Converter.Convert(gguf, copy, new ConvertOptions { Type = type });
        TensorBytes.AssertSame(gguf, copy);
        Converter.Convert(gguf, back, new ConvertOptions { Type = DType.F32 });
        ModelRun.AssertSameLogits(gguf, back, ModelRun.Rounding(gguf));
    }

    [Theory]
    [InlineData(DType.Q4_K, 64, DType.Q5_0)]
    [InlineData(DType.Q5_K, 64, DType.Q5_1)]
    [InlineData(DType.Q6_K, 64, DType.Q8_0)]
    [InlineData(DType.Q3_K, 64, DType.Q4_0)]
    [InlineData(DType.Q2_K, 64, DType.Q4_0)]
    [InlineData(DType.Q4_K, 40, DType.F16)]
    [InlineData(DType.Q8_0, 40, DType.F16)]
    public void Rows_that_fill_no_block_fall_back(DType type, int hidden, DType expected)
    {
        string source = TinyModel.Write(folder, "source", hidden), gguf = folder.File("x.gguf");
        ConvertReport report = Converter.Convert(source, gguf, new ConvertOptions { Type = type });
        Assert.Contains(expected, report.Types.Keys);
        Assert.DoesNotContain(type, report.Types.Keys);
        Assert.Contains($"{expected} instead of {type}", report.Notes[0], StringComparison.Ordinal);
        ModelRun.Logits(gguf);
        using Checkpoint checkpoint = CheckpointReader.Open(gguf);
        Assert.Equal(GgufFileTypes.Of(expected), checkpoint.Metadata!.Integer("general.file_type"));
    }

    [Fact]
    public void Blocks_change_places_without_being_decoded()
    {
        const int heads = 2, headSize = 8, columns = 32;
        byte[] rows = new byte[heads * headSize * DType.Q8_0.BlockBytes()];
        new Random(1).NextBytes(rows);
        // Scales that are no infinities or NaN.
        for (int i = 0; i < heads * headSize; i++) rows[(i * DType.Q8_0.BlockBytes()) + 1] &= 0x3F;
        using NativeBuffer buffer = new(rows.Length);
        rows.CopyTo(buffer.Bytes.AsSpan());
        TensorEntry entry = new("q", DType.Q8_0, [heads * headSize, columns], buffer.Bytes);
        using TensorEncoder encoder = new("x", 2);
        byte[] there = Encoded(entry, new RowOrder(RotaryLayout.Interleaved, headSize, headSize));
        Assert.NotEqual(rows, there);
        there.CopyTo(buffer.Bytes.AsSpan());
        Assert.Equal(rows, Encoded(entry, new RowOrder(RotaryLayout.HalfSplit, headSize, headSize)));

        byte[] Encoded(TensorEntry tensor, RowOrder order)
        {
            using MemoryStream stream = new();
            WeightSource source = new(tensor, null, Transposed: false, Map: null);
            encoder.Source(new PlannedTensor("q", [new PlannedPart("q", source, new RowRuns(0, tensor.Shape[0], tensor.Shape[0]), order)], DType.Q8_0)).Write(stream);
            return stream.ToArray();
        }
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(12, 8)]
    [InlineData(6, 2)]
    public void Orders_undo_each_other(int headSize, int dimensions)
    {
        RowOrder there = new(RotaryLayout.Interleaved, headSize, dimensions), back = new(RotaryLayout.HalfSplit, headSize, dimensions);
        for (long row = 0; row < 3 * headSize; row++) Assert.Equal(row, there.SourceRow(back.SourceRow(row)));
        Assert.Equal(dimensions / 2, there.SourceRow(1));
        Assert.Equal(headSize - 1 >= dimensions ? headSize - 1 : dimensions - 1, there.SourceRow(headSize - 1));
    }

    private static float[] Cast(float[] values, DType type)
    {
        using NativeBuffer floats = new((long)values.Length * sizeof(float)), blocks = new(type.Bytes(values.Length));
        values.CopyTo(floats.Bytes.Cast<float>().AsSpan());
        QuantFormats.Of(type).Encode(floats.Bytes.Cast<float>(), blocks.Bytes, 256);
        QuantFormats.Of(type).Decode(blocks.Bytes, floats.Bytes.Cast<float>());
        return floats.Bytes.Cast<float>().AsSpan().ToArray();
    }
}
