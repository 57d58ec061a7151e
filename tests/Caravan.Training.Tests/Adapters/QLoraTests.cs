using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;
using Caravan.Weights;

namespace Caravan.Training.Tests;

/// <summary>Learning over frozen weights of 4 bits.</summary>
public sealed class QLoraTests : IDisposable
{
    private static readonly int[] Text = [1, 403, 407, 261, 378, 33, 57, 12, 9, 401];

    private readonly Device device = new(2);
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-qlora-").FullName;

    private static string Stories => Fixtures.PathOf("real", "stories260K.bin");

    public void Dispose()
    {
        device.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [FixtureTheory]
    [InlineData(DType.NF4)]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q8_0)]
    public void FrozenWeightsAreQuantizedAsTheyAreLoadedAndLearntOver(DType type)
    {
        using Model model = Model.Load(Stories, new ModelOptions { FrozenType = type });
        Assert.Equal(type, model.Adapters.Projections["layers.0.attention.query"].Weights.Weight.DType);
        Assert.Equal(DType.F32, model.Weights.Single(weight => weight.Name == "embedding.weight").DType);
        using Adapter adapter = AdapterKinds.Create(model, new AdapterOptions { Rank = 4, Alpha = 8 }, "qlora");
        FewTexts method = new(model, model.Adapters.Attach(adapter), [Text]);
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter);
        using AdamW optimizer = new(parameters);
        using TrainingLoop loop = new(device, method, parameters, optimizer, AdapterTrials.Constant(1e-2), new LoopOptions());
        double first = loop.Step().Loss;
        for (int i = 1; i < 30; i++) loop.Step();
        Assert.True(loop.Evaluate()["loss"] < 0.3 * first, $"{first} became {loop.Evaluate()["loss"]}");
    }

    /// <summary>
    /// What bitsandbytes' layout keeps are the codes of the same blocks, and scales in 8 bits: steps of a dynamic map are at most 1/64 of a group's widest
    /// distance from the mean, and its scales are near each other.
    /// </summary>
    [FixtureFact]
    public void AFolderInBitsAndBytesLayoutHoldsTheSameBlocks()
    {
        string target = Path.Combine(folder, "nf4"), back = Path.Combine(folder, "back");
        ConvertReport report = Converter.Convert(Stories, target, new ConvertOptions { Type = DType.NF4 });
        Assert.Contains(DType.NF4, report.Types.Keys);
        using Model read = Model.Load(target), frozen = Model.Load(Stories, new ModelOptions { FrozenType = DType.NF4 });
        Assert.Empty(read.Unread);
        int compared = 0;
        foreach ((string layer, Projection projection) in read.Adapters.Projections)
        {
            Tensor stored = projection.Weights.Weight, made = frozen.Adapters.Projections[layer].Weights.Weight;
            Assert.Equal(made.DType, stored.DType);
            // Rows that a rotary embedding pairs lie in another order in a folder.
            if (stored.DType != DType.NF4 || read.Family.RowOf($"{layer}.weight").Rotary) continue;
            compared++;
            ReadOnlySpan<byte> a = made.Bytes.AsSpan(), b = stored.Bytes.AsSpan();
            float[] scales = [.. Enumerable.Range(0, a.Length / 36).Select(block => BitConverter.ToSingle(made.Bytes.AsSpan(block * 36, 4)))];
            float widest = scales.Max() - scales.Min();
            for (int block = 0; block < scales.Length; block++)
            {
                Assert.Equal(a.Slice((block * 36) + 4, 32), b.Slice((block * 36) + 4, 32));
                Assert.Equal(scales[block], BitConverter.ToSingle(b[(block * 36)..]), widest / 64);
            }
        }

        Assert.True(compared > 10);
        Converter.Convert(target, back, new ConvertOptions { Type = DType.F32 });
        Assert.DoesNotContain("quantization_config", File.ReadAllText(Path.Combine(back, "config.json")), StringComparison.Ordinal);
        Assert.Contains("GGUF does not have", Assert.Throws<CaravanException>(() => Converter.Convert(target, Path.Combine(folder, "a.gguf"))).Message, StringComparison.Ordinal);
    }
}
