using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>RWKV-6 goes to GGUF and back, and GGUFs as llama.cpp's converter writes them are read.</summary>
public sealed class RwkvTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rwkv6_goes_to_gguf_and_back()
    {
        string source = folder.File("source"), gguf = folder.File("x.gguf"), back = folder.File("back");
        TinyRwkv.Write(source, 6);
        Converter.Convert(source, gguf);
        Converter.Convert(gguf, back);
        TensorBytes.AssertSame(source, back);
        Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(gguf));
        Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(back));
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> tensors = TensorBytes.Of(gguf);
        Assert.Equal(TensorBytes.Of(source).Count, tensors.Count);
        using Checkpoint file = CheckpointReader.Open(gguf);
        Assert.Equal((long[])[5, 16, 32], file.Tensors["blk.1.time_mix_w2.weight"].Shape.ToArray());
        Assert.Equal((long[])[160, 16], file.Tensors["blk.1.time_mix_w1.weight"].Shape.ToArray());
        Assert.Equal((long[])[16, 64], file.Tensors["blk.1.time_mix_decay_w2.weight"].Shape.ToArray());
        Assert.Equal(4, file.Metadata!.Integer("rwkv6.wkv.head_size"));
        Assert.Equal(32, file.Metadata!.Integer("rwkv6.time_mix_extra_dim"));
        Assert.Equal(64, file.Metadata!.Integer("rwkv6.time_decay_extra_dim"));
    }

    /// <summary>Shares in one tensor of four dimensions, vectors without others, deep layers divided; only the epsilons of norms see the latter.</summary>
    [Fact]
    public void Ggufs_of_others_are_read()
    {
        string source = folder.File("source"), gguf = folder.File("x.gguf"), other = folder.File("y.gguf"), again = folder.File("z.gguf");
        TinyRwkv.Write(source, 6);
        Converter.Convert(source, gguf);
        using (Checkpoint file = CheckpointReader.Open(gguf))
        {
            GgufMetadata metadata = file.Metadata!;
            metadata.Set("rwkv6.rescale_every_n_layers", 1u);
            GgufWriter.Write(other, metadata, [.. file.Tensors.Values.Where(tensor => !IsShare(tensor)).Select(Halved), .. Enumerable.Range(0, 2).Select(layer => Fused(file, layer))]);
        }

        float[] expected = ModelRun.Logits(source), found = ModelRun.Logits(other);
        // A variance of v in place of 4 · v meets the same epsilon of 1e-5: at most a part of 2e-5 of numbers that two layers pass on.
        float tolerance = 1e-3f * (expected.Max() - expected.Min());
        for (int i = 0; i < expected.Length; i++) Assert.InRange(found[i] - expected[i], -tolerance, tolerance);
        Converter.Convert(other, again);
        Assert.Equal(found, ModelRun.Logits(again));
        Assert.Contains("OutputScale", Assert.Throws<CaravanException>(() => Converter.Convert(other, folder.File("back"))).Message, StringComparison.Ordinal);

        static bool IsShare(TensorEntry tensor) => tensor.Name.Contains(".time_mix_lerp_", StringComparison.Ordinal) && !tensor.Name.Contains("lerp_x", StringComparison.Ordinal);

        static TensorSource Halved(TensorEntry tensor)
        {
            long[] shape = tensor.Shape.Length > 2 && tensor.Shape[0] == 1 ? [tensor.Shape[^1]] : [.. tensor.Shape];
            bool divided = tensor.Name is "blk.1.time_mix_output.weight" or "blk.1.channel_mix_value.weight";
            float[] values = [.. tensor.Data.Cast<float>().AsSpan().ToArray().Select(value => divided ? value / 2 : value)];
            return Source(tensor.Name, values, shape);
        }

        static TensorSource Fused(Checkpoint file, int layer)
        {
            float[] values = [.. "wkvrg".SelectMany(part => file.Tensors[$"blk.{layer}.time_mix_lerp_{part}.weight"].Data.Cast<float>().AsSpan().ToArray())];
            return Source($"blk.{layer}.time_mix_lerp_fused.weight", values, [5, 1, 1, values.Length / 5]);
        }

        static TensorSource Source(string name, float[] values, long[] shape)
        {
            byte[] bytes = new byte[values.Length * sizeof(float)];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            return new TensorSource(name, DType.F32, [.. shape], stream => stream.Write(bytes));
        }
    }

    [Fact]
    public void What_steers_the_recurrence_stays_exact()
    {
        string source = folder.File("source"), gguf = folder.File("x.gguf");
        TinyRwkv.Write(source, 6, hidden: 32);
        Converter.Convert(source, gguf, new ConvertOptions { Type = DType.Q8_0 });
        foreach ((string name, (DType type, string shape, _)) in TensorBytes.Of(gguf))
        {
            bool steers = name.Contains("_w1.", StringComparison.Ordinal) || name.Contains("_w2.", StringComparison.Ordinal) || name.Contains("_first.", StringComparison.Ordinal);
            bool vector = name.Contains("lerp", StringComparison.Ordinal) || name.EndsWith("decay.weight", StringComparison.Ordinal) || name.Contains("norm", StringComparison.Ordinal) || name.Contains("_ln.", StringComparison.Ordinal);
            Assert.Equal((name, steers || vector ? DType.F32 : DType.Q8_0), (name, type));
        }

        Assert.All(ModelRun.Logits(gguf), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Rwkv5_has_no_architecture_there()
    {
        string source = folder.File("source");
        TinyRwkv.Write(source, 5);
        Assert.Contains("GGUF has no architecture", Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File("x.gguf"))).Message, StringComparison.Ordinal);
    }
}
