using System.Text.Json.Nodes;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>Finds the turns of the model in one conversation.</summary>
internal sealed class TurnFinder
{
    /// <summary>Stands for an answer whose text begins with nothing that a template writes itself.</summary>
    private const string Probe = "\uFDEF.";

    private readonly ChatFormat format;
    private readonly JsonArray messages;
    private readonly JsonArray? tools;

    /// <summary>A conversation as the template takes it.</summary>
    /// <param name="format">How conversations are written.</param>
    /// <param name="messages">Prepared messages.</param>
    /// <param name="tools">Functions that the template is told of.</param>
    public TurnFinder(ChatFormat format, JsonArray messages, JsonArray? tools)
    {
        (this.format, this.tools) = (format, tools);
        (this.messages, Mark) = format.Guarded(messages);
    }

    /// <summary>The mark in the rendered texts; see <see cref="ChatFormat.Guarded"/>.</summary>
    public char Mark { get; }

    /// <summary>The model's turns among the last messages.</summary>
    /// <param name="tail">How many messages are looked at.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    public List<Turn> Turns(int tail)
    {
        List<Turn> turns = [];
        for (int i = Math.Max(0, messages.Count - tail); i < messages.Count; i++)
            if (MessageList.RoleOf(messages[i]!) == "assistant") turns.Add(Find(i));
        return turns;
    }

    private Turn Find(int index)
    {
        string text = Render(messages.Take(index + 1), addGenerationPrompt: false);
        return new Turn(text, Start(index, text), text.AsSpan().TrimEnd().Length);
    }

    /// <summary>
    /// Where the prompt of this turn ends. Where the text does not go on with the prompt (one that opens a thought which the answer has not), it is where
    /// both part, told by an answer that has no beginning in common with the template's own words.
    /// </summary>
    private int Start(int index, string text)
    {
        string? prompt = index == 0 ? null : Render(messages.Take(index), addGenerationPrompt: true);
        if (prompt is not null && text.StartsWith(prompt, StringComparison.Ordinal)) return prompt.Length;
        JsonObject other = MessageList.Message("assistant", Probe);
        string probed = Render(messages.Take(index).Append(other), addGenerationPrompt: false);
        return Math.Min(text.AsSpan().CommonPrefixLength(probed), prompt is null ? int.MaxValue : text.AsSpan().CommonPrefixLength(prompt));
    }

    private string Render(IEnumerable<JsonNode?> part, bool addGenerationPrompt) => format.Render(MessageList.Copy(part), addGenerationPrompt, tools);
}
