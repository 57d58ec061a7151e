using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Models with experts, beyond what <see cref="GoldenModelTests"/> asks of every model.</summary>
public sealed class ExpertsTests : IDisposable
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 20).Select(i => (5 + (i * 13)) % 96)];

    private readonly TemporaryFolder folder = new();

    private static string Mixtral => Fixtures.PathOf("models", "mixtral");

    public void Dispose() => folder.Dispose();

    /// <summary>experts · Σ over experts of the share of tokens that choose them times their mean probability (Fedus et al. 2021, eq. 4), all layers together.</summary>
    [FixtureFact]
    public void The_load_balancing_loss_is_that_of_the_reference()
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Mixtral, "expected.json"))).RootElement.GetProperty("router_aux").GetProperty("per_sequence");
        GoldenModel golden = GoldenModel.Open("models/mixtral");
        using Model model = Model.Load(Mixtral);
        using Device device = new(1);
        for (int i = 0; i < golden.Sequences.Count; i++)
        {
            List<float[]> probabilities = [];
            using Pass pass = new(device)
            {
                LinearObserver = (x, weight) =>
                {
                    if (!weight.Name!.EndsWith("router.weight", StringComparison.Ordinal)) return;
                    for (int row = 0; row < x.Shape.Rows; row++) probabilities.Add(Probabilities(x, row, weight));
                },
            };
            Run(model, pass, golden.Sequences[i].InputIds);
            double loss = 0;
            for (int expert = 0; expert < 4; expert++)
            {
                double chosen = probabilities.Average(row => row.Count(other => other > row[expert]) < 2 ? 1.0 : 0);
                loss += 4 * chosen * probabilities.Average(row => row[expert]);
            }

            // Probabilities are floats; the reference prints nine digits of a float.
            Assert.Equal(expected[i].GetProperty("aux_loss").GetDouble(), loss, 1e-5);
        }
    }

    /// <summary>What else is in the batch decides which rows share an expert, and nothing about the numbers.</summary>
    [FixtureFact]
    public void A_sequence_gets_the_same_bits_in_every_batch()
    {
        using Model model = Model.Load(Mixtral);
        using Device device = new(2);
        using Pass pass = new(device);
        float[] alone = Run(model, pass, Tokens);
        pass.Reset();
        Batch batch = new();
        batch.AddSequence(Tokens.AsSpan(3, 9));
        batch.AddSequence(Tokens);
        batch.AddSequence(Tokens.AsSpan(1, 1));
        float[] together = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
        Assert.Equal(alone, together[(9 * 96)..(29 * 96)]);
    }

    [FixtureFact]
    public void A_router_that_is_no_number_crashes_nothing()
    {
        string spoilt = WriteCopy(tensor => tensor.Name == "model.layers.1.block_sparse_moe.gate.weight"
            ? TensorSource.From(tensor) with { Write = stream => stream.Write(Enumerable.Repeat((byte)0xFF, (int)tensor.Data.Length).ToArray()) }
            : TensorSource.From(tensor));
        using Model model = Model.Load(spoilt);
        using Device device = new(2);
        using Pass pass = new(device);
        Assert.All(Run(model, pass, Tokens), logit => Assert.True(float.IsNaN(logit)));
        Assert.Equal("model.layers.1.block_sparse_moe.gate.weight", model.FindNonFiniteWeight());
    }

    [FixtureFact]
    public void A_stack_of_another_number_of_experts_is_named()
    {
        string gguf = folder.File("x.gguf");
        GgufMetadata metadata = WriteGguf(gguf, stacked: true);
        metadata.Set("llama.expert_count", 5u);
        using (Checkpoint file = CheckpointReader.Open(gguf)) GgufWriter.Write(folder.File("y.gguf"), metadata, [.. file.Tensors.Values.Select(TensorSource.From)]);
        Assert.Contains("has the shape [4, 48], but the configuration asks for [5, 48].", Failure(folder.File("y.gguf")), StringComparison.Ordinal);
        using (Checkpoint file = CheckpointReader.Open(gguf))
        {
            metadata.Set("llama.expert_count", 4u);
            metadata.Set("llama.expert_used_count", 5u);
            GgufWriter.Write(folder.File("z.gguf"), metadata, [.. file.Tensors.Values.Select(TensorSource.From)]);
            metadata.Set("llama.expert_used_count", 2u);
            GgufWriter.Write(folder.File("w.gguf"), metadata, [.. file.Tensors.Values.Select(Halved)]);
        }

        Assert.Equal($"'{folder.File("z.gguf")}' lets each token pass 5 experts, but has 4.", Failure(folder.File("z.gguf")));
        Assert.Contains("tensor 'blk.0.ffn_up_exps.weight' of the shape [2, 64, 48] is not the stack of 4 that the configuration asks for.", Failure(folder.File("w.gguf")), StringComparison.Ordinal);

        string Failure(string path) => Assert.Throws<CaravanException>(() => Model.Load(path).Dispose()).Message;

        static TensorSource Halved(TensorEntry tensor) => tensor.Name.EndsWith("ffn_up_exps.weight", StringComparison.Ordinal)
            ? TensorSource.From(tensor) with { Shape = [2, 64, 48] }
            : TensorSource.From(tensor);
    }

    /// <summary>Files from before stacks have a tensor for each expert.</summary>
    [FixtureFact]
    public void Gguf_files_with_single_experts_are_read()
    {
        WriteGguf(folder.File("stacked.gguf"), stacked: true);
        WriteGguf(folder.File("single.gguf"), stacked: false);
        using Device device = new(1);
        using Pass pass = new(device);
        using Model stacked = Model.Load(folder.File("stacked.gguf"), new ModelOptions { Strict = true });
        using Model single = Model.Load(folder.File("single.gguf"), new ModelOptions { Strict = true });
        Assert.Equal("mixtral", single.Family.Name);
        Assert.Equal(Run(stacked, pass, Tokens), Run(single, pass, Tokens));
    }

    [FixtureFact]
    public void A_gguf_without_experts_is_no_mixtral()
    {
        GgufMetadata metadata = WriteGguf(folder.File("x.gguf"), stacked: true);
        metadata.Set("llama.expert_count", 0u);
        using (Checkpoint file = CheckpointReader.Open(folder.File("x.gguf")))
            GgufWriter.Write(folder.File("y.gguf"), metadata, [.. file.Tensors.Values.Select(TensorSource.From)]);
        string sentence = Assert.Throws<CaravanException>(() => Model.Load(folder.File("y.gguf")).Dispose()).Message;
        Assert.Contains("'blk.0.ffn_gate.weight', which a llama model needs", sentence, StringComparison.Ordinal);
    }

    private static float[] Run(Model model, Pass pass, int[] tokens)
    {
        Batch batch = new();
        batch.AddSequence(tokens);
        return model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
    }

    private static float[] Probabilities(Tensor x, int row, Tensor weight)
    {
        int columns = (int)weight.Shape.Columns;
        double[] powers =
        [
            .. Enumerable.Range(0, (int)weight.Shape[0]).Select(expert =>
                Math.Exp(Enumerable.Range(0, columns).Sum(k => (double)x.Floats[((long)row * columns) + k] * weight.Floats[((long)expert * columns) + k]))),
        ];
        return [.. powers.Select(power => (float)(power / powers.Sum()))];
    }

    private string WriteCopy(Func<TensorEntry, TensorSource> change)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Mixtral);
        SafetensorsWriter.Write(folder.File("model.safetensors"), [.. checkpoint.Tensors.Values.Select(change)]);
        File.Copy(Path.Combine(Mixtral, "config.json"), folder.File("config.json"));
        return folder.Path;
    }

    /// <summary>The fixture's weights under GGUF's names. The rows of Q and K keep Hugging Face's order, so the numbers are a model's, but not the fixture's.</summary>
    private static GgufMetadata WriteGguf(string path, bool stacked)
    {
        using Model model = Model.Load(Mixtral);
        GgufMetadata metadata = new();
        metadata.Set("general.architecture", "llama");
        ConfigWriter config = new(gguf: true);
        model.Family.Describe(model.Decoder.Spec, config);
        foreach ((string key, object value) in config.Values)
        {
            object stored = value switch { int whole => (uint)whole, double real => (float)real, _ => value };
            metadata.Set($"llama.{GgufConfigKeys.Find(key)?.Gguf ?? key}", stored);
        }

        List<TensorSource> tensors = [];
        foreach (IGrouping<string, Tensor> group in model.Decoder.Weights.GroupBy(weight => NameOf(model, weight, stacked)))
        {
            Tensor[] parts = [.. group];
            long[] shape = [.. parts.Length > 1 ? [parts.Length] : Array.Empty<long>(), .. Enumerable.Range(0, parts[0].Shape.Rank).Select(axis => parts[0].Shape[axis])];
            byte[] bytes = [.. parts.SelectMany(part => part.Bytes.AsSpan().ToArray())];
            tensors.Add(new TensorSource(group.Key, DType.F32, [.. shape], stream => stream.Write(bytes)));
        }

        GgufWriter.Write(path, metadata, tensors);
        return metadata;
    }

    private static string NameOf(Model model, Tensor weight, bool stacked) =>
        model.Family.NamesOnDisk(weight.Name!, gguf: true).Last(place => !stacked || place.Slice is not null || WeightName.Parse(weight.Name!).Expert is null).Name;
}
