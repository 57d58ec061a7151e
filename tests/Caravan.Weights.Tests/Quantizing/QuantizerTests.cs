using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Models that are quantized by a mix.</summary>
public sealed class QuantizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensors_get_the_types_of_the_mix()
    {
        string source = TinyModel.Write(folder, "source"), target = folder.File("x.gguf");
        ConvertReport report = Quantizer.Quantize(source, target, new QuantizeOptions { Mix = QuantizationMix.Parse("q4_k_s"), Threads = 2 });
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> tensors = TensorBytes.Of(target);
        Assert.Equal(DType.Q6_K, tensors["output.weight"].Type);
        Assert.Equal(DType.Q5_K, tensors["blk.1.attn_v.weight"].Type);
        Assert.Equal(DType.Q4_K, tensors["blk.1.ffn_down.weight"].Type);
        Assert.Equal(DType.Q4_K, tensors["token_embd.weight"].Type);
        Assert.Equal(DType.F32, tensors["blk.0.attn_norm.weight"].Type);
        Assert.Contains("No tokenizer", Assert.Single(report.Notes), StringComparison.Ordinal);
        using Checkpoint checkpoint = CheckpointReader.Open(target);
        Assert.Equal(14, checkpoint.Metadata!.Integer("general.file_type"));
        ModelRun.Logits(target);
    }

    [Fact]
    public void A_tied_embedding_is_a_head()
    {
        string source = TinyModel.Write(folder, "source", change: config => config["tie_word_embeddings"] = true), target = folder.File("x.gguf");
        Quantizer.Quantize(source, target, new QuantizeOptions { Mix = QuantizationMix.Parse("q4_0") });
        Assert.Equal(DType.Q6_K, TensorBytes.Of(target)["token_embd.weight"].Type);
    }

    [Fact]
    public void Rows_that_fill_no_super_block_fall_back()
    {
        string source = TinyModel.Write(folder, "source", hidden: 64), target = folder.File("x.gguf");
        ConvertReport report = Quantizer.Quantize(source, target, new QuantizeOptions { Mix = QuantizationMix.Parse("iq4_xs") });
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> tensors = TensorBytes.Of(target);
        Assert.Equal(DType.Q8_0, tensors["output.weight"].Type);
        Assert.Equal(DType.IQ4_NL, tensors["blk.0.attn_q.weight"].Type);
        Assert.Contains(report.Notes, note => note.Contains("IQ4_NL instead of IQ4_XS", StringComparison.Ordinal));
    }

    [Fact]
    public void The_columns_that_matter_keep_smaller_errors()
    {
        string source = TinyModel.Write(folder, "source"), plain = folder.File("plain.gguf"), weighed = folder.File("weighed.gguf");
        float[] importance = [.. Enumerable.Range(0, 256).Select(i => i % 4 == 0 ? 30f : 0.1f)];
        ImportanceMatrix matrix = Matrix(("blk.1.attn_q.weight", importance), ("blk.1.attn_v.weight", importance));
        QuantizationMix mix = QuantizationMix.Parse("q4_k_m").Pure();
        Quantizer.Quantize(source, plain, new QuantizeOptions { Mix = mix });
        ConvertReport report = Quantizer.Quantize(source, weighed, new QuantizeOptions { Mix = mix, Importance = matrix, Threads = 3 });
        Assert.Contains("does not know 12 tensors", report.Notes[0], StringComparison.Ordinal);

        const string key = "blk.1.attn_v.weight";
        float[] original = TensorBytes.Values(source, "model.layers.1.self_attn.v_proj.weight");
        Assert.True(Error(weighed) < 0.9 * Error(plain));
        Assert.Equal(TensorBytes.Of(plain)["blk.1.attn_k.weight"].Bytes, TensorBytes.Of(weighed)["blk.1.attn_k.weight"].Bytes);
        Assert.Equal(Encoded(DType.Q4_K, original, 256, importance), TensorBytes.Of(weighed)[key].Bytes);

        double Error(string path) => TensorBytes.Values(path, key).Select((value, i) => importance[i % 256] * Math.Pow(value - original[i], 2)).Sum();
    }

    [Fact]
    public void A_matrix_of_another_model_is_refused()
    {
        string source = TinyModel.Write(folder, "source"), target = folder.File("x.gguf");
        Refused("was made with another model", Matrix(("blk.0.attn_q.weight", new float[64])));
        Refused("knows none of the tensors", Matrix(("blk.7.attn_q.weight", new float[256])));
        Refused("The importance of column 3 of 'blk.0.attn_q.weight' is NaN", Matrix(("blk.0.attn_q.weight", [.. Enumerable.Range(0, 256).Select(i => i == 3 ? float.NaN : 1)])));

        void Refused(string words, ImportanceMatrix matrix)
        {
            string sentence = Assert.Throws<CaravanException>(() => Quantizer.Quantize(source, target, new QuantizeOptions { Importance = matrix })).Message;
            Assert.Contains(words, sentence, StringComparison.Ordinal);
            Assert.False(File.Exists(target));
        }
    }

    [Fact]
    public void Quantizing_again_is_noted()
    {
        string source = TinyModel.Write(folder, "source"), once = folder.File("once.gguf"), twice = folder.File("twice.gguf");
        Quantizer.Quantize(source, once, new QuantizeOptions { Mix = QuantizationMix.Parse("q8_0") });
        ConvertReport report = Quantizer.Quantize(once, twice, new QuantizeOptions { Mix = QuantizationMix.Parse("q4_k_m") });
        Assert.Contains("16 tensors were quantized before", report.Notes[0], StringComparison.Ordinal);
    }

    internal static ImportanceMatrix Matrix(params (string Name, float[] Means)[] tensors)
    {
        OrderedDictionary<string, ImportanceSums> sums = [];
        foreach ((string name, float[] means) in tensors) sums.Add(name, new ImportanceSums([.. means.Select(mean => 8 * mean)], 8));
        return new ImportanceMatrix(sums, ["test"], 1, 8);
    }

    internal static byte[] Encoded(DType type, float[] values, int columns, float[]? importance = null)
    {
        using NativeBuffer floats = new((long)values.Length * sizeof(float)), blocks = new(type.Bytes(values.Length)), weights = new(columns * sizeof(float));
        values.CopyTo(floats.Bytes.Cast<float>().AsSpan());
        importance?.CopyTo(weights.Bytes.Cast<float>().AsSpan());
        QuantFormats.Of(type).Encode(floats.Bytes.Cast<float>(), blocks.Bytes, columns, importance is null ? default : weights.Bytes.Cast<float>());
        return blocks.Bytes.AsSpan().ToArray();
    }
}
