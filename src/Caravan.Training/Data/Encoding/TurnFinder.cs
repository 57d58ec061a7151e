using System.Text.Json.Nodes;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>
/// Finds the turns of the model in one conversation: by rendering it up to each turn, and once more with a stand-in for the answer. What both have in
/// common is the template's own.
/// </summary>
internal sealed class TurnFinder
{
    /// <summary>Stands for an answer that has no beginning and no end in common with any other.</summary>
    private const string Probe = "\uFDEF";

    private readonly ChatFormat format;
    private readonly JsonArray messages;
    private readonly JsonArray? tools;
    private readonly string[] ends;

    /// <summary>A conversation as the template takes it.</summary>
    /// <param name="format">How conversations are written.</param>
    /// <param name="messages">Prepared messages.</param>
    /// <param name="tools">Functions that the template is told of.</param>
    /// <param name="ends">By what the model's turns may end.</param>
    public TurnFinder(ChatFormat format, JsonArray messages, JsonArray? tools, string[] ends)
    {
        (this.format, this.tools, this.ends) = (format, tools, ends);
        (this.messages, Mark) = format.Guarded(messages);
    }

    /// <summary>The mark in the rendered texts; see <see cref="ChatFormat.Guarded"/>.</summary>
    public char Mark { get; }

    /// <summary>The model's turns among the last messages.</summary>
    /// <param name="tail">How many messages are looked at.</param>
    /// <exception cref="CaravanException">The template refuses the conversation.</exception>
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
        string probed = Render(messages.Take(index).Append(MessageList.Message("assistant", Probe)), addGenerationPrompt: false);
        int end = End(text, probed), own = text.AsSpan().CommonPrefixLength(probed);
        if (index == 0) return new Turn(text, own, end);
        string prompt = Render(messages.Take(index), addGenerationPrompt: true);
        int shared = text.AsSpan().CommonPrefixLength(prompt);
        if (shared == prompt.Length) return new Turn(text, shared, end);
        // Either the prompt only opens the answer differently (with a thought), or the template writes the question differently once it is answered;
        // the model then sees the former.
        return shared >= EndOfLast(prompt, messages[index - 1]!)
            ? new Turn(text, Math.Min(own, shared), end)
            : new Turn(prompt + text[own..], prompt.Length, prompt.Length + end - own);
    }

    /// <summary>Behind the first mark by which the turn may end, of what the template adds to the answer; without one behind all that is not white space.</summary>
    private int End(string text, string probed)
    {
        int added = 0;
        while (added < Math.Min(text.Length, probed.Length) && text[^(added + 1)] == probed[^(added + 1)]) added++;
        ReadOnlySpan<char> tail = text.AsSpan(text.Length - added);
        int nearest = int.MaxValue;
        foreach (string mark in ends)
            if (tail.IndexOf(mark, StringComparison.Ordinal) is >= 0 and int place) nearest = Math.Min(nearest, place + mark.Length);
        return nearest < int.MaxValue ? text.Length - added + nearest : text.AsSpan().TrimEnd().Length;
    }

    /// <summary>Where in the prompt its last message ends; 0 where it is not written as it is.</summary>
    private static int EndOfLast(string prompt, JsonNode message)
    {
        string content = MessageList.TextOf(message).Trim();
        int place = content.Length == 0 ? -1 : prompt.LastIndexOf(content, StringComparison.Ordinal);
        return place < 0 ? 0 : place + content.Length;
    }

    private string Render(IEnumerable<JsonNode?> part, bool addGenerationPrompt) => format.Render(MessageList.Copy(part), addGenerationPrompt, tools);
}
