using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Dialogues spelled out as one text, as Anthropic's HH has them: turns begin with <c>Human:</c> and <c>Assistant:</c> behind a blank line.</summary>
internal static class DialogueText
{
    private static readonly (string Mark, string Role)[] Marks = [("\n\nHuman:", "user"), ("\n\nAssistant:", "assistant")];

    /// <summary>The messages; null when the text is no such dialogue.</summary>
    public static JsonArray? Parse(string text)
    {
        if (Marks.All(mark => !text.StartsWith(mark.Mark, StringComparison.Ordinal))) return null;
        JsonArray messages = [];
        int place = 0;
        while (place < text.Length)
        {
            (string mark, string role) = Marks.First(mark => string.CompareOrdinal(text, place, mark.Mark, 0, mark.Mark.Length) == 0);
            int start = place + mark.Length;
            place = Marks.Select(each => text.IndexOf(each.Mark, start, StringComparison.Ordinal)).Where(found => found >= 0).DefaultIfEmpty(text.Length).Min();
            string said = text[start..place].Trim();
            // A prompt may end where the answer begins.
            if (said.Length > 0 || place < text.Length) messages.Add(MessageList.Message(role, said));
        }

        return messages.Count > 0 ? messages : null;
    }
}
