using System.Text.Json.Nodes;

namespace Caravan.Text;

/// <summary>
/// Finds out by what a template ends the model's turn: by rendering a conversation and looking at what stands between an answer and the question
/// behind it. That begins with a control token, or with the words that announce the user, at which a model that runs on must be stopped.
/// </summary>
internal static class TurnEnd
{
    private const string Question = "QQQ", Answer = "AAA";

    /// <summary>The token or the text; nothing when the template refuses such a conversation.</summary>
    public static (IReadOnlyCollection<int> Tokens, IReadOnlyList<string> Texts) Of(ChatFormat format, Tokenizer tokenizer)
    {
        if (Between(format) is not { } between) return ([], []);
        foreach (AddedToken token in tokenizer.Definition.Added.Where(token => token.Special).OrderByDescending(token => token.Content.Length))
            if (between.TrimStart().StartsWith(token.Content, StringComparison.Ordinal)) return ([token.Id], []);
        string text = FirstLine(between);
        return string.IsNullOrWhiteSpace(text) ? ([], []) : ([], [text]);
    }

    private static string? Between(ChatFormat format)
    {
        try
        {
            string text = format.Render([Message("user", "x"), Message("assistant", Answer), Message("user", Question)], addGenerationPrompt: false);
            int start = text.IndexOf(Answer, StringComparison.Ordinal) + Answer.Length, end = text.LastIndexOf(Question, StringComparison.Ordinal);
            return start >= Answer.Length && end > start ? text[start..end] : null;
        }
        catch (CaravanException)
        {
            return null;
        }
    }

    /// <summary>Leading line ends and the first line, up to a number, which the next round would not have.</summary>
    private static string FirstLine(string text)
    {
        int begin = 0;
        while (begin < text.Length && char.IsWhiteSpace(text[begin])) begin++;
        int end = begin;
        while (end < text.Length && text[end] != '\n' && !char.IsAsciiDigit(text[end])) end++;
        return text[..end].TrimEnd();
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
