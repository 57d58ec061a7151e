using System.CommandLine;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Which files of training data, and how they are read.</summary>
internal sealed class DataFlags
{
    private readonly Argument<string[]> files = new("FILES")
    {
        Description = "JSON Lines, JSON, CSV, TSV or text, each also as .gz, or folders of such files.", Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> format = Flag.Text(
        "--format", "NAME", $"What the records are (default: what the fields of each file's first one say): {string.Join(", ", SampleFormats.All.Select(each => each.Name))}.");

    private readonly Option<bool> whole = Flag.Switch("--whole-files", "Take each text file for one document; else blank lines part documents.");

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols => [files, format, whole];

    /// <summary>The files; looks at the first record of each.</summary>
    /// <exception cref="CaravanException">A file is missing or empty, or its format cannot be told.</exception>
    public SampleFiles Open(ParseResult parsed) => Open(parsed, parsed.GetRequiredValue(files));

    /// <summary>Other files that are read in the same way.</summary>
    public SampleFiles Open(ParseResult parsed, IEnumerable<string> paths) =>
        new(paths, parsed.GetValue(format) is { } name ? FormatOf(name) : null, parsed.GetValue(whole));

    /// <summary>The format of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static SampleFormat FormatOf(string name)
    {
        try
        {
            return SampleFormats.Named(name);
        }
        catch (CaravanException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
