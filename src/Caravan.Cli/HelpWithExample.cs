using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Caravan.Cli;

/// <summary>The usual help, and below it an example to copy.</summary>
internal sealed class HelpWithExample(HelpAction usual, IReadOnlyDictionary<Command, Verb> verbs) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (!verbs.TryGetValue(parseResult.CommandResult.Command, out Verb? verb))
        {
            output.WriteLine("'caravan VERB --help' says more about a verb and gives an example.\n");
            return result;
        }

        foreach (HelpSection section in verb.Sections.Where(section => verb.Shows(section, parseResult))) WriteSection(output, section);
        if (verb.Notes is not null) output.WriteLine($"Notes:\n  {Indented(verb.Notes)}\n");
        output.WriteLine($"Example:\n  {Indented(verb.Example)}\n");
        return result;
    }

    /// <summary>As the usual list is written: names in a column, what they mean beside it.</summary>
    private void WriteSection(TextWriter output, HelpSection section)
    {
        (string Name, string Description)[] rows = [.. section.Options.Select(option => ($"{option.Name} <{option.HelpName}>", option.Description!))];
        if (rows.Length == 0) return;
        int column = Math.Min(38, rows.Max(row => row.Name.Length)), width = Math.Max(30, Math.Min(usual.MaxWidth, 160) - column - 4);
        output.WriteLine(section.Title);
        foreach ((string name, string description) in rows)
        {
            bool fits = name.Length <= column;
            if (!fits) output.WriteLine($"  {name}");
            string before = fits ? name : "";
            foreach (string line in Wrapped(description, width))
            {
                output.WriteLine($"  {before.PadRight(column)}  {line}");
                before = "";
            }
        }

        output.WriteLine();
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        while (text.Length > width)
        {
            int end = text.LastIndexOf(' ', width);
            if (end <= 0) break;
            yield return text[..end];
            text = text[(end + 1)..];
        }

        yield return text;
    }

    private static string Indented(string text) => text.Replace("\n", "\n  ", StringComparison.Ordinal);
}
