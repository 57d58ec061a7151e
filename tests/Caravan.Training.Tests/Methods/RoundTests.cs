using Caravan.Models;

namespace Caravan.Training.Tests;

/// <summary>Methods that learn from what they gather themselves.</summary>
public class RoundTests
{
    private static readonly RolloutOptions Short = new() { MaxTokens = 6, Together = 64 };

    /// <summary>Answers that begin with a small letter: a random model gives few.</summary>
    private static readonly RewardSettings[] SmallLetter = [new() { Kind = "regex", Text = "^[a-z]" }];

    [Theory]
    [InlineData("grpo")]
    [InlineData("rloo")]
    [InlineData("ppo")]
    [InlineData("raft")]
    public void WhatIsRewardedIsDoneMoreOften(string name)
    {
        using TinyTask task = new(Prompts(16));
        Model model = task.Load();
        TrainingSettings settings = new()
        {
            Grpo = new GrpoOptions { Rollouts = Short, Rewards = SmallLetter, Answers = 6 },
            Rloo = new RlooOptions { Rollouts = Short, Rewards = SmallLetter, Answers = 6 },
            Ppo = new PpoOptions { Rollouts = Short, Rewards = SmallLetter, Answers = 6, Epochs = 2, Minibatches = 2, NormalizesRewards = true, RewardLimit = 5, CriticWarmupSteps = 4 },
            Raft = new RaftOptions { Rollouts = Short, Rewards = SmallLetter, Answers = 6 },
        };
        MethodRow row = MethodCatalog.Named(name);
        Method method = row.Create(settings, task.Context(model, 8, row.NeedsReference(settings), 1024, Prompts(24).Skip(16)));
        TrainingLoop loop = task.Loop(method, model, 2e-3);
        double before = loop.Evaluate()["reward"];
        double divergence = 0;
        for (int step = 0; step < (name == "ppo" ? 28 : 14); step++)
        {
            StepReport report = loop.Step();
            divergence = report.Observations.GetValueOrDefault("divergence", divergence);
        }

        double after = loop.Evaluate()["reward"];
        Assert.True(after > before + 0.3, $"The reward went from {before} to {after}.");
        // An answer of six tokens that began to tell letters from the rest gives up a few nats; one that fell apart would give up dozens.
        Assert.True(divergence < 10, $"The policy is {divergence} nats from where it began.");
    }

    [Fact]
    public void CostsAboveTheLimitWeighMoreAndMore()
    {
        using TinyTask task = new(Prompts(16));
        Model model = task.Load();
        SafeRlhfOptions options = new()
        {
            Rollouts = Short, Answers = 8, Epochs = 2, Minibatches = 2, Rewards = [new() { Kind = "length", Tokens = 7 }], Costs = SmallLetter, CostThreshold = -0.5, MultiplierRate = 0.05,
        };
        TrainingLoop loop = task.Loop(new Ppo(task.Context(model, 8, reference: true, 1024), options, "safe_rlhf"), model, 1e-3);
        List<double> multipliers = [], costs = [];
        for (int step = 0; step < 32; step++)
        {
            IReadOnlyDictionary<string, double> seen = loop.Step().Observations;
            if (seen.TryGetValue("multiplier", out double multiplier)) multipliers.Add(multiplier);
            if (seen.TryGetValue("cost", out double cost)) costs.Add(cost);
            Assert.True(seen.ContainsKey("cost_value_loss"));
        }

        Assert.Equal(8, multipliers.Count);
        Assert.True(multipliers[^1] > multipliers[0], $"The multiplier went from {multipliers[0]} to {multipliers[^1]}.");
        Assert.True(costs[^3..].Average() < costs[..3].Average(), $"Costs went from {costs[..3].Average()} to {costs[^3..].Average()}.");
    }

