using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Every fixture of a known family goes to GGUF and back.</summary>
public sealed class FixtureConversionTests : IDisposable
{
    private static readonly ConvertOptions Dropping = new() { DropRotaryScaling = true };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FixtureTheory]
    [MemberData(nameof(ModelRun.Fixture), MemberType = typeof(ModelRun))]
    public void To_gguf_and_back(string fixture)
    {
        string source = Fixtures.PathOf(fixture.Split('/')), gguf = folder.File("x.gguf"), back = folder.File("back");
        if (!HasArchitecture(source))
        {
            Assert.Contains("GGUF has no architecture", Assert.Throws<CaravanException>(() => Converter.Convert(source, gguf, Dropping)).Message, StringComparison.Ordinal);
            return;
        }

        if (Inexpressible(source) is { } reason)
        {
            // What GGUF has no key for is refused, and not lost.
            Assert.Contains(reason, Assert.Throws<CaravanException>(() => Converter.Convert(source, gguf, Dropping)).Message, StringComparison.Ordinal);
            return;
        }

        ConvertReport there = Converter.Convert(source, gguf, Dropping);
        ConvertReport here = Converter.Convert(gguf, back);
        if (IsEncoder(source))
        {
            // Its heads stay behind, and the names of one that was saved alone come back with what stands before them beside heads.
            Assert.All(there.LeftOut, omission => Assert.Contains("no name for this head", omission.Why, StringComparison.Ordinal));
            ModelRun.AssertSameLogits(source, gguf, ModelRun.Rounding(source));
            Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(back));
            return;
        }

        TensorBytes.AssertSame(source, back, StoredOtherwise(source));
        Assert.Equal(TensorBytes.Of(gguf).Count(pair => !pair.Key.StartsWith("rope_f", StringComparison.Ordinal)), there.Tensors);
        Assert.Equal(TensorBytes.Of(back).Count, here.Tensors);
        Assert.Equal(there.Tensors, there.Types.Values.Sum());
        Assert.Equal(there.Tensors, there.Types[DType.F32]);
        Assert.Equal(there.Bytes, new FileInfo(gguf).Length);
        if (there.LeftOut.Count > 0)
        {
            // Only dynamic scaling has no words in GGUF.
            Assert.Equal(["Dynamic"], there.LeftOut.Select(omission => omission.What.Contains("Dynamic", StringComparison.Ordinal) ? "Dynamic" : omission.What));
            return;
        }

        ModelRun.AssertSameLogits(source, gguf, ModelRun.Rounding(source));
        if (KeepsLogarithms(source)) ModelRun.AssertSameLogits(source, back, ModelRun.Rounding(source));
        else Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(back));
    }

    /// <summary>Rates that Hugging Face keeps as logarithms come back from GGUF rounded twice.</summary>
    private static bool KeepsLogarithms(string source)
    {
        using Model model = Model.Load(source);
        return model.Weights.Any(weight => model.Family.RowOf(weight.Name!).Gguf?.Map == ElementMap.LogarithmOfRate);
    }

    /// <summary>
    /// Tensors whose elements GGUF keeps as a function of themselves (w + 1, rows of length 1), which rounds: what they compute is the same bit by bit,
    /// as the logits show.
    /// </summary>
    private static HashSet<string> StoredOtherwise(string source)
    {
        using Model model = Model.Load(source);
        return
        [
            .. model.Weights.Select(weight => weight.Name!)
                .Where(name => model.Family.RowOf(name) is var row && (row.HuggingFace.Map != row.Gguf?.Map || row.Gguf?.UnitRows == true))
                .Select(name => model.Family.NamesOnDisk(name, gguf: false).First().Name),
        ];
    }

    /// <summary>GGUF's T5 takes distances up to 128 as given; the fixtures have others.</summary>
    [FixtureTheory]
    [InlineData("t5-v1_0", "t5")]
    [InlineData("t5-v1_1", "t5-v1.1")]
    [InlineData("mt5", "t5-v1.1")]
    [InlineData("umt5", "umt5")]
    public void Encoder_decoders_with_the_distances_that_gguf_knows(string fixture, string family)
    {
        string source = folder.File("source"), gguf = folder.File("x.gguf"), back = folder.File("back");
        Directory.CreateDirectory(source);
        File.Copy(Fixtures.PathOf("models", fixture, "model.safetensors"), Path.Combine(source, "model.safetensors"));
        string config = File.ReadAllText(Fixtures.PathOf("models", fixture, "config.json"));
        File.WriteAllText(Path.Combine(source, "config.json"), config.Replace("\"relative_attention_max_distance\": 20", "\"relative_attention_max_distance\": 128", StringComparison.Ordinal));
        Converter.Convert(source, gguf);
        Converter.Convert(gguf, back);
        TensorBytes.AssertSame(source, back);
        Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(gguf));
        Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(back));
        using Model found = Model.Load(back);
        Assert.Equal(family, found.Family.Name);
    }

    private static bool IsEncoder(string source)
    {
        using Model model = Model.Load(source);
        return model.Network is Encoder;
    }

    /// <summary>Of families that share a name in config.json GGUF may know only some.</summary>
    private static bool HasArchitecture(string source)
    {
        using Model model = Model.Load(source);
        return model.Family.GgufArchitectures.Count > 0;
    }

    private static string? Inexpressible(string source)
    {
        using Model model = Model.Load(source);
        return model.Family.Inexpressible(model.Spec, gguf: true, model.Reader);
    }

    [FixtureFact]
    public void Dynamic_scaling_is_refused_unless_it_may_go()
    {
        string source = Fixtures.PathOf("models", "llama-rope-dynamic"), gguf = folder.File("x.gguf");
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(source, gguf)).Message;
        Assert.Contains("DynamicScaling", sentence, StringComparison.Ordinal);
        Assert.Contains("up to 16 tokens", sentence, StringComparison.Ordinal);
        Assert.False(File.Exists(gguf));

        Converter.Convert(source, gguf, Dropping);
        int[] tokens = [.. Enumerable.Range(3, 16)];
        float[] expected = ModelRun.Logits(source, tokens), found = ModelRun.Logits(gguf, tokens);
        float rounding = 2e-5f * (expected.Max() - expected.Min());
        for (int i = 0; i < expected.Length; i++) Assert.InRange(found[i] - expected[i], -rounding, rounding);
    }

    [FixtureTheory]
    [InlineData("mistral-sliding", "mistral", 9)]
    [InlineData("mistral-nowindow", "llama", 0)]
    [InlineData("llama-rope-linear-attnbias-tied", "llama", 0)]
    public void Gguf_knows_the_window_and_the_folder_the_family(string fixture, string family, int window)
    {
        string gguf = folder.File("x.gguf"), back = folder.File("back");
        Converter.Convert(Fixtures.PathOf("models", fixture), gguf);
        Converter.Convert(gguf, back);
        using Model middle = Model.Load(gguf);
        Assert.Equal(window, ((AttentionSpec)middle.Decoder.Spec.Layers[0].SequenceMixer).Window);
        Assert.Equal(window > 0 ? window : null, middle.Checkpoint.Metadata!.Integer("llama.attention.sliding_window"));
        using Model end = Model.Load(back);
        Assert.Equal(family, end.Family.Name);
        Assert.Equal(window, ((AttentionSpec)end.Decoder.Spec.Layers[0].SequenceMixer).Window);
        Assert.Equal(middle.Decoder.Spec.TiedHead, end.Decoder.Spec.TiedHead);
        Assert.Equal(end.Decoder.Spec.TiedHead, !middle.Checkpoint.Tensors.ContainsKey("output.weight"));
    }

    [FixtureFact]
    public void Llama2c_to_a_folder_is_what_others_converted()
    {
        string back = folder.File("back"), gguf = folder.File("x.gguf"), source = Fixtures.PathOf("real", "stories260K.bin");
        Converter.Convert(source, back);
        TensorBytes.AssertSame(Fixtures.PathOf("real", "stories260K-hf"), back);
        Assert.Equal(ModelRun.Logits(Fixtures.PathOf("real", "stories260K-hf")), ModelRun.Logits(back));
        Converter.Convert(source, gguf);
        Assert.Equal(ModelRun.Logits(source), ModelRun.Logits(gguf));
    }

    [FixtureTheory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Half_precision_is_casting(DType type)
    {
        const string fixture = "llama-gqa";
        string source = Fixtures.PathOf("models", fixture), gguf = folder.File("x.gguf"), cast = folder.File("cast");
        Converter.Convert(source, gguf, new ConvertOptions { Type = type });
        Converter.Convert(source, cast, new ConvertOptions { Type = type });
        using Model model = Model.Load(source);
        int headSize = model.Decoder.Spec.Layers[0].SequenceMixer.Rotation!.HeadSize;
        foreach ((string name, TensorEntry tensor) in model.Checkpoint.Tensors)
        {
            float[] expected = [.. TensorBytes.Values(source, name).Select(value => Rounded(value, type))];
            Assert.Equal(expected, TensorBytes.Values(cast, name));
        }

        float[] query = TensorBytes.Values(source, "model.layers.0.self_attn.q_proj.weight");
        Assert.Equal(
            TensorBytes.Interleaved([.. query.Select(value => Rounded(value, type))], model.Decoder.Spec.HiddenSize, headSize),
            TensorBytes.Values(gguf, "blk.0.attn_q.weight"));
        Assert.Equal(TensorBytes.Values(source, "model.norm.weight"), TensorBytes.Values(gguf, "output_norm.weight"));
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> tensors = TensorBytes.Of(gguf);
        Assert.All(tensors, pair => Assert.Equal(pair.Key.EndsWith("norm.weight", StringComparison.Ordinal) ? DType.F32 : type, pair.Value.Type));
    }

    private static float Rounded(float value, DType type)
    {
        if (type == DType.F16) return (float)(Half)value;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
