using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training.Tests;

/// <summary>A small model with a batch that it learns by heart.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Pass pass, reading;
    private readonly Batch batch = new();
    private readonly int[] labels;

    public Learner(Device device, string folder, IEnumerable<int[]> rows, IEnumerable<int[]> labels, Func<Tensor, bool>? decays = null, bool recomputes = false)
    {
        Device = device;
        Model = Model.Load(folder, new ModelOptions { Trainable = true });
        pass = new Pass(device, new Tape()) { RecomputesLayers = recomputes };
        reading = new Pass(device);
        foreach (int[] row in rows) batch.AddSequence(row);
        this.labels = [.. labels.SelectMany(row => (int[])[.. row[1..], Tensors.Ops.CrossEntropy.Ignored])];
        Parameters = [.. Model.Decoder.Weights.Select(weight => new Parameter(weight) { Decays = decays?.Invoke(weight) ?? true })];
    }

    public Device Device { get; }

    public Model Model { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>All values, one after another.</summary>
    public float[] Values => [.. Parameters.SelectMany(parameter => parameter.Values.Floats.AsSpan().ToArray())];

    /// <summary>Whatever the optimizer needs before its step; the loss before it.</summary>
    public double Prepare(Optimizer optimizer, double rate)
    {
        if (!optimizer.UsesGradients) return optimizer.Estimate(Device, Parameters, Loss);
        pass.LeafGradients = optimizer.Fuse(Device, Parameters, rate);
        foreach (Parameter parameter in Parameters)
        {
            if (pass.LeafGradients is null) parameter.KeepGradient();
            parameter.ClearGradient();
        }

        Tensor loss = Scalar(pass);
        double value = loss.Floats[0];
        pass.Tape!.Backward(pass, loss);
        return value;
    }

    /// <summary>The loss before a step, and the step.</summary>
    public double Step(Optimizer optimizer, double rate)
    {
        double loss = Prepare(optimizer, rate);
        optimizer.Step(Device, Parameters, rate);
        return loss;
    }

    public double GradientNorm() => Math.Sqrt(Parameters.Sum(parameter => Device.Kernels.SumOfSquares(parameter.Gradient!.Floats)));

    public double Loss() => Scalar(reading).Floats[0];

    public void Dispose()
    {
        pass.Dispose();
        reading.Dispose();
        foreach (Parameter parameter in Parameters) parameter.Dispose();
        Model.Dispose();
    }

    private Tensor Scalar(Pass within)
    {
        within.Reset();
        return Model.Decoder.Loss(within, batch, labels);
    }
}
