using System.CommandLine;

namespace Caravan.Cli;

/// <summary>A text from the command line, a file or standard input.</summary>
/// <param name="name">The option with the text itself.</param>
/// <param name="fileName">The option with the name of a file.</param>
/// <param name="exact">
/// False takes away a mark at the start and one line end at the end, which editors and <c>echo</c> put there and no prompt means.
/// </param>
internal sealed class TextFlags(string name, string fileName, bool exact)
{
    private readonly Option<string?> text = Flag.Text(name, "TEXT", "The text; '-' reads it from standard input, which is also read when it is no terminal and nothing is given.");
    private readonly Option<string?> file = Flag.Text(fileName, "FILE", "A file with the text, in UTF-8" + (exact ? "." : "; one line end at its end is left out."));

    /// <summary>Both options.</summary>
    public IEnumerable<Symbol> Symbols => [text, file];

    /// <summary>The text, or null when none was given and nobody pipes one in.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="terminal">Where standard input is.</param>
    /// <param name="orInput">Whether standard input is read when nothing is given.</param>
    /// <exception cref="CaravanException">The file cannot be read.</exception>
    public string? Find(ParseResult parsed, Terminal terminal, bool orInput = true)
    {
        (string? given, string? path) = (parsed.GetValue(text), parsed.GetValue(file));
        if (given is not null && path is not null) throw new UsageException($"{name} and {fileName} were both given; leave one out.");
        if (given is not null && given != "-") return given;
        if (path is not null && path != "-") return Trimmed(ReadFile(path));
        if (given is not null || path is not null || (orInput && !terminal.InputIsTerminal)) return Trimmed(terminal.Input.ReadToEnd());
        return null;
    }

    /// <summary>The text.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    /// <exception cref="CaravanException">The file cannot be read.</exception>
    public string Read(ParseResult parsed, Terminal terminal) => Find(parsed, terminal)
        ?? throw new UsageException($"No text was given; use {name} TEXT, {fileName} FILE, or pipe it in.");

    private string Trimmed(string read)
    {
        if (exact) return read;
        ReadOnlySpan<char> rest = read;
        if (rest.StartsWith("\uFEFF", StringComparison.Ordinal)) rest = rest[1..];
        if (rest.EndsWith("\n", StringComparison.Ordinal)) rest = rest[..^1];
        if (rest.EndsWith("\r", StringComparison.Ordinal)) rest = rest[..^1];
        return rest.ToString();
    }

    private static string ReadFile(string path)
    {
        try
        {
            // Not ReadAllText, which takes a mark at the start away and guesses at encodings.
            return Terminal.Utf8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"The text file '{path}' cannot be read: {problem.Message}", problem);
        }
    }
}
