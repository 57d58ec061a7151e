using Caravan.Models;

namespace Caravan.Training.Tests;

/// <summary>A run that was interrupted anywhere goes on as if it had not been.</summary>
public class ResumeTests
{
    private const int Steps = 12;

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    public void AResumedRunIsTheUninterruptedOneBitForBit(int interruptedAt)
    {
        using TinyTask task = new(TinyTask.Sums(20));
        (double[] losses, float[] weights) = Run(task, "whole", Steps, resume: false);
        // What comes after the last checkpoint (every third step) is lost, as if the process had been killed.
        (double[] first, _) = Run(task, "parts", Steps, resume: false, killAt: interruptedAt);
        (double[] second, float[] resumed) = Run(task, "parts", Steps, resume: true);
        int saved = interruptedAt / 3 * 3;
        Assert.Equal(losses, first[..saved].Concat(second));
        Assert.Equal(weights, resumed);
        Assert.Equal(losses, MetricsFile.Read(Path.Combine(task.Folder, "parts", "metrics.jsonl")).Select(line => (double)line["loss"]!));
    }

    [Fact]
    public void OnlyTheLastCheckpointsStay()
    {
        using TinyTask task = new(TinyTask.Sums(20));
        Run(task, "run", Steps, resume: false);
        Assert.Equal([9, 12], new CheckpointFolder(Path.Combine(task.Folder, "run", "checkpoints"), 2).All.Select(found => found.Step));
    }

    [Fact]
    public void AFolderWithARunIsNotOverwritten()
    {
        using TinyTask task = new(TinyTask.Sums(20));
        Run(task, "run", 3, resume: false);
        CaravanException failure = Assert.Throws<CaravanException>(() => Run(task, "run", 6, resume: false));
        Assert.Contains("holds a run already (its last checkpoint is 'step-00000003'); resume it (--resume)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALossThatIsNoNumberStopsBeforeAnythingMoves()
    {
        using TinyTask task = new(TinyTask.Sums(20));
        CaravanException failure = Assert.Throws<CaravanException>(() => Run(task, "run", Steps, resume: false, breakAt: 7));
        Assert.StartsWith("Training stopped at step 8: the loss is NaN for the batch of ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("data.jsonl' line ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("step-00000006'.", failure.Message, StringComparison.Ordinal);
    }

    private static (double[] Losses, float[] Weights) Run(TinyTask task, string folder, int steps, bool resume, int? killAt = null, int? breakAt = null)
    {
        using Model model = Model.Load(task.ModelPath, new ModelOptions { Trainable = true });
        TrainingLoop loop = task.Loop(new LanguageModeling(new MethodContext { Device = task.Device, Policy = new Policy(model), Data = task.Data(model, 4) }), model, 1e-3);
        List<double> losses = [];
        TrainingRun run = new(loop, new RunOptions { Steps = steps, Folder = Path.Combine(task.Folder, folder), SaveEvery = 3, Resume = resume })
        {
            Stepped = report =>
            {
                losses.Add(report.Loss);
                if (report.Step == breakAt) model.Weights[0].Floats.AsSpan().Fill(float.NaN);
                if (report.Step == killAt) throw new OperationCanceledException("killed");
            },
        };
        try
        {
            run.Run(CancellationToken.None);
        }
        catch (OperationCanceledException) when (killAt is not null)
        {
            // The process would be gone here.
        }

        return ([.. losses], [.. model.Weights.SelectMany(weight => weight.Floats.AsSpan().ToArray())]);
    }
}
