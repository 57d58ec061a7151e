using System.Text.Json.Nodes;
using Caravan.Training.Synthesis;

namespace Caravan.Training.Tests;

/// <summary>Grading: what counts as right, as JSON, and as a pair to learn from.</summary>
public sealed class ExamTests
{
    private static readonly Origin Somewhere = new("a.jsonl", 3);

    [Fact]
    public void ARightAndAWrongAnswerAreAPair()
    {
        JsonArray tools = [new JsonObject { ["type"] = "function" }];
        Question question = new("arithmetic", [MessageList.Message("user", "7 + 8")], tools, new NumberCheck("15"));
        PreferenceSample pair = new GradedAnswers(question, ["7 + 8 = 16", "7 + 8 = 15", "15"]).Pair(Somewhere)!;
        Assert.Equal("7 + 8 = 15", pair.Chosen.Messages![0]!["content"]!.ToString());
        Assert.Equal("7 + 8 = 16", pair.Rejected.Messages![0]!["content"]!.ToString());
        Assert.Equal("assistant", MessageList.RoleOf(pair.Rejected.Messages[0]!));
        Assert.Same(tools, pair.Prompt.Tools);
        Assert.Null(new GradedAnswers(question, ["15", "15"]).Pair(Somewhere));
        Assert.Null(new GradedAnswers(question, ["14", "16"]).Pair(Somewhere));
    }

    [Fact]
    public void AnswersAreCountedBySkill()
    {
        Question sum = new("arithmetic", [], null, new NumberCheck("15")), json = new("json", [], null, new JsonCheck("""{"a": 1}"""));
        IReadOnlyList<SkillScore> scores = SkillScore.Of([new(sum, ["15", "16"]), new(json, ["""{"a": 2}""", """{"a":"""]), new(json, ["""{ "a": 1 }""", "a"]), new(sum, ["it is 15", "15"])]);
        Assert.Equal([new SkillScore("arithmetic", 2, 4, 3, null, 0), new SkillScore("json", 2, 4, 1, 2, 4)], scores);
        Assert.Equal((0.75, (double?)null), (scores[0].Accuracy, scores[0].ValidShare));
        Assert.Equal((0.25, (double?)0.5), (scores[1].Accuracy, scores[1].ValidShare));
    }

    [Theory]
    [InlineData("{", "'a.jsonl' line 3 is not valid JSON")]
    [InlineData("""{"messages": []}""", "holds no questions with 'messages' and 'checks'")]
    [InlineData("""{"messages": 1, "checks": [{"message": 0, "number": "1"}]}""", "holds no questions with 'messages' and 'checks'")]
    [InlineData("""{"messages": [], "checks": [{"message": "x", "number": "1"}]}""", "holds no questions with 'messages' and 'checks'")]
    [InlineData("""{"messages": [], "checks": [{"number": "1"}]}""", "holds no questions with 'messages' and 'checks'")]
    [InlineData("""{"messages": [], "checks": [{"message": 0}]}""", "holds no questions with 'messages' and 'checks'")]
    [InlineData("""{"messages": [], "checks": [{"message": 0, "contains": 1}]}""", "holds no questions with 'messages' and 'checks'")]
    public void RecordsThatAskNothingAreRefused(string json, string sentence) => Assert.Contains(
        sentence, Assert.Throws<CaravanException>(() => Question.Of(new DataRecord(System.Text.Encoding.UTF8.GetBytes(json), Somewhere))).Message, StringComparison.Ordinal);
}
