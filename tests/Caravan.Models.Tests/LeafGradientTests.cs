using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Gradients of weights that are taken as soon as they are complete are those that come after the way back, bit for bit.</summary>
public sealed class LeafGradientTests : IDisposable
{
    private readonly Device device = new(2);

    public static TheoryData<string> Families => [.. FamilyCatalog.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Of_every_family(string name)
    {
        using TemporaryFolder folder = new();
        TinyFamilies.Write(name, folder);
        foreach (bool recomputes in (bool[])[false, true])
        {
            using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true });
            TrainingTask task = TrainingTask.Of(model, Texts());
            using Pass pass = new(device, new Tape()) { RecomputesLayers = recomputes };
            pass.Tape!.Backward(pass, task.Loss(pass));
            Dictionary<Tensor, float[]> kept = model.Weights.Where(weight => weight.Gradient is not null).ToDictionary(weight => weight, weight => weight.Gradient!.Floats.AsSpan().ToArray());
            pass.Reset();
            Taker taker = new();
            pass.LeafGradients = taker;
            pass.Tape.Backward(pass, task.Loss(pass));
            pass.Reset();
            Assert.Equal(kept.Count, taker.Taken.Count);
            foreach ((Tensor weight, float[] gradient) in kept) Assert.True(gradient.AsSpan().SequenceEqual(taker.Taken[weight]), $"{weight}");
        }
    }

    public void Dispose() => device.Dispose();

    private static int[][] Texts()
    {
        Random random = new(3);
        return [.. new[] { 9, 5 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(3, TinyFamilies.LeastVocabulary)).ToArray())];
    }

    /// <summary>Keeps gradients, and spoils each weight then, which nobody may read any more.</summary>
    private sealed class Taker : ILeafGradients
    {
        public Dictionary<Tensor, float[]> Taken { get; } = [];

        public Tensor Lend(Tensor leaf) => Tensor.Allocate(leaf.Shape);

        public void Complete(Tensor leaf)
        {
            Taken.Add(leaf, leaf.Gradient!.Floats.AsSpan().ToArray());
            leaf.Gradient.Dispose();
            leaf.Gradient = null;
            leaf.Floats.AsSpan().Fill(float.NaN);
        }
    }
}