    [Fact]
    public void AModelLearnsFromWhatItWas()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model model = task.Load();
        Spin method = new(task.Context(model, 8, false, 512, TinyTask.Sums(16)), new SpinOptions { Rollouts = Short, Epochs = 2, Minibatches = 2, Loss = new SpinLoss { Beta = 0.5 } });
        TrainingLoop loop = task.Loop(method, model, 1e-3);
        double before = loop.Evaluate()["loss"];
        StepReport first = loop.Step();
        // Against itself every pair is a draw.
        Assert.Equal(Math.Log(2), first.Loss, 1e-4);
        StepReport last = first;
        for (int step = 1; step < 24; step++) last = loop.Step();
        Assert.True(loop.Evaluate()["loss"] < before);
        Assert.True(last.Observations["reward_margin"] > 0);
    }

    [Fact]
    public void ATeachersAnswersAndDistributionsAreLearnt()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model model = task.Load();
        string teacher = MethodSamples.Other(task);
        // The tokens that the data has are learnt, and so is the whole distribution of the next.
        TrainingLoop logits = task.Loop(new Distillation(task.Context(model, 8), new DistillationOptions { Teacher = teacher }), model, 1e-3);
        double first = logits.Step().Loss, last = first;
        for (int step = 0; step < 30; step++) last = logits.Step().Loss;
        Assert.True(last < first / 4, $"The divergence went from {first} to {last}.");

        Model other = task.Load();
        SequenceDistillationOptions options = new() { Teacher = teacher, Rollouts = new RolloutOptions { MaxTokens = 6, Temperature = 0.01 } };
        TrainingLoop answers = task.Loop(new SequenceDistillation(task.Context(other, 8, false, 512, TinyTask.Sums(4)), options), other, 1e-3);
        double before = answers.Evaluate()["loss"];
        for (int step = 0; step < 20; step++) answers.Step();
        Assert.True(answers.Evaluate()["loss"] < before, $"{before} became {answers.Evaluate()["loss"]}");
    }

    [Fact]
    public void AWeakTeacherIsFollowedUnlessTheStudentIsSure()
    {
        using TinyTask task = new(TinyTask.Sums(16));
        Model model = task.Load();
        WeakToStrongOptions options = new() { Teacher = MethodSamples.Other(task), Confidence = 0.3, WarmupSteps = 10 };
        TrainingLoop loop = task.Loop(new WeakToStrong(task.Context(model, 8), options), model, 1e-3);
        double first = loop.Step().Loss, last = first;
        for (int step = 0; step < 30; step++) last = loop.Step().Loss;
        Assert.True(last < first / 2, $"The loss went from {first} to {last}.");
    }

    [Theory]
    [InlineData("ppo", 5)]
    [InlineData("ppo", 7)]
    [InlineData("safe_rlhf", 7)]
    [InlineData("spin", 5)]
    [InlineData("grpo", 5)]
    [InlineData("unlearning", 5)]
    public void ARunThatStopsWithinARoundGoesOnExactly(string name, int interruptedAt)
    {
        using TinyTask task = new(MethodSamples.Of(name));
        RoundRun run = new(task, name);
        (double[] losses, float[] weights) = run.Take("whole", resume: false, killAt: null);
        (double[] first, _) = run.Take("parts", resume: false, killAt: interruptedAt);
        (double[] second, float[] resumed) = run.Take("parts", resume: true, killAt: null);
        Assert.Equal(losses, first[..(interruptedAt / 3 * 3)].Concat(second));
        Assert.Equal(weights, resumed);
    }

    [Fact]
    public void OneAnswerToAPromptIsNoGroup()
    {
        using TinyTask task = new(Prompts(4));
        MethodContext context = task.Context(task.Load(trainable: false), 2);
        CaravanException failure = Assert.Throws<CaravanException>(() => new Rloo(context, new RlooOptions { Answers = 1, Rewards = SmallLetter }));
        Assert.StartsWith("rloo.answers is 1: ", failure.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Prompts(int count) => Enumerable.Range(0, count).Select(i => $$"""{"prompt":"Question {{i}}?","answer":"{{i}}"}""");

    /// <summary>Runs of one method that may be killed and taken up again.</summary>
    private sealed class RoundRun(TinyTask task, string name)
    {
        private readonly string other = MethodSamples.Other(task);

        public (double[] Losses, float[] Weights) Take(string folder, bool resume, int? killAt)
        {
            TrainingSettings settings = MethodSamples.Settings(task, other);
            PpoOptions rounds = settings.Ppo with { Epochs = 2, Minibatches = 2, NormalizesRewards = true, KlTarget = 0.1, Pretraining = [task.Write("texts.jsonl", TinyTask.Sums(6))] };
            settings = settings with
            {
                Ppo = rounds,
                Grpo = settings.Grpo with { Minibatches = 2 },
                Spin = settings.Spin with { Epochs = 2, Minibatches = 2 },
                SafeRlhf = settings.SafeRlhf with { Epochs = 2, Minibatches = 2 },
            };
            MethodRow row = MethodCatalog.Named(name);
            Model model = task.Load();
            Method method = row.Create(settings, task.Context(model, 3, row.NeedsReference(settings)));
            TrainingLoop loop = task.Loop(method, model, 1e-3);
            List<double> losses = [];
            TrainingRun run = new(loop, new RunOptions { Steps = 11, Folder = Path.Combine(task.Folder, folder), SaveEvery = 3, Resume = resume })
            {
                Stepped = report =>
                {
                    losses.Add(report.Loss);
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

            return ([.. losses], [.. model.Weights.Concat(method.OwnTensors).SelectMany(weight => weight.Floats.AsSpan().ToArray())]);
        }
    }
}
