using System.Diagnostics;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Cli;

/// <summary>
/// How fast the linear layers of a model are by themselves, each called again and again with as many rows as a pass over a prompt gives them:
/// what reading prompts would reach if everything else cost nothing.
/// </summary>
internal sealed class LinearSpeed : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private readonly Pass pass;
    private readonly Dictionary<(long Rows, DType Type, Shape Shape), (Tensor Weight, int Calls)> layers = [];

    /// <summary>Finds the layers by one pass over <paramref name="prompt"/>; model and device stay the caller's.</summary>
    public LinearSpeed(Model model, Device device, ReadOnlySpan<int> prompt)
    {
        pass = new Pass(device);
        using Pass finding = new(device) { LinearObserver = Add };
        Batch batch = new();
        batch.AddSequence(prompt, LogitRows.None);
        model.Decoder.Forward(finding, batch);
        Operations = layers.Sum(layer => 2.0 * layer.Key.Rows * layer.Key.Shape.Elements * layer.Value.Calls);
    }

    /// <summary>Additions and multiplications of all linear layers in one pass.</summary>
    public double Operations { get; }

    /// <summary>Seconds that they take, one after the other.</summary>
    public double Seconds() => layers.Sum(layer => layer.Value.Calls * SecondsOf(layer.Key.Rows, layer.Value.Weight));

    public void Dispose() => pass.Dispose();

    private void Add(Tensor x, Tensor weight)
    {
        (long, DType, Shape) key = (x.Shape.Rows, weight.DType, weight.Shape);
        layers[key] = layers.TryGetValue(key, out (Tensor Weight, int Calls) known) ? (known.Weight, known.Calls + 1) : (weight, 1);
    }

    private double SecondsOf(long rows, Tensor weight)
    {
        pass.Reset();
        Tensor x = pass.Workspace.Rent(new Shape(rows, weight.Shape.Columns));
        SplitMix64 random = new(1);
        foreach (ref float value in x.Floats.AsSpan()) value = (float)(random.NextDouble() - 0.5);
        Workspace.Mark mark = pass.Workspace.Here();
        Call();
        (int calls, long start) = (0, Stopwatch.GetTimestamp());
        do
        {
            Call();
            calls++;
        }
        while (Stopwatch.GetElapsedTime(start) < Shortest);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;

        void Call()
        {
            Linear.Forward(pass, x, weight);
            pass.Workspace.Release(mark);
        }
    }
}
