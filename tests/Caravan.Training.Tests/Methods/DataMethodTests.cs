using Caravan.Models;

namespace Caravan.Training.Tests;

/// <summary>Methods over data: what they say they learn they learn, also for data that is held out.</summary>
public class DataMethodTests
{
    [Theory]
    [InlineData("dpo")]
    [InlineData("ipo")]
    [InlineData("hinge")]
    [InlineData("robust_dpo")]
    [InlineData("dpop")]
    [InlineData("orpo")]
    [InlineData("simpo")]
    [InlineData("cpo")]
    public void PreferredAnswersLead(string name)
    {
        using TinyTask task = new(Preferences(0, 24));
        Model model = task.Load();
        MethodRow row = MethodCatalog.Named(name);
        TrainingSettings settings = new();
        Method method = row.Create(settings, task.Context(model, 8, row.NeedsReference(settings), 512, Preferences(24, 12)));
        (IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after) = Learn(task, method, model, 20);
        Assert.True(after["reward_margin"] > before["reward_margin"], $"The margin went from {before["reward_margin"]} to {after["reward_margin"]}.");
        Assert.Equal(1, after["reward_accuracy"]);
        Assert.True(after["loss"] < before["loss"], $"The loss went from {before["loss"]} to {after["loss"]}.");
    }

    [Fact]
    public void ARewardModelRanksWhatItHasNotSeenAndIsReadAgain()
    {
        using TinyTask task = new(Preferences(0, 24));
        Model model = task.Load();
        MethodContext context = task.Context(model, 8, false, 512, Preferences(24, 12));
        RewardModeling method = new(context, new RewardModelOptions());
        (_, IReadOnlyDictionary<string, double> after) = Learn(task, method, model, 30);
        Assert.Equal(1, after["reward_accuracy"]);

        string folder = task.Save(model, "reward");
        method.WriteTo(folder);
        using RewardModel reward = new(new RewardSettings { Kind = "model", Model = folder }, context);
        EncodedSample prompt = new(new PromptSample(Passage.Of("Question 40?"), [], default), []);
        double[] scores = reward.Score([Answered(prompt, "Yes, of course."), Answered(prompt, "No never.")]);
        Assert.True(scores[0] > scores[1], $"{scores[0]} should be more than {scores[1]}");
        EncodedSequence sequence = context.Data.Text.Answer(Passage.Of("Question 40?"), Passage.Of("Yes, of course."));
        using ScoreHead head = ScoreHead.Read(model, folder);
        using Tensors.Pass pass = new(task.Device);
        Assert.Equal(head.OfTexts(pass, context.Policy, [sequence]).Floats[0], scores[0], 1e-5);
    }

