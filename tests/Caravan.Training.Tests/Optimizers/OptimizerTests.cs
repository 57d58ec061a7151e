using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Training.Tests;

public sealed class OptimizerTests : IDisposable
{
    private static readonly int[][] Rows = [[5, 9, 12, 200, 7, 33], [80, 81, 82, 83], [1, 250, 17, 4, 90, 90, 3]];

    /// <summary>A rate at which each learns this task.</summary>
    private static readonly Dictionary<string, (OptimizerOptions Options, double Rate)> Ways = new()
    {
        ["adamw"] = (new OptimizerOptions { WeightDecay = 0.01 }, 1e-3),
        ["adamw8bit"] = (new OptimizerOptions { WeightDecay = 0.01 }, 1e-3),
        ["sgd"] = (new OptimizerOptions { Momentum = 0.9, Nesterov = true, WeightDecay = 0.001 }, 1e-2),
        ["adafactor"] = (new OptimizerOptions { RelativeSteps = true }, 1e-2),
        ["lion"] = (new OptimizerOptions { WeightDecay = 0.01 }, 3e-4),
        ["lomo"] = (new OptimizerOptions { ClipValue = 1 }, 5e-2),
        ["mezo"] = (new OptimizerOptions { Seed = 3, WeightDecay = 0.01 }, 1e-4),
    };

    private readonly TemporaryFolder folder = new();
    private readonly Device device = new(2);

    public OptimizerTests() => TinyLlama.Write(folder.Path);

