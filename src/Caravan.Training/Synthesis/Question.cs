using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training.Synthesis;

/// <summary>One place of a sample where a model is graded: what it is asked, and what a right answer is.</summary>
/// <param name="Skill">The skill that it is of.</param>
/// <param name="Messages">The conversation up to the answer, in OpenAI's form; earlier answers are the right ones.</param>
/// <param name="Tools">The functions that are offered; null for none.</param>
/// <param name="Check">Whether an answer is right.</param>
internal sealed record Question(string Skill, JsonArray Messages, JsonArray? Tools, Check Check)
{
    /// <summary>All places of a record of such a file.</summary>
    /// <exception cref="CaravanException">It is no such sample.</exception>
    public static List<Question> Of(DataRecord record)
    {
        try
        {
            _ = record.Parse();
            return Of(JsonElement.Parse(record.Json.Span));
        }
        catch (Exception exception) when (exception is CaravanException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw exception is CaravanException && exception.Message.StartsWith(record.Origin.ToString(), StringComparison.Ordinal)
                ? exception
                : record.Origin.Problem("holds no questions with 'messages' and 'checks' such as 'caravan data synth' writes.", exception);
        }
    }

    /// <summary>All places of a sample, read from a line of a file that <see cref="SyntheticFile"/> wrote.</summary>
    /// <exception cref="CaravanException">It is no such sample.</exception>
    public static List<Question> Of(JsonElement sample)
    {
        if (!sample.TryGetProperty("messages", out JsonElement messages) || !sample.TryGetProperty("checks", out JsonElement checks))
            throw new CaravanException("A sample to be graded needs 'messages' and 'checks'; write one by 'caravan data synth --split held-out'.");
        string skill = sample.TryGetProperty("skill", out JsonElement name) ? name.GetString()! : "";
        List<Question> questions = [];
        foreach (JsonElement check in checks.EnumerateArray())
        {
            JsonArray before = [.. messages.EnumerateArray().Take(check.GetProperty("message").GetInt32()).Select(message => JsonNode.Parse(message.GetRawText()))];
            questions.Add(new(skill, before, sample.TryGetProperty("tools", out JsonElement tools) ? JsonArray.Create(tools.Clone()) : null, Check.Read(check)));
        }

        return questions;
    }
}
