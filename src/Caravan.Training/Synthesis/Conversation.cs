using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>A sample: a conversation in OpenAI's form, with what a right answer to each question is.</summary>
/// <param name="skill">The name of the skill that it is of.</param>
internal sealed class Conversation(string skill)
{
    private readonly List<(string Role, string Content, string? Call)> messages = [];
    private readonly List<(int Message, Check Check)> checks = [];
    private readonly List<string> tools = [];

    /// <summary>The name of the skill that it is of.</summary>
    public string Skill => skill;

    /// <summary>What was said, each with its role; a call as the template <c>caravan</c> writes it.</summary>
    public IReadOnlyList<(string Role, string Content)> Messages =>
        [.. messages.Select(message => (message.Role, message.Call is { } call ? $"<tool_call>\n{call}\n</tool_call>" : message.Content))];

    /// <summary>Where the model is graded: the number of the message, and what a right answer there is.</summary>
    public IReadOnlyList<(int Message, Check Check)> Checks => checks;

    /// <summary>The functions that the model may call, in OpenAI's shape.</summary>
    public IReadOnlyList<string> Tools => tools;

    /// <summary>Offers a function, described in OpenAI's shape.</summary>
    public void Offer(string tool) => tools.Add(tool);

    /// <summary>The instruction above the conversation; must come first.</summary>
    public void Instruct(string content) => messages.Add(("system", content, null));

    /// <summary>What the user says.</summary>
    public void Ask(string content) => messages.Add(("user", content, null));

    /// <summary>What the model is to say.</summary>
    public void Answer(string content, Check check)
    {
        checks.Add((messages.Count, check));
        messages.Add(("assistant", content, null));
    }

    /// <summary>The call that the model is to write; <paramref name="arguments"/> is a JSON object.</summary>
    public void Call(string name, string arguments)
    {
        checks.Add((messages.Count, new CallCheck(name, arguments)));
        messages.Add(("assistant", "", $$"""{"name":"{{name}}","arguments":{{arguments}}}"""));
    }

    /// <summary>What the function answers.</summary>
    public void Result(string content) => messages.Add(("tool", content, null));

    /// <summary>Goes on with another conversation; one of the two with an instruction or functions stays by itself.</summary>
    public void GoOn(Conversation other)
    {
        if (!IsPlain || !other.IsPlain) return;
        checks.AddRange(other.checks.Select(check => (check.Message + messages.Count, check.Check)));
        messages.AddRange(other.messages);
    }

    private bool IsPlain => tools.Count == 0 && messages is [("user", _, _), ..];

    /// <summary>The sample as a JSON object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMessages(writer);
        writer.WriteString("skill", skill);
        writer.WriteStartArray("checks");
        foreach ((int message, Check check) in checks)
        {
            writer.WriteStartObject();
            writer.WriteNumber("message", message);
            check.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteMessages(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("messages");
        for (int i = 0; i < messages.Count; i++)
        {
            (string role, string content, string? call) = messages[i];
            writer.WriteStartObject();
            writer.WriteString("role", role);
            writer.WriteString("content", content);
            if (call is not null)
            {
                writer.WriteStartArray("tool_calls");
                writer.WriteStartObject();
                writer.WriteString("id", $"call_{i}");
                writer.WriteString("type", "function");
                writer.WritePropertyName("function");
                writer.WriteRawValue(call);
                writer.WriteEndObject();
                writer.WriteEndArray();
            }

            if (role == "tool") writer.WriteString("tool_call_id", $"call_{i - 1}");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (tools.Count == 0) return;
        writer.WriteStartArray("tools");
        foreach (string tool in tools) writer.WriteRawValue(tool);
        writer.WriteEndArray();
    }
}