    public static TheoryData<string> Names => [.. OptimizerCatalog.All.Keys];

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void EveryOptimizerHasAName()
    {
        using Learner learner = Learner();
        Type[] made = [.. OptimizerCatalog.All.Keys.Select(name => Create(name, learner).GetType())];
        Assert.Empty(typeof(Optimizer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Optimizer)) && !type.IsAbstract).Except(made));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EachLearns(string name)
    {
        using Learner learner = Learner();
        using Optimizer optimizer = Create(name, learner);
        double before = learner.Loss();
        for (int step = 0; step < 30; step++) learner.Step(optimizer, Ways[name].Rate);
        // Two losses say little of so many parameters.
        Assert.InRange(learner.Loss(), 0, (name == "mezo" ? 0.99 : 0.5) * before);
        Assert.Equal(30, optimizer.Steps);
    }

    /// <summary>What a checkpoint keeps, values, state and the number of steps, is all that the steps after it depend on.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EachResumesBitForBit(string name)
    {
        using Learner first = Learner(), second = Learner();
        using Optimizer optimizer = Create(name, first), resumed = Create(name, second);
        for (int step = 0; step < 3; step++) first.Step(optimizer, Ways[name].Rate);
        for (int i = 0; i < first.Parameters.Count; i++) first.Parameters[i].Values.Bytes.CopyTo(second.Parameters[i].Values.Bytes);
        Assert.Equal(optimizer.State.Select(part => part.Name).Distinct(), resumed.State.Select(part => part.Name));
        foreach (((string _, Tensor from), (string _, Tensor to)) in optimizer.State.Zip(resumed.State)) from.Bytes.CopyTo(to.Bytes);
        resumed.Steps = optimizer.Steps;
        for (int step = 0; step < 3; step++) Assert.Equal(first.Step(optimizer, Ways[name].Rate), second.Step(resumed, Ways[name].Rate));
        Assert.Equal(first.Values, second.Values);
    }

    /// <summary>The same course in a quarter of the memory: while the loss falls to a hundredth, losses stay within 2 % of one another.</summary>
    [Theory]
    [InlineData(256)]
    [InlineData(2048)]
    public void EightBitMomentsDoAsFloatsDo(int block)
    {
        using Learner exact = Learner(), rounded = Learner();
        using AdamW floats = new(exact.Parameters), bytes = new(rounded.Parameters, block: block);
        for (int step = 0; step < 30; step++)
        {
            double expected = exact.Step(floats, 1e-3);
            Assert.Equal(expected, rounded.Step(bytes, 1e-3), 0.02 * expected);
        }

        // Keys, values and norms are too small to be rounded here.
        Assert.InRange(Bytes(bytes), 1, 0.32 * Bytes(floats));

        static long Bytes(Optimizer optimizer) => optimizer.State.Sum(part => part.Values.Bytes.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LomoIsGradientDescentBitForBitInLessMemory(bool recomputes)
    {
        using Learner kept = Learner(), fused = new(device, folder.Path, Rows, Rows, recomputes: recomputes);
        using Sgd sgd = new(kept.Parameters, weightDecay: 0.01);
        using Lomo lomo = new(weightDecay: 0.01);
        for (int step = 0; step < 3; step++) Assert.Equal(kept.Step(sgd, 1e-2), fused.Step(lomo, 1e-2));
        Assert.Equal(kept.Values, fused.Values);
        Assert.All(fused.Parameters, parameter => Assert.Null(parameter.Tensor.Gradient));
        // One layer's gradients at once, of two, and the head's beside them, which the loss leaves on the way forward.
        Assert.InRange(lomo.GradientBytes, 1, 0.75 * sizeof(float) * kept.Values.Length);
    }

    [Fact]
    public void MezoLeavesValuesAsTheyWereAndItsSlopeIsTheLosses()
    {
        using Learner learner = Learner();
        float[] before = learner.Values;
        using Mezo mezo = new(perturbation: 1e-3, seed: 5);
        double loss = learner.Loss(), mean = learner.Prepare(mezo, 1e-4);
        // The losses lie a thousandth of a deviation off on both sides.
        Assert.Equal(loss, mean, 0.01 * loss);
        float[] after = learner.Values;
        // Four sums, each rounding to half a unit of a number that the noise makes at most 0.007 larger.
        for (int i = 0; i < before.Length; i++) Assert.InRange(after[i] - before[i], -4 * Half(before[i]), 4 * Half(before[i]));
        // The gradient's component along the noise of the step is what the two losses say: the step along it moves the loss by rate · slope².
        float[] moved = Moved();
        using Learner gradients = Learner();
        using Sgd sgd = new(gradients.Parameters);
        gradients.Prepare(sgd, 0);
        double[] slopes = [.. gradients.Parameters.SelectMany(parameter => parameter.Gradient!.Floats.AsSpan().ToArray()).Select(value => (double)value)];
        double along = slopes.Zip(moved, (slope, move) => slope * move).Sum(), length = moved.Sum(move => (double)move * move);
        // move = −rate · slope · z, and |z|² is about the number of elements.
        double slopeOfMove = -along / Math.Sqrt(length / moved.Length), sizeOfMove = Math.Sqrt(length / moved.Length) / 1e-4;
        Assert.Equal(sizeOfMove, slopeOfMove, 0.05 * sizeOfMove);

        static float Half(float value) => MathF.BitIncrement(MathF.Abs(value) + 0.007f) - (MathF.Abs(value) + 0.007f);

        float[] Moved()
        {
            mezo.Step(device, learner.Parameters, 1e-4);
            return [.. learner.Values.Zip(before, (now, then) => now - then)];
        }
    }

    [Fact]
    public void WhatMakesNoSenseIsToldInASentence()
    {
        Assert.Equal(
            "There is no optimizer 'adam'; there are adamw, adamw8bit, sgd, adafactor, lion, lomo, mezo. Did you mean 'adamw'?",
            Complaint(new OptimizerOptions { Name = "adam" }));
        Assert.Equal("Optimizer 'adamw': beta2 1 is not in [0, 1).", Complaint(new OptimizerOptions { Beta2 = 1 }));
        Assert.Equal("Optimizer 'adamw': the weight decay -1 is below 0.", Complaint(new OptimizerOptions { WeightDecay = -1 }));

        static string Complaint(OptimizerOptions options) => Assert.Throws<CaravanException>(() => OptimizerCatalog.Create([], options)).Message;
    }

    private static Optimizer Create(string name, Learner learner) => OptimizerCatalog.Create(learner.Parameters, Ways[name].Options with { Name = name });

    private Learner Learner() => new(device, folder.Path, Rows, Rows);
}
