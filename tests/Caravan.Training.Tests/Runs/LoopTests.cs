using Caravan.Models;

namespace Caravan.Training.Tests;

public class LoopTests
{
    [Fact]
    public void ExamplesAreLearntByHeart()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model model = task.Load();
        TrainingLoop loop = task.Loop(Method(task, model, 16), model, 3e-3);
        double first = loop.Step().Loss, last = first;
        for (int step = 0; step < 60; step++) last = loop.Step().Loss;
        Assert.True(last < 0.05 && last < first / 20, $"{first} fell to {last} only");
    }

    [Fact]
    public void PartsOfABatchAddUpToTheWhole()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model first = task.Load(), second = task.Load();
        TrainingLoop whole = task.Loop(Method(task, first, 16), first, 1e-3), parts = task.Loop(Method(task, second, 16, microBatchTokens: 40), second, 1e-3);
        StepReport one = whole.Step(), other = parts.Step();
        // Sums of float32 in another order.
        Assert.Equal(one.Loss, other.Loss, 1e-6 * one.Loss);
        Assert.Equal(one.GradientNorm, other.GradientNorm, 1e-5 * one.GradientNorm);
    }

    [Fact]
    public void LayersThatAreComputedAgainChangeNothing()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model first = task.Load(), second = task.Load();
        TrainingLoop kept = task.Loop(Method(task, first, 8), first, 1e-3);
        TrainingLoop recomputed = task.Loop(Method(task, second, 8), second, 1e-3, new LoopOptions { RecomputeLayers = true });
        for (int step = 0; step < 3; step++) Assert.Equal(kept.Step().Loss, recomputed.Step().Loss);
    }

    private static LanguageModeling Method(TinyTask task, Model model, int samples, int microBatchTokens = 2048) =>
        new(new MethodContext { Device = task.Device, Policy = new Policy(model), Data = task.Data(model, samples, microBatchTokens) });
}
