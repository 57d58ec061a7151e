using System.Text;

namespace Caravan.Cli;

/// <summary>
/// Reads what a person says: a line; several lines of which all but the last end in a backslash; or everything between two lines that are
/// <c>"""</c>.
/// </summary>
internal sealed class ChatInputReader(Terminal terminal, bool isWatched)
{
    private const string Fence = "\"\"\"";

    /// <summary>The next thing said; null at the end of the input.</summary>
    public string? Read(string prompt)
    {
        string? line = ReadLine(prompt);
        if (line is null) return null;
        return line.TrimEnd() == Fence ? ReadFenced() : ReadContinued(line);
    }

    private string ReadFenced()
    {
        List<string> lines = [];
        while (ReadLine("... ") is { } line && line.TrimEnd() != Fence) lines.Add(line);
        return string.Join('\n', lines);
    }

    private string ReadContinued(string line)
    {
        StringBuilder text = new();
        while (line.EndsWith('\\'))
        {
            text.Append(line, 0, line.Length - 1).Append('\n');
            if (ReadLine("... ") is not { } next) return text.ToString();
            line = next;
        }

        return text.Append(line).ToString();
    }

    private string? ReadLine(string prompt)
    {
        if (isWatched)
        {
            terminal.Output.Write(prompt);
            terminal.Output.Flush();
        }

        string? line = terminal.Input.ReadLine();
        if (isWatched && line is null) terminal.Output.WriteLine();
        return line;
    }
}
