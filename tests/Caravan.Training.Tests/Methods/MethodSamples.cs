using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training.Tests;

/// <summary>Some samples for every method, and settings with which it runs on a tiny model.</summary>
internal static class MethodSamples
{
    private static readonly RolloutOptions Short = new() { MaxTokens = 5 };
    private static readonly RewardSettings[] Letters = [new() { Kind = "regex", Text = "[a-z]" }], Length = [new() { Kind = "length", Tokens = 3 }];

    /// <summary>Eight samples of the kind that a method learns from.</summary>
    public static IEnumerable<string> Of(string method) => MethodCatalog.Named(method).Samples switch
    {
        SampleKind.Preferences => Many(i => $$"""{"prompt":"Question {{i}}?","chosen":"Yes, {{i}}.","rejected":"Not at all"}"""),
        SampleKind.LabelledAnswers => Many(i => $$"""{"prompt":"Question {{i}}?","completion":"{{(i % 2 == 0 ? "Yes" : "No no")}}","label":{{(i % 2 == 0 ? "true" : "false")}}}"""),
        SampleKind.RankedAnswers => Many(i => $$"""{"prompt":"Question {{i}}?","responses":["Yes","Never ever","No {{i}}"],"scores":[1,3,2]}"""),
        SampleKind.RatedConversations => Many(i => $$"""{"prompt":"Question {{i}}?","response":"Yes","helpfulness":{{i % 5}}}"""),
        SampleKind.Prompts => Many(i => $$"""{"prompt":"Question {{i}}?","answer":"{{i}}"}"""),
        SampleKind.Texts => Many(i => $$"""{"text":"Some text of number {{i}}."}"""),
        _ => TinyTask.Sums(8),
    };

    /// <summary>Another model beside that of a task: its weights are a little different.</summary>
    public static string Other(TinyTask task)
    {
        using Model model = Model.Load(task.ModelPath, new ModelOptions { Trainable = true });
        foreach (Tensor weight in model.Weights) Disturb(weight, 0.02f);
        return task.Save(model, "other");
    }

    /// <summary>Moves the elements of a tensor, each a little.</summary>
    public static void Disturb(Tensor tensor, float size)
    {
        for (int i = 0; i < tensor.Floats.Length; i++) tensor.Floats[i] += size * MathF.Sin(1 + (i * 12.9898f));
    }

    /// <summary>Settings with which every method runs.</summary>
    /// <param name="task">Where samples to retain are written.</param>
    /// <param name="other">A teacher.</param>
    public static TrainingSettings Settings(TinyTask task, string other) => new()
    {
        Distillation = new DistillationOptions { Teacher = other, LikelihoodWeight = 0.3 },
        // Not sure of itself at first: what a student finds likeliest jumps, and its loss with it.
        WeakToStrong = new WeakToStrongOptions { Teacher = other, WarmupSteps = 10 },
        SequenceDistillation = new SequenceDistillationOptions { Teacher = other, Rollouts = Short },
        Unlearning = new UnlearningOptions { Retain = [task.Write("retain.jsonl", TinyTask.Sums(4))] },
        Spin = new SpinOptions { Rollouts = Short, Epochs = 1, Minibatches = 1 },
        Raft = new RaftOptions { Rollouts = Short, Answers = 2, Rewards = Length },
        Grpo = new GrpoOptions { Rollouts = Short, Answers = 4, Rewards = Length },
        Rloo = new RlooOptions { Rollouts = Short, Answers = 4, Rewards = Length },
        Ppo = new PpoOptions { Rollouts = Short, Answers = 2, Rewards = Length },
        Rlaif = new RlaifOptions { Rollouts = Short, Answers = 2, Judge = other },
        Rltf = new RltfOptions { Rollouts = Short, Answers = 2, Command = ["/bin/sh", "-c", "grep -q e {answer}"] },
        ContinualPretrain = new ReplayOptions { Replay = [task.Write("replay.jsonl", TinyTask.Sums(4))] },
        SafeRlhf = new SafeRlhfOptions { Rollouts = Short, Answers = 2, Rewards = Length, Costs = Letters },
    };

    private static IEnumerable<string> Many(Func<int, string> sample) => Enumerable.Range(0, 8).Select(sample);
}
