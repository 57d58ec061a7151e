using System.Text.RegularExpressions;
using Caravan.Formats;

namespace Caravan.Cli;

/// <summary>What can be typed instead of a question: a word behind a slash.</summary>
internal sealed partial class ChatCommands(ChatSession session, TextWriter notes)
{
    /// <summary>The commands with what they do.</summary>
    private static readonly (string Name, string Argument, string Meaning)[] All =
    [
        ("/system", "TEXT", "set the instruction above the conversation; without TEXT, show it"),
        ("/image", "FILE", "show a PNG or JPEG picture with the next question, to a model that sees"),
        ("/regenerate", "", "answer the last question anew"),
        ("/undo", "", "take back the last question and its answer"),
        ("/clear", "", "forget everything that was said"),
        ("/save", "FILE", "write the conversation to a file (JSON messages)"),
        ("/load", "FILE", "go on from a conversation in a file"),
        ("/help", "", "show this"),
        ("/quit", "", "leave"),
    ];

    /// <summary>What is to be done after a line was looked at.</summary>
    public enum Outcome
    {
        /// <summary>It was no command: the model is asked.</summary>
        Ask,

        /// <summary>The command is done.</summary>
        Done,

        /// <summary>The last question is to be answered anew.</summary>
        Regenerate,

        /// <summary>The conversation is over.</summary>
        Quit,
    }

    /// <summary>Carries out a command.</summary>
    /// <exception cref="CaravanException">A file cannot be read or written.</exception>
    public Outcome Run(string line)
    {
        if (!Command().IsMatch(line)) return Outcome.Ask;
        string[] words = line.Trim().Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string argument = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "/quit" or "/exit": return Outcome.Quit;
            case "/regenerate" when session.Turns.Count > 0: return Outcome.Regenerate;
            case "/regenerate": notes.WriteLine("[there is no question to answer yet]"); break;
            case "/system": SetSystem(argument); break;
            case "/undo": notes.WriteLine(session.Undo() is { } turn ? $"[taken back: {Short(turn.User)}]" : "[there is nothing to take back]"); break;
            case "/clear":
                session.Clear();
                notes.WriteLine("[everything that was said is forgotten]");
                break;
            case "/save" or "/load" or "/image" when argument.Length == 0: notes.WriteLine($"[{words[0]} takes the name of a file]"); break;
            case "/save":
                new ConversationFile(session.System, [.. session.Turns.Select(turn => (turn.User, turn.Assistant))]).Save(argument);
                notes.WriteLine($"[{Quantity.Of(session.Turns.Count, "turn")} written to '{argument}']");
                break;
            case "/image":
                session.Show(Picture.Load(argument));
                notes.WriteLine($"['{argument}' goes with the next question]");
                break;
            case "/load":
                session.Continue(ConversationFile.Load(argument));
                notes.WriteLine($"[{Quantity.Of(session.Turns.Count, "turn")} read from '{argument}']");
                break;
            case "/help": ShowHelp(); break;
            default: notes.WriteLine($"[there is no command '{words[0]}'.{Suggestion.DidYouMean(words[0], All.Select(command => command.Name))} /help lists them]"); break;
        }

        return Outcome.Done;
    }

    private void SetSystem(string text)
    {
        if (text.Length > 0) session.System = text;
        notes.WriteLine(session.System is { } system ? $"[system: {Short(system)}]" : "[there is no system message; /system TEXT sets one]");
    }

    private void ShowHelp()
    {
        foreach ((string name, string argument, string meaning) in All) notes.WriteLine($"  {name + " " + argument,-16}{meaning}");
        notes.WriteLine("A backslash at the end of a line goes on in the next; lines between two \"\"\" are one text. Ctrl-C stops an answer.");
    }

    private static string Short(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= 60 ? line : line[..59] + "…";
    }

    // A path such as /etc/passwd is no command.
    [GeneratedRegex(@"^/[a-z]+(\s|$)")]
    private static partial Regex Command();
}
