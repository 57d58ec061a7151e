using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Experts are single matrices in Hugging Face folders and one tensor in GGUF files.</summary>
public sealed class ExpertsTests : IDisposable
{
    private const int Experts = 8;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_expert_of_a_stack_is_quantized_row_by_row()
    {
        string source = TinyModel.Write(folder, "source", experts: Experts), target = folder.File("x.gguf"), back = folder.File("back");
        Quantizer.Quantize(source, target, new QuantizeOptions { Mix = QuantizationMix.Parse("q4_0"), Threads = 3 });
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> tensors = TensorBytes.Of(target);
        Assert.Equal((DType.Q4_0, "[8, 512, 256]"), (tensors["blk.1.ffn_gate_exps.weight"].Type, tensors["blk.1.ffn_gate_exps.weight"].Shape));
        Assert.Equal((DType.Q4_0, "[8, 256, 512]"), (tensors["blk.1.ffn_down_exps.weight"].Type, tensors["blk.1.ffn_down_exps.weight"].Shape));
        Assert.Equal(DType.F32, tensors["blk.1.ffn_gate_inp.weight"].Type);
        Assert.Equal((DType.Q8_0, DType.Q8_0, DType.Q4_0), (tensors["blk.0.attn_k.weight"].Type, tensors["blk.0.attn_v.weight"].Type, tensors["blk.0.attn_q.weight"].Type));
        for (int expert = 0; expert < Experts; expert++)
        {
            byte[] alone = QuantizerTests.Encoded(DType.Q4_0, TensorBytes.Values(source, $"model.layers.1.block_sparse_moe.experts.{expert}.w2.weight"), 512);
            Assert.Equal(alone, tensors["blk.1.ffn_down_exps.weight"].Bytes[(expert * alone.Length)..((expert + 1) * alone.Length)]);
        }

        Converter.Convert(target, back, new ConvertOptions { Type = DType.F32 });
        ModelRun.AssertSameLogits(target, back, ModelRun.Rounding(target));
        using Model model = Model.Load(back);
        Assert.Equal("mixtral", model.Family.Name);
    }

    [Fact]
    public void Quantizing_a_stack_again_is_quantizing_its_experts()
    {
        string source = TinyModel.Write(folder, "source", experts: 4), plain = folder.File("plain.gguf"), once = folder.File("once.gguf"), direct = folder.File("direct.gguf");
        Converter.Convert(source, plain);
        Converter.Convert(plain, once, new ConvertOptions { Type = DType.Q8_0 });
        Converter.Convert(source, direct, new ConvertOptions { Type = DType.Q8_0 });
        TensorBytes.AssertSame(direct, once);
    }

    /// <summary>Files from before stacks are written anew as llama.cpp reads them today.</summary>
    [Fact]
    public void Single_experts_of_a_gguf_are_stacked()
    {
        string source = TinyModel.Write(folder, "source", experts: 4), stacked = folder.File("stacked.gguf"), single = folder.File("single.gguf"), again = folder.File("again.gguf");
        Converter.Convert(source, stacked);
        using (Checkpoint file = CheckpointReader.Open(stacked)) GgufWriter.Write(single, file.Metadata!, [.. file.Tensors.Values.SelectMany(Singles)]);
        Converter.Convert(single, again);
        TensorBytes.AssertSame(stacked, again);

        static IEnumerable<TensorSource> Singles(TensorEntry tensor) => tensor.Name.EndsWith("_exps.weight", StringComparison.Ordinal)
            ? Enumerable.Range(0, 4).Select(expert =>
                TensorSource.From(tensor.Slice(expert) with { Name = tensor.Name.Replace("_exps", $".{expert}", StringComparison.Ordinal) }))
            : [TensorSource.From(tensor)];
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_found_in_its_expert()
    {
        string source = TinyModel.Write(folder, "source", experts: 4, spoil: (name, values) =>
        {
            if (name == "model.layers.0.block_sparse_moe.experts.2.w1.weight") values[(7 * 256) + 5] = float.NaN;
        });
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File("x.gguf"))).Message;
        Assert.Contains("tensor 'model.layers.0.block_sparse_moe.experts.2.w1.weight' holds NaN at row 7, column 5", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_expert_is_weighed_by_the_texts_that_came_to_it()
    {
        string source = TinyModel.Write(folder, "source", experts: 2), weighed = folder.File("x.gguf"), saved = folder.File("imatrix.gguf");
        float[] squares = [.. Enumerable.Range(0, 512).Select(i => i < 256 ? 1f + (i % 4 * 30) : 0)];
        OrderedDictionary<string, ImportanceSums> sums = new() { ["blk.1.ffn_up_exps.weight"] = new ImportanceSums(squares, [4, 0]) };
        ImportanceMatrix matrix = new(sums, ["test"], 1, 8);
        matrix.Save(saved);
        ImportanceMatrix read = ImportanceMatrix.Load(saved);
        Assert.Equal(squares[..256].Select(square => square / 4), read.WeightsOf("blk.1.ffn_up_exps.weight", 256, 0, 2)!);
        Assert.Null(read.WeightsOf("blk.1.ffn_up_exps.weight", 256, 1, 2));
        Assert.Throws<CaravanException>(() => read.WeightsOf("blk.1.ffn_up_exps.weight", 256, 0, 4));
        ConvertReport report = Quantizer.Quantize(source, weighed, new QuantizeOptions { Mix = QuantizationMix.Parse("q4_0").Pure(), Importance = read });
        // The stack counts among those of which something is not known: no text came to its second expert.
        Assert.Contains("does not know 14 tensors", report.Notes[0], StringComparison.Ordinal);
        byte[] stack = TensorBytes.Of(weighed)["blk.1.ffn_up_exps.weight"].Bytes;
        for (int expert = 0; expert < 2; expert++)
        {
            float[] values = TensorBytes.Values(source, $"model.layers.1.block_sparse_moe.experts.{expert}.w3.weight");
            byte[] expected = QuantizerTests.Encoded(DType.Q4_0, values, 256, expert == 0 ? read.WeightsOf("blk.1.ffn_up_exps.weight", 256, 0, 2) : null);
            Assert.Equal(expected, stack[(expert * expected.Length)..((expert + 1) * expected.Length)]);
        }
    }

    [FixtureFact]
    public void Importance_is_collected_for_each_expert()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "mixtral"));
        ImportanceCollector collector = new(model);
        using Device device = new(1);
        using Pass pass = new(device) { LinearObserver = collector.Observe };
        Batch batch = new();
        batch.AddSequence([.. Enumerable.Range(0, 40).Select(i => i * 7 % 96)], LogitRows.None);
        model.Decoder.Forward(pass, batch);
        OrderedDictionary<string, ImportanceSums> sums = collector.Sums();
        ImportanceSums gates = sums["blk.0.ffn_gate_exps.weight"];
        Assert.Equal(4 * 48, gates.Squares.Length);
        // Each token passes two experts.
        Assert.Equal(80, gates.Counts.Sum());
        Assert.Equal([40f], sums["blk.0.ffn_gate_inp.weight"].Counts);
        // What comes to the experts is what comes to the router, twice.
        for (int i = 0; i < 48; i++)
        {
            float router = sums["blk.0.ffn_gate_inp.weight"].Squares[i];
            Assert.Equal(2, Enumerable.Range(0, 4).Sum(expert => gates.Squares[(expert * 48) + i]) / router, 1e-5);
        }
    }
}