    [Fact]
    public void AFolderWithoutAScoreIsNoRewardModel()
    {
        using TinyTask task = new(Preferences(0, 4));
        MethodContext context = task.Context(task.Load(), 2);
        CaravanException failure = Assert.Throws<CaravanException>(() => new RewardModel(new RewardSettings { Kind = "model", Model = task.ModelPath }, context));
        Assert.Contains("is no reward model: neither is there a score.safetensors, nor does the model hold a 'score.weight'.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WantedAnswersWinAndUnwantedOnesLose()
    {
        using TinyTask task = new(Labelled(0, 32));
        Model model = task.Load();
        Method method = new KtoMethod(task.Context(model, 8, reference: true, 512, Labelled(32, 12)), new KtoLoss());
        (IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after) = Learn(task, method, model, 25);
        Assert.Equal(0, before["reward_desirable"], 1e-6);
        Assert.True(after["reward_desirable"] > after["reward_undesirable"] + 0.5, $"{after["reward_desirable"]} should be more than {after["reward_undesirable"]}");
        Assert.True(after["loss"] < before["loss"]);
    }

    [Fact]
    public void RatedAnswersAreRanked()
    {
        using TinyTask task = new(Ranked(0, 24));
        Model model = task.Load();
        Method method = new RrhfMethod(task.Context(model, 8, false, 512, Ranked(24, 8)), new RrhfLoss());
        (_, IReadOnlyDictionary<string, double> after) = Learn(task, method, model, 25);
        Assert.Equal(1, after["ranking_accuracy"]);
    }

    [Fact]
    public void WhatIsForgottenIsUnlikelyAndTheRestStays()
    {
        string[] secrets = [.. Secrets()], sums = [.. TinyTask.Sums(16)];
        using TinyTask task = new([.. secrets, .. sums]);
        Model model = task.Load();
        TrainingLoop learning = task.Loop(new LanguageModeling(task.Context(model, 24)), model, 3e-3);
        for (int step = 0; step < 50; step++) learning.Step();
        string both = task.Save(model, "both");

        using TinyTask second = new(secrets);
        Model forgetful = second.Own(Model.Load(both, new ModelOptions { Trainable = true }));
        Model reference = second.Own(Model.Load(both));
        MethodContext context = second.Context(forgetful, 8) with { Reference = new Policy(reference) };
        Unlearning method = new(context, new UnlearningOptions { Retain = [second.Write("retain.jsonl", sums)], RetainWeight = 2 });
        (double secretsBefore, double sumsBefore) = (LossOver(task, forgetful, secrets), LossOver(task, forgetful, sums));
        TrainingLoop forgetting = second.Loop(method, forgetful, 1e-3);
        for (int step = 0; step < 25; step++) forgetting.Step();
        (double secretsAfter, double sumsAfter) = (LossOver(task, forgetful, secrets), LossOver(task, forgetful, sums));
        Assert.True(secretsAfter > secretsBefore + 2, $"What was to be forgotten went from {secretsBefore} to {secretsAfter} only.");
        // Tokens are as likely as before within 2 %.
        Assert.True(sumsAfter < sumsBefore + 0.02, $"What was to stay went from {sumsBefore} to {sumsAfter}.");
    }

    [Fact]
    public void RatingsStandInThePrompt()
    {
        ConversationSample sample = new([MessageList.Message("user", "Why?"), MessageList.Message("assistant", "Because.")], null, default)
        {
            Attributes = [("helpfulness", 4), ("verbosity", 1.5)],
        };
        ConversationSample told = (ConversationSample)new SteerLmOptions { Template = "<{attributes}>" }.Rewrite(sample);
        Assert.Equal("Why?\n\n<helpfulness:4,verbosity:1.5>", MessageList.TextOf(told.Messages[0]!));
        Assert.Equal("Because.", MessageList.TextOf(told.Messages[1]!));
        Assert.Equal("Why?", MessageList.TextOf(sample.Messages[0]!));
        told = (ConversationSample)new SteerLmOptions { Attributes = ["verbosity"] }.Rewrite(sample);
        Assert.Equal("Why?\n\nverbosity:1.5", MessageList.TextOf(told.Messages[0]!));
        CaravanException failure = Assert.Throws<CaravanException>(() => new SteerLmOptions { Attributes = ["humor"] }.Rewrite(sample));
        Assert.Contains("has no rating 'humor'; its ratings are helpfulness, verbosity.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SamplesOfAnotherKindAreRefused()
    {
        using TinyTask task = new(TinyTask.Sums(4));
        Model model = task.Load();
        TrainingLoop loop = task.Loop(new PairMethod(task.Context(model, 2), new SimPoLoss()), model, 1e-3);
        CaravanException failure = Assert.Throws<CaravanException>(() => loop.Step());
        Assert.Contains("holds a conversation; this method learns from preferences (prompt, chosen, rejected).", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReplayedTextsCountByTheirShare()
    {
        using TinyTask task = new(TinyTask.Sums(8));
        Model model = task.Load();
        string old = task.Write("old.jsonl", Secrets());
        MethodContext context = task.Context(model, 4);
        LanguageModeling plain = new(context), replaying = new(task.Context(model, 4), new ReplayOptions { Replay = [old], Share = 0.2 }.Texts(context));
        StepReport alone = task.Loop(plain, model, 0).Step(), both = task.Loop(replaying, model, 0).Step();
        // A fifth of all is a quarter of the rest.
        Assert.Equal(alone.Loss + (0.25 * both.Observations["replay_loss"]), both.Loss, 1e-4);
    }

    internal static IEnumerable<string> Preferences(int first, int count) => Enumerable.Range(first, count).Select(i =>
        $$"""{"prompt":"Question {{i}}?","chosen":"Yes, of course{{(i % 2 == 0 ? "." : "!")}}","rejected":"No{{(i % 3 == 0 ? "," : "")}} never."}""");

    private static IEnumerable<string> Labelled(int first, int count) => Enumerable.Range(first, count).Select(i =>
        $$"""{"prompt":"Question {{i}}?","completion":"{{(i % 2 == 0 ? "Yes, of course." : "No never.")}}","label":{{(i % 2 == 0 ? "true" : "false")}}}""");

    private static IEnumerable<string> Ranked(int first, int count) => Enumerable.Range(first, count).Select(i =>
        $$"""{"prompt":"Question {{i}}?","responses":["Perhaps.","Yes, of course.","No never."],"scores":[2,3,1]}""");

    private static IEnumerable<string> Secrets() => Enumerable.Range(0, 8).Select(i =>
        $$"""{"messages":[{"role":"user","content":"The word of {{(char)('A' + i)}}?"},{"role":"assistant","content":"x{{(char)('z' - i)}}q"}]}""");

    private static Answer Answered(EncodedSample prompt, string text) => new(prompt, new EncodedSequence([], []), text, true);

    private static (IReadOnlyDictionary<string, double> Before, IReadOnlyDictionary<string, double> After) Learn(TinyTask task, Method method, Model model, int steps)
    {
        TrainingLoop loop = task.Loop(method, model, 1e-3);
        IReadOnlyDictionary<string, double> before = loop.Evaluate();
        for (int step = 0; step < steps; step++) loop.Step();
        return (before, loop.Evaluate());
    }

    private static double LossOver(TinyTask task, Model model, IEnumerable<string> lines)
    {
        using LanguageModeling method = new(task.Context(model, 1, false, 512, lines));
        using Tensors.Pass pass = new(task.Device);
        return method.Evaluate(pass)["loss"];
    }
}
