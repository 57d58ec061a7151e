using System.Text.Json.Nodes;

namespace Caravan.Training.Tests;

public class RewardTests
{
    [Theory]
    [InlineData("exact", null, " 42 ", 1)]
    [InlineData("exact", null, "It is 42", 0)]
    [InlineData("contains", null, "It is 42.", 1)]
    [InlineData("contains", "43", "It is 42.", 0)]
    [InlineData("number", null, "6 * 7 = 42.", 1)]
    [InlineData("number", null, "42, or 1,000?", 0)]
    [InlineData("number", "1000", "42, or 1,000.00?", 1)]
    [InlineData("number", null, "forty-two", 0)]
    [InlineData("regex", "[0-9]{2}", "It is 42.", 1)]
    [InlineData("regex", "^[0-9]", "It is 42.", 0)]
    [InlineData("format", "<a>.*</a>", "<a>4\n2</a>\n", 1)]
    [InlineData("format", "<a>.*</a>", "So <a>42</a>", 0)]
    [InlineData("json", null, "{\"a\": [42]}", 1)]
    [InlineData("json", null, "{\"a\": 42", 0)]
    [InlineData("ended", null, "42", 1)]
    public void ARuleLooksAtAnAnswer(string kind, string? text, string answer, double expected)
    {
        using TinyTask task = new(TinyTask.Sums(4));
        using Reward reward = RewardCatalog.Sum([new RewardSettings { Kind = kind, Text = text }], task.Context(task.Load(trainable: false), 2), "ppo.rewards");
        Assert.Equal([expected], reward.Score([Answered(answer)]));
    }

    [Fact]
    public void LengthsNearTheWantedOneAreBest()
    {
        RuleReward reward = RuleReward.Length(new RewardSettings { Tokens = 4 });
        Assert.Equal([0.25, 1, 0.5, 0], reward.Score([Answered("a", 1), Answered("a", 4), Answered("a", 6), Answered("a", 9)]));
    }

    [Fact]
    public void RewardsAddUpByTheirWeights()
    {
        using TinyTask task = new(TinyTask.Sums(4));
        RewardSettings[] both = [new() { Kind = "contains", Weight = 2 }, new() { Kind = "json", Weight = -0.5 }];
        using Reward reward = RewardCatalog.Sum(both, task.Context(task.Load(trainable: false), 2), "ppo.rewards");
        Assert.Equal([1.5, 2, -0.5, 0], reward.Score([Answered("42"), Answered("42!"), Answered("43"), Answered("no")]));
    }

    [Theory]
    [InlineData("contain", null, "There is no reward 'contain'; ")]
    [InlineData("regex", null, "The reward 'regex' needs a pattern; give it as text.")]
    [InlineData("regex", "(", "The pattern '(' of the reward 'regex' is no regular expression: ")]
    [InlineData("model", null, "Another model is needed and none was named; give its file or folder as model of the reward 'model'.")]
    [InlineData("command", null, "The reward 'command' needs a program that tests answers; give it with its arguments as command.")]
    public void MistakesAreSaidInASentence(string kind, string? text, string sentence)
    {
        using TinyTask task = new(TinyTask.Sums(4));
        MethodContext context = task.Context(task.Load(trainable: false), 2);
        CaravanException failure = Assert.Throws<CaravanException>(() => RewardCatalog.Sum([new RewardSettings { Kind = kind, Text = text }], context, "ppo.rewards"));
        Assert.StartsWith(sentence, failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<CaravanException>(() => RewardCatalog.Sum([], context, "ppo.rewards"));
        Assert.Contains("name at least one reward in ppo.rewards", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APromptWithoutTheFieldIsNamed()
    {
        CaravanException failure = Assert.Throws<CaravanException>(() => RuleReward.Exact(new RewardSettings { Kind = "exact", Field = "solution" }).Score([Answered("42")]));
        Assert.StartsWith("'prompts.jsonl' line 3 has no field 'solution', which the reward 'exact' compares answers with", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACommandTestsTheFileOfAnAnswer()
    {
        if (OperatingSystem.IsWindows()) return;
        using CommandReward passes = new(new RewardSettings { Command = ["/bin/sh", "-c", "grep -q 'return 42' {answer} && grep -q 42 {record}"], File = "solution.py" });
        Assert.Equal([1, 0, 1], passes.Score([Answered("Here:\n```python\nreturn 42\n```\nDone."), Answered("```\nreturn 43\n```"), Answered("return 42")]));
        using CommandReward says = new(new RewardSettings { Command = ["/bin/sh", "-c", "echo 3 tests; echo 0.75; exit 1"] });
        Assert.Equal([0.75], says.Score([Answered("42")]));
    }

    [Fact]
    public void ACommandThatTakesTooLongHasFailed()
    {
        if (OperatingSystem.IsWindows()) return;
        using CommandReward slow = new(new RewardSettings { Command = ["/bin/sh", "-c", "sleep 60"], Seconds = 0.2 });
        Assert.Equal([0], slow.Score([Answered("42")]));
        using CommandReward missing = new(new RewardSettings { Command = ["no-such-program"] });
        CaravanException failure = Assert.Throws<CaravanException>(() => missing.Score([Answered("42")]));
        Assert.StartsWith("The reward 'command' cannot run 'no-such-program'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AJudgeGivesARating()
    {
        using TinyTask task = new(TinyTask.Sums(4));
        MethodContext context = task.Context(task.Load(trainable: false), 2);
        using Reward judge = RewardCatalog.Sum([new RewardSettings { Kind = "judge", Model = task.ModelPath }], context, "rlaif.rewards");
        double[] ratings = judge.Score([Answered("42"), Answered("no"), Answered("42")]);
        Assert.All(ratings, rating => Assert.Contains(Math.Round((rating * 9) + 1, 9), Enumerable.Range(1, 10).Select(number => (double)number)));
        Assert.Equal(ratings[0], ratings[2]);
    }

    [Fact]
    public void AJudgeComparesAnswersToOnePrompt()
    {
        using TinyTask task = new(TinyTask.Sums(4));
        MethodContext context = task.Context(task.Load(trainable: false), 2);
        using Reward judge = RewardCatalog.Sum([new RewardSettings { Kind = "comparison", Model = task.ModelPath }], context, "rlaif.rewards");
        Answer first = Answered("42"), alone = Answered("42");
        double[] wins = judge.Score([first, first with { Text = "no" }, first with { Text = "{prompt}" }, alone]);
        // Three answers in a ring meet in six comparisons, four for each of them, and every comparison has one winner.
        Assert.Equal(1.5, wins[..3].Sum(), 1e-12);
        Assert.Equal(0, wins[3]);
    }

    private static Answer Answered(string text, int tokens = 3)
    {
        JsonObject fields = new() { ["answer"] = "42" };
        EncodedSequence sequence = EncodedSequence.Of(new int[tokens + 1], Enumerable.Repeat(true, tokens + 1).ToArray());
        return new Answer(new EncodedSample(new PromptSample(Passage.Of("6 * 7?"), fields, new Origin("prompts.jsonl", 3)), []), sequence, text, true);
    }
}
