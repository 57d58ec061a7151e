using System.Diagnostics;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>The loop that every method shares: batch → forward → loss → backward → clip → optimizer.</summary>
/// <param name="device">Where it computes; stays the caller's.</param>
/// <param name="method">What is learnt from; stays the caller's.</param>
/// <param name="parameters">What is learnt; stays the caller's.</param>
/// <param name="optimizer">How; stays the caller's.</param>
/// <param name="schedule">At which rate.</param>
/// <param name="options">Clipping and more.</param>
internal sealed class TrainingLoop(
    Device device, Method method, IReadOnlyList<Parameter> parameters, Optimizer optimizer, Schedule schedule, LoopOptions options) : IDisposable
{
    private readonly Pass learning = new(device, new Tape()) { RecomputesLayers = options.RecomputeLayers, TrainingPrecision = options.Precision };
    private readonly Pass reading = new(device);
    private readonly IReadOnlyList<IReadOnlyList<Parameter>> tasks = [.. parameters.GroupBy(parameter => parameter.Task).Select(task => task.ToArray())];

    /// <summary>How many steps were taken; set when a run is resumed.</summary>
    public int Steps { get; set; }

    /// <summary>What is learnt.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>How.</summary>
    public Optimizer Optimizer => optimizer;

    /// <summary>What is learnt from.</summary>
    public Method Method => method;

    /// <summary>What adapters want of training beside their forward passes; stay the caller's. Empty by default.</summary>
    public IReadOnlyList<AdapterPolicy> Policies { get; init; } = [];

    /// <summary>Takes one step.</summary>
    /// <exception cref="CaravanException">The loss or its gradient is not a number; the parameters are as they were.</exception>
    public StepReport Step()
    {
        Stopwatch watch = Stopwatch.StartNew();
        method.Observations.Clear();
        IReadOnlyList<MicroBatch> batch = method.Draw(Steps);
        double rate = schedule.Rate(Steps);
        learning.LeafGradients = optimizer.Fuse(device, parameters, rate);
        double loss = optimizer.UsesGradients ? ForwardAndBackward(batch) : optimizer.Estimate(device, parameters, () => Forward(batch));
        double norm = KeepsGradients ? GradientNorm(parameters) : 0;
        RequireFinite(loss, norm, batch);
        optimizer.Step(device, parameters, rate, tasks.Count > 1 ? ClipByTask() : Clipping(norm));
        foreach (AdapterPolicy policy in Policies) policy.AfterStep(Steps, rate);
        method.AfterStep(Steps);
        Steps++;
        return new StepReport(Steps, loss, norm, rate, batch.Sum(part => (long)part.Tokens), watch.Elapsed, method.Observations.Means);
    }

    /// <summary>Numbers over data that is held out.</summary>
    public IReadOnlyDictionary<string, double> Evaluate()
    {
        reading.Reset();
        return method.Evaluate(reading);
    }

    /// <summary>Frees the activations' memory.</summary>
    public void Dispose()
    {
        learning.Dispose();
        reading.Dispose();
    }

    private bool KeepsGradients => optimizer.UsesGradients && learning.LeafGradients is null;

    private double ForwardAndBackward(IReadOnlyList<MicroBatch> batch)
    {
        if (KeepsGradients)
        {
            foreach (Parameter parameter in parameters)
            {
                parameter.KeepGradient();
                parameter.ClearGradient();
            }
        }
        else if (batch.Count > 1)
        {
            throw new CaravanException($"A step of {batch.Count} parts cannot be taken by an optimizer that moves the parameters on the way back; let all of a step's tokens pass at once, or take fewer.");
        }

        double sum = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            MicroBatch part = batch[i];
            learning.Reset();
            learning.Seed = Noise.Mix(Noise.Mix(options.Seed, (ulong)Steps), (ulong)i);
            Tensor loss = part.Loss(learning);
            sum += loss.Floats[0];
            if (!float.IsFinite(loss.Floats[0])) throw NotFinite("loss", loss.Floats[0], [part]);
            if (loss.RequiresGradient) learning.Tape!.Backward(learning, loss);
        }

        foreach (AdapterPolicy policy in Policies) Penalize(policy);
        learning.Reset();
        return sum;
    }

    /// <summary>A penalty is no part of the loss that is reported, so that runs with and without one can be compared.</summary>
    private void Penalize(AdapterPolicy policy)
    {
        learning.Reset();
        if (policy.Penalty(learning) is not { } penalty) return;
        method.Observations.Add("penalty", penalty.Floats[0]);
        if (penalty.RequiresGradient) learning.Tape!.Backward(learning, penalty);
    }

    private double Forward(IReadOnlyList<MicroBatch> batch)
    {
        double sum = 0;
        foreach (MicroBatch part in batch)
        {
            reading.Reset();
            sum += part.Loss(reading).Floats[0];
        }

        reading.Reset();
        return sum;
    }

    private double GradientNorm(IReadOnlyList<Parameter> some) => Math.Sqrt(some.Sum(parameter => device.Kernels.SumOfSquares(parameter.Gradient!.Floats)));

    /// <summary>As PyTorch's <c>clip_grad_norm_</c>.</summary>
    private double Clipping(double norm) => KeepsGradients && options.MaxGradientNorm > 0 ? Math.Min(1, options.MaxGradientNorm / (norm + 1e-6)) : 1;

    /// <summary>Clips the gradients of each task by their own norm, as if it were alone.</summary>
    /// <returns>The factor that is left to apply: 1.</returns>
    private double ClipByTask()
    {
        if (!KeepsGradients) return 1;
        foreach (IReadOnlyList<Parameter> task in tasks)
        {
            float factor = (float)Clipping(GradientNorm(task));
            if (factor == 1) continue;
            foreach (Parameter parameter in task) device.Kernels.Scale(parameter.Gradient!.Floats, factor, parameter.Gradient.Floats);
        }

        return 1;
    }

    private void RequireFinite(double loss, double norm, IReadOnlyList<MicroBatch> batch)
    {
        if (!double.IsFinite(loss)) throw NotFinite("loss", loss, batch);
        if (!double.IsFinite(norm)) throw NotFinite("gradient's norm", norm, batch);
    }

    private CaravanException NotFinite(string what, double value, IReadOnlyList<MicroBatch> batch) => new(
        $"Training stopped at step {Steps + 1}: the {what} is {value} for the batch of {string.Join("; ", batch.Select(part => part.Origin))}; " +
        "the parameters were not moved. A lower learning rate, gradient clipping or cleaner data may help.");
}
